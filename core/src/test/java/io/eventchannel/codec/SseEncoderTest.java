package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of the encoder, row by row; RoundTripTest shows that they come back. */
class SseEncoderTest {
  private static final byte[] BYTES = {0, -1};

  @Test
  void fieldsStandInOneOrderAndABlankLineEndsThem() {
    Event event = Event.of("tick", "a").withId("e-1").withTopic("prices");
    assertEquals("id: e-1\nevent: tick\ntopic: prices\ndata: a\n\n", sse(event));
  }

  @Test
  void SSE_S_06_dataIsSplitAtEveryKindOfLineEnd() {
    assertEquals("data: a\ndata: b\ndata: c\ndata: d\n\n", sse(Event.message("a\nb\rc\r\nd")));
    assertEquals("data: a\ndata:\ndata:\ndata: b\n\n", sse(Event.message("a\n\r\r\nb")));
    assertEquals("data: a\ndata:\n\n", sse(Event.message("a\n")));
    assertEquals("data:\n\n", sse(Event.message("")));
    assertEquals("data:\ndata:\n\n", sse(Event.message("\r")));
  }

  @Test
  void S02_aLoneCrInDataStartsALineOfItsOwnAndNoField() {
    Event event = Event.message("a\rid: 666\r\revent: evil\rdata: b").withId("1");
    assertEquals(
        List.of("event 1 message a\nid: 666\n\nevent: evil\ndata: b", "last id 1"),
        Transcripts.of(SseEncoder.encode(event, WireFormat.SSE)));
    assertEquals(
        List.of("event|1|message|a\nid: 666\n\nevent: evil\ndata: b"),
        ReferenceSseParser.parse(sse(event)));
  }

