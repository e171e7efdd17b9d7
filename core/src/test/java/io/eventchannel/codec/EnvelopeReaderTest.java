package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import io.eventchannel.ProtocolException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reader takes, and the words with which it refuses the rest. */
class EnvelopeReaderTest {
  private static final int LIMIT = 1 << 16;

  @Test
  void linesEventsAndSequenceNumbersComeInOrder() {
    assertEquals(
        List.of(
            "-1 Event{id=1, type=tick, topic=prices, 1 chars}",
            "12 Event{id=null, type=chat, topic=null, 2 chars}"),
        read(
            "{\"id\":\"1\",\"event\":\"tick\",\"topic\":\"prices\",\"data\":\"a\"}\n"
                + "{\"seq\":12,\"event\":\"chat\",\"data\":\"hi\"}\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"data\":\"\"}",
        "{\"data\":\"\"}\n",
        "\n\r\n \t{\"data\":\"\"} \r\n\n",
        "{ \"data\" : \"\" }",
        "{\"data\":\"\",\"x\":1,\"y\":null,\"z\":\"s\",\"w\":true,\"v\":1.5e3}",
        "{\"data\":\"\",\"event\":\"\",\"id\":\"\"}",
        "{\"data\":\"\",\"event\":\"message\"}"
      })
  void theSameEventMayBeWrittenInManyWays(String frame) {
    assertEquals(List.of("-1 " + Event.message("")), read(frame));
  }

  @Test
  void anEmptyFrameHoldsNothing() {
    assertEquals(List.of(), read(""));
    assertEquals(List.of(), read("\n\n"));
  }

  @Test
  void rawBytesFollowTheirLineWhateverTheyHold() {
    byte[] raw = {'\n', 0, -1, '{', '\r', '\n'};
    byte[] first = EnvelopeWriter.encode(3, Event.binary("b", raw).withId("1"));
    byte[] second = EnvelopeWriter.encode(4, Event.message("after"));
    List<Event> events = new ArrayList<>();
    byte[] frame = Chunking.join(List.of(first, second));
    new EnvelopeReader(LIMIT).read(frame, 0, frame.length, (seq, event) -> events.add(event));
    assertEquals(List.of(Event.binary("b", raw).withId("1"), Event.message("after")), events);
    assertEquals(List.of("-1 " + Event.binary("", new byte[0])), read("{\"bytes\":0}"));
    assertEquals(List.of("-1 " + Event.binary("", new byte[2])), read("{\"bytes\":2}\nab"));
  }

  @ParameterizedTest
  @ValueSource(ints = {3_990, 4_000, 7_990, 8_000, 8_170, 20_000})
  void longLinesInOneFrameAreEachReadToTheirOwnEnd(int length) {
    Event event = Event.of("note", "x".repeat(length));
    byte[] line = EnvelopeWriter.encode(EnvelopeWriter.NO_SEQ, event);
    byte[] frame = Chunking.join(List.of(line, line, line, line));
    List<Event> events = new ArrayList<>();
    new EnvelopeReader(1 << 20)
        .read(frame, 0, frame.length, (seq, received) -> events.add(received));
    assertEquals(List.of(event, event, event, event), events);
  }

  @Test
  void controlMayComeWithoutData() {
    assertEquals(
        List.of("-1 " + Event.of("eventchannel.position", "").withId("e-7")),
        read("{\"event\":\"eventchannel.position\",\"id\":\"e-7\"}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|envelope: expected data or bytes, got neither",
        "{\"event\":\"a\"}|envelope: expected data or bytes, got neither",
        "{\"data\":\"a\",\"bytes\":0}|envelope: expected either data or bytes, got both",
        "{\"data\":1}|data: expected a string, got a number",
        "{\"data\":null}|data: expected a string, got null",
        "{\"data\":true}|data: expected a string, got a boolean",
        "{\"data\":{}}|data: expected a string, got an object",
        "{\"id\":[\"a\"],\"data\":\"\"}|id: expected a string, got an array",
        "{\"x\":{\"y\":1},\"data\":\"\"}|field \"x\": expected a plain value, got an object",
        "{\"x\":[[[[]]]],\"data\":\"\"}|field \"x\": expected a plain value, got an array",
        "{\"data\":\"a\",\"data\":\"b\"}|envelope: expected data once, got it twice",
        "{\"seq\":1,\"seq\":1,\"data\":\"\"}|envelope: expected seq once, got it twice",
        "{\"bytes\":1,\"bytes\":1}|envelope: expected bytes once, got it twice",
        "{\"id\":\"\",\"id\":\"\",\"data\":\"\"}|envelope: expected id once, got it twice",
        "{\"seq\":-1,\"data\":\"\"}|seq: expected 1 to 9223372036854775807, got \"-1\"",
        "{\"seq\":0,\"data\":\"\"}|seq: expected 1 to 9223372036854775807, got \"0\"",
        "{\"seq\":9223372036854775808,\"data\":\"\"}|seq: expected 1 to 9223372036854775807, got \"9223372036854775808\"",
        "{\"seq\":1.0,\"data\":\"\"}|seq: expected a whole number, got a number",
        "{\"seq\":\"1\",\"data\":\"\"}|seq: expected a whole number, got a string",
        "{\"bytes\":-1}|bytes: expected 0 to 2147483647, got \"-1\"",
        "{\"bytes\":2147483648}|bytes: expected 0 to 2147483647, got \"2147483648\"",
        "{\"bytes\":3}|bytes: expected 3 raw bytes after the line, got 0",
        "{\"topic\":\"a b\",\"data\":\"\"}|topic: expected [A-Za-z0-9._:/-]{1,200}, got \"a b\"",
        "{\"topic\":\"\",\"data\":\"\"}|topic: expected [A-Za-z0-9._:/-]{1,200}, got \"\"",
        "{\"event\":\"a\\nb\",\"data\":\"\"}|event: expected no CR, LF or NUL, got \"a?b\"",
        "{\"id\":\"a\\u0000b\",\"data\":\"\"}|id: expected no CR, LF or NUL, got \"a?b\"",
        "[]|envelope: expected one JSON object in a line, got \"[]\"",
        "hello|envelope: expected one JSON object in a line, got \"hello\"",
        "{|envelope: expected one JSON object in a line, got \"{\"",
        "{\"data\":\"|envelope: expected one JSON object in a line, got \"{?data?:?\"",
        "{\"data\":\"a\"|envelope: expected one JSON object in a line, got \"{?data?:?a?\"",
        "{\"data\":\"\"}}|envelope: expected one JSON object in a line, got \"{?data?:??}}\"",
        "{\"data\":\"\"}{\"data\":\"\"}|envelope: expected one JSON object in a line, got \"{?data?:??}{?data?:??}\"",
        "{data:\"\"}|envelope: expected one JSON object in a line, got \"{data:??}\"",
        "{'data':''}|envelope: expected one JSON object in a line, got \"{'data':''}\"",
        "{\"seq\":01,\"data\":\"\"}|envelope: expected one JSON object in a line, got \"{?seq?:01,?data?:??}\"",
        "{\"data\":\"\",}|envelope: expected one JSON object in a line, got \"{?data?:??,}\"",
        "/**/{\"data\":\"\"}|envelope: expected one JSON object in a line, got \"/**/{?data?:??}\"",
      })
  void aMistakeIsNamedWithWhatWasExpectedAndWhatCame(String frame, String message) {
    assertEquals(message, refusal(frame).getMessage());
  }

  @Test
  void foreignTextIsEchoedShortAndSafe() {
    String message = refusal("<script>\u001b[31m\u202e" + "A".repeat(1000)).getMessage();
    assertEquals(
        "envelope: expected one JSON object in a line, got \"<script>?[31m???AAAAAAAAAAAAAAAA...\"",
        message);
  }

  @Test
  void rawBytesWithoutTheirLineEndAreRefused() {
    assertEquals(
        "bytes: expected a line end after 2 raw bytes, got byte 99",
        refusal("{\"bytes\":2}\nabc").getMessage());
  }

  @Test
  void whatStandsBeforeAMistakeHasBeenDelivered() {
    byte[] frame = "{\"data\":\"a\"}\n{\"data\":1}\n".getBytes(StandardCharsets.UTF_8);
    List<Event> events = new ArrayList<>();
    assertThrows(
        ProtocolException.class,
        () ->
            new EnvelopeReader(LIMIT)
                .read(frame, 0, frame.length, (seq, event) -> events.add(event)));
    assertEquals(List.of(Event.message("a")), events);
  }

  @Test
  void anEnvelopeOverTheLimitIsRefusedByNameAndBound() {
    EnvelopeReader reader = new EnvelopeReader(20);
    assertEquals(1, count(reader, "{\"data\":\"123456789\"}"));
    for (String frame : List.of("{\"data\":\"1234567890\"}", "{\"bytes\":21}\n" + "x".repeat(21))) {
      String message =
          assertThrows(LimitExceededException.class, () -> count(reader, frame)).getMessage();
      assertEquals("maxEventBytes: expected at most 20 in an envelope, got 21", message);
    }
    assertThrows(IllegalArgumentException.class, () -> new EnvelopeReader(0));
  }

  @Test
  void loneSurrogatesHoweverWrittenBecomeReplacements() {
    byte[] frame = "{\"data\":\"\\ud83d\\ud83d\\ude00\\ude00\"}".getBytes(StandardCharsets.UTF_8);
    Event[] read = new Event[1];
    new EnvelopeReader(LIMIT).read(frame, 0, frame.length, (seq, event) -> read[0] = event);
    assertEquals("\ufffd\ud83d\ude00\ufffd", read[0].data());
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
  void noOtherEncodingThanUtf8IsTaken(String charset) {
    byte[] frame = "{\"data\":\"a\"}".getBytes(Charset.forName(charset));
    assertThrows(
        ProtocolException.class,
        () -> new EnvelopeReader(LIMIT).read(frame, 0, frame.length, (seq, event) -> {}));
  }

  @Test
  void S30_deepNestingLongNumbersAndLongNamesAreRefusedAtOnce() {
    String deep = "{\"x\":" + "[".repeat(60_000);
    String number = "{\"seq\":" + "9".repeat(60_000) + ",\"data\":\"\"}";
    String unknownNumber = "{\"x\":1e" + "9".repeat(60_000) + ",\"data\":\"\"}";
    String name = "{\"" + "n".repeat(60_000) + "\":1,\"data\":\"\"}";
    for (String frame : List.of(deep, number, unknownNumber, name)) {
      assertTimeout(
          Duration.ofSeconds(30), () -> assertTrue(refusal(frame).getMessage().length() < 160));
    }
    assertEquals(
        "envelope: expected names of at most 64 characters and numbers of at most 32, got a longer one",
        refusal(name).getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void S30_aSpoiltFrameIsReadOrRefusedInOurOwnWords(long seed) {
    RandomEvents source = new RandomEvents(seed);
    Random random = source.random();
    EnvelopeReader reader = new EnvelopeReader(LIMIT);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      Event event = Event.of("t", source.text(6)).withId("1").withTopic("a");
      if (random.nextInt(4) == 0) {
        event = Event.binary("b", source.text(4).getBytes(StandardCharsets.UTF_8));
      }
      byte[] frame = EnvelopeWriter.encode(1 + random.nextInt(100), event);
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        frame[random.nextInt(frame.length)] =
            (byte)
                (random.nextBoolean()
                    ? "{}[]\":,\\u019-e.n\n".charAt(random.nextInt(17))
                    : random.nextInt(256));
      }
      try {
        reader.read(frame, 0, frame.length - random.nextInt(3), (seq, got) -> got.toString());
      } catch (ProtocolException | LimitExceededException e) {
        refused++;
        assertTrue(e.getMessage().chars().allMatch(c -> c >= 0x20 && c < 0x7F), e.getMessage());
        assertEquals(null, e.getCause());
      }
    }
    assertTrue(refused > 5_000, "hardly anything was spoilt: " + refused);
  }

  private static List<String> read(String frame) {
    byte[] bytes = ("##" + frame + "##").getBytes(StandardCharsets.UTF_8);
    List<String> seen = new ArrayList<>();
    new EnvelopeReader(LIMIT)
        .read(bytes, 2, bytes.length - 4, (seq, event) -> seen.add(seq + " " + event));
    return seen;
  }

  private static ProtocolException refusal(String frame) {
    return assertThrows(ProtocolException.class, () -> read(frame));
  }

  private static int count(EnvelopeReader reader, String frame) {
    byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
    int[] count = new int[1];
    reader.read(bytes, 0, bytes.length, (seq, event) -> count[0]++);
    return count[0];
  }
}