  @Test
  void SSE_S_07_oneSpaceAfterTheColonKeepsALeadingOne() {
    Event event = Event.of(" t", " a\n b").withId(" 1");
    assertEquals("id:  1\nevent:  t\ndata:  a\ndata:  b\n\n", sse(event));
    assertEquals(
        List.of("event  1  t  a\n b", "last id  1"),
        Transcripts.of(SseEncoder.encode(event, WireFormat.SSE)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1\n2", "1\r2", "1\0002", "\n", "1\r\n\r\ndata: x"})
  void SSE_S_08_anIdThatBreaksTheLineIsRefused(String id) {
    for (WireFormat format : WireFormat.values()) {
      EncodedEvent event = new EncodedEvent(Event.message("x").withId(id));
      String message =
          assertThrows(IllegalArgumentException.class, () -> event.bytes(format)).getMessage();
      assertTrue(message.startsWith("event id: expected no CR, LF or NUL"), message);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1\n2", "1\r2", "1\0002", "\n", "t\r\n\r\ndata: x"})
  void SSE_S_09_aTypeThatBreaksTheLineIsRefused(String type) {
    for (WireFormat format : WireFormat.values()) {
      EncodedEvent event = new EncodedEvent(Event.of(type, "x"));
      String message =
          assertThrows(IllegalArgumentException.class, () -> event.bytes(format)).getMessage();
      assertTrue(message.startsWith("event type: expected no CR, LF or NUL"), message);
    }
  }

  @Test
  void SSE_S_09_theTypeMessageIsLeftOut() {
    assertEquals("data: x\n\n", sse(Event.of("message", "x")));
    assertEquals("data: x\n\n", sse(Event.of("", "x")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\nb", "\u00e9", "a,b", "a\u0000"})
  void S01_aTopicThatIsNoneIsRefused(String topic) {
    for (WireFormat format : WireFormat.values()) {
      EncodedEvent event = new EncodedEvent(Event.message("x").withTopic(topic));
      String message =
          assertThrows(IllegalArgumentException.class, () -> event.bytes(format)).getMessage();
      assertTrue(message.startsWith("topic: expected [A-Za-z0-9._:/-]{1,200}"), message);
    }
  }

  @Test
  void SSE_S_10_everyLineOfACommentGetsItsOwnColon() {
    assertEquals(": a\n: b\n:\n: c\n\n", text(SseEncoder.comment("a\nb\r\n\rc")));
    assertEquals(":\n\n", text(SseEncoder.comment("")));
  }

  @Test
  void S03_aCommentCannotSmuggleAField() {
    assertEquals(
        List.of("comment x", "comment data: evil", "comment ", "comment retry: 1", "last id "),
        Transcripts.of(SseEncoder.comment("x\rdata: evil\n\nretry: 1")));
  }

  @Test
  void SSE_S_11_retryIsAsciiDigitsWhateverTheLocale() {
    Locale before = Locale.getDefault();
    try {
      for (String tag : List.of("ar-EG-u-nu-arab", "fa-IR-u-nu-arabext", "hi-IN-u-nu-deva")) {
        Locale.setDefault(Locale.forLanguageTag(tag));
        assertEquals("retry: 1500\n\n", text(SseEncoder.retry(1500)));
        assertEquals("retry: 0\n\n", text(SseEncoder.retry(0)));
      }
    } finally {
      Locale.setDefault(before);
    }
    assertThrows(IllegalArgumentException.class, () -> SseEncoder.retry(-1));
  }

  @Test
  void SSE_S_12_loneSurrogatesBecomeReplacementsAndAByteOrderMarkStays() {
    Event event = Event.of("t\ud800", "\ud83da\ude00\ud83d\ude00\ud83d").withId("\udfff");
    String expected = "event \ufffd t\ufffd \ufffda\ufffd\ud83d\ude00\ufffd";
    assertEquals(
        List.of(expected, "last id \ufffd"),
        Transcripts.of(SseEncoder.encode(event, WireFormat.SSE)));
    assertEquals(
        List.of("event null message \ufeffa", "last id "),
        Transcripts.of(SseEncoder.encode(Event.message("\ufeffa"), WireFormat.SSE)));
  }

  @Test
  void S04_charactersThatOnlyLookLikeLineEndsComeBack() {
    String data = "a\u2028b\u2029c\u0085d\ufeffe\u000bf\fg";
    for (WireFormat format : WireFormat.values()) {
      assertEquals(data, roundTrip(Event.message(data), format).data(), format.name());
    }
  }

  @ParameterizedTest
  @EnumSource(WireFormat.class)
  void S04_loneSurrogatesAreReplacedInEveryFormAlike(WireFormat format) {
    assertEquals(
        "\ufffda\ufffd\ud83d\ude00",
        roundTrip(Event.message("\ud83da\ude00\ud83d\ude00"), format).data());
  }

  @Test
  void binaryDataIsBase64OnlyWhereTheFormSaysSo() {
    Event event = Event.binary("b", BYTES).withId("1").withTopic("t");
    assertEquals(
        "id: 1\nevent: b\ntopic: t\nencoding: base64\ndata: AP8=\n\n",
        text(SseEncoder.encode(event, WireFormat.SSE_BASE64)));
    assertEquals(
        "encoding: base64\ndata:\n\n",
        text(SseEncoder.encode(Event.binary("", new byte[0]), WireFormat.SSE_BASE64)));
    for (WireFormat format : List.of(WireFormat.SSE, WireFormat.SSE_ENVELOPE)) {
      assertThrows(UnsupportedOperationException.class, () -> SseEncoder.encode(event, format));
    }
    assertThrows(IllegalArgumentException.class, () -> SseEncoder.encode(event, WireFormat.JSON));
  }

  @Test
  void anEnvelopeInSseIsTheIdLineAndTheEnvelopeAsOneLineOfData() {
    Event event = Event.of("tick", "a\nb").withId("1").withTopic("t");
    assertEquals(
        "id: 1\ndata: {\"id\":\"1\",\"event\":\"tick\",\"topic\":\"t\",\"data\":\"a\\nb\"}\n\n",
        text(SseEncoder.encode(event, WireFormat.SSE_ENVELOPE)));
  }

  @ParameterizedTest
  @EnumSource(WireFormat.class)
  void aPositionTravelsInEveryForm(WireFormat format) {
    Event position = Event.of("eventchannel.position", "").withId("e-7");
    assertEquals(position, roundTrip(position, format));
    if (format.isSse()) {
      assertTrue(text(new EncodedEvent(position).bytes(format)).startsWith("id: e-7\n"));
    }
  }

  /** Encodes, and reads with the reader of the form. */
  private static Event roundTrip(Event event, WireFormat format) {
    byte[] bytes = new EncodedEvent(event).bytes(format);
    if (format.isSse()) {
      RecordingSink sink = new RecordingSink();
      new SseParser(sink, Transcripts.LIMITS, "").feed(bytes, 0, bytes.length);
      assertEquals(1, sink.transcript.size());
      if (format != WireFormat.SSE_ENVELOPE) {
        return sink.events.get(0);
      }
      bytes = sink.events.get(0).data().getBytes(StandardCharsets.UTF_8);
    }
    Event[] read = new Event[1];
    new EnvelopeReader(1 << 20).read(bytes, 0, bytes.length, (seq, got) -> read[0] = got);
    return read[0];
  }

  private static String sse(Event event) {
    return text(SseEncoder.encode(event, WireFormat.SSE));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
