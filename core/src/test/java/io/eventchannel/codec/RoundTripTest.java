package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes out comes back, or does not go out: seeded events through both codecs. */
class RoundTripTest {
  private static final int EVENTS = 10_000;
  private static final int LIMIT = 1 << 20;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void SSE_S_13_parsedEventsAreTheEncodedOnesInAnyChunking(long seed) {
    RandomEvents source = new RandomEvents(seed);
    List<byte[]> encoded = new ArrayList<>();
    List<Event> expected = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < EVENTS; i++) {
      Event event = source.next();
      if (mayTravel(event)) {
        encoded.add(SseEncoder.encode(event, WireFormat.SSE_BASE64));
        expected.add(throughSse(event, expected));
      } else {
        assertRefused(() -> SseEncoder.encode(event, WireFormat.SSE_BASE64));
        refused++;
      }
    }
    RecordingSink sink = new RecordingSink();
    SseParser parser = new SseParser(sink, SseLimits.ofEvent(LIMIT), "", true);
    for (byte[] chunk : Chunking.random(Chunking.join(encoded), source.random())) {
      parser.feed(chunk, 0, chunk.length);
    }
    parser.end();
    assertEquals(expected, sink.events);
    assertEquals(List.of(), sink.retries);
    assertEquals(List.of(), sink.comments);
    assertBothKinds(expected.size(), refused);
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6})
  void SSE_S_13_envelopesInSseCarryTheEvent(long seed) {
    RandomEvents source = new RandomEvents(seed);
    EnvelopeReader reader = new EnvelopeReader(LIMIT);
    for (int i = 0; i < EVENTS; i++) {
      Event event = source.next();
      if (mayTravel(event) && !event.isBinary()) {
        RecordingSink sink = new RecordingSink();
        SseParser parser = new SseParser(sink, SseLimits.ofEvent(LIMIT), "");
        byte[] bytes = SseEncoder.encode(event, WireFormat.SSE_ENVELOPE);
        parser.feed(bytes, 0, bytes.length);
        assertEquals(1, sink.events.size());
        assertEquals(Event.DEFAULT_TYPE, sink.events.get(0).type());
        assertEquals(throughEnvelope(event).id(), sink.events.get(0).id());
        byte[] line = sink.events.get(0).data().getBytes(StandardCharsets.UTF_8);
        List<Event> read = new ArrayList<>();
        reader.read(line, 0, line.length, (seq, got) -> read.add(got));
        assertEquals(List.of(throughEnvelope(event)), read);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9})
  void readEnvelopesAreTheWrittenOnesManyToAFrame(long seed) {
    RandomEvents source = new RandomEvents(seed);
    List<byte[]> encoded = new ArrayList<>();
    List<Event> expected = new ArrayList<>();
    List<Long> expectedSeqs = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < EVENTS; i++) {
      Event event = source.next();
      long seq =
          source.random().nextBoolean()
              ? EnvelopeWriter.NO_SEQ
              : source.random().nextLong() >>> 1 | 1;
      if (mayTravel(event)) {
        encoded.add(EnvelopeWriter.encode(seq, event));
        expected.add(throughEnvelope(event));
        expectedSeqs.add(seq);
      } else {
        assertRefused(() -> EnvelopeWriter.encode(seq, event));
        refused++;
      }
    }
    byte[] frame = Chunking.join(encoded);
    List<Event> events = new ArrayList<>();
    List<Long> seqs = new ArrayList<>();
    new EnvelopeReader(LIMIT)
        .read(
            frame,
            0,
            frame.length,
            (seq, event) -> {
              seqs.add(seq);
              events.add(event);
            });
    assertEquals(expected, events);
    assertEquals(expectedSeqs, seqs);
    assertBothKinds(expected.size(), refused);
  }

  @Test
  void S01_anythingInTypeIdOrTopicIsOneEventOrRefused() {
    RandomEvents source = new RandomEvents(10);
    for (int i = 0; i < EVENTS; i++) {
      Event event = Event.of(source.text(4), "x").withId(source.text(4)).withTopic(source.text(1));
      byte[] bytes;
      try {
        bytes = SseEncoder.encode(event, WireFormat.SSE);
      } catch (IllegalArgumentException e) {
        assertTrue(!mayTravel(event), () -> "refused without need: " + event);
        continue;
      }
      RecordingSink sink = new RecordingSink();
      new SseParser(sink, SseLimits.ofEvent(LIMIT), "").feed(bytes, 0, bytes.length);
      assertEquals(1, sink.transcript.size());
      assertEquals(throughSse(event, List.of()), sink.events.get(0));
    }
  }

  private static void assertRefused(Runnable encode) {
    assertThrows(IllegalArgumentException.class, encode::run);
  }

  private static void assertBothKinds(int passed, int refused) {
    assertTrue(passed > EVENTS / 4, () -> "too few passed: " + passed);
    assertTrue(refused > EVENTS / 20, () -> "too few refused: " + refused);
  }

  /** The rule E-2, said once more in other words. */
  private static boolean mayTravel(Event event) {
    return oneLine(event.type())
        && (event.id() == null || oneLine(event.id()))
        && (event.topic() == null || event.topic().matches("[A-Za-z0-9._:/-]{1,200}"));
  }

  private static boolean oneLine(String text) {
    return text.indexOf('\r') < 0 && text.indexOf('\n') < 0 && text.indexOf('\0') < 0;
  }

  /** What SSE alone changes: line ends in data, and the id that an event without one inherits. */
  private static Event throughSse(Event event, List<Event> before) {
    Event clean = throughEnvelope(event);
    String id = clean.id();
    if (id == null && !before.isEmpty()) {
      id = before.get(before.size() - 1).id();
    }
    Event same =
        clean.isBinary()
            ? Event.binary(clean.type(), clean.bytes())
            : Event.of(clean.type(), clean.data().replace("\r\n", "\n").replace('\r', '\n'));
    return same.withId(id).withTopic(clean.topic());
  }

  /** What every form changes: lone surrogates. */
  private static Event throughEnvelope(Event event) {
    Event same =
        event.isBinary()
            ? Event.binary(scalar(event.type()), event.bytes())
            : Event.of(scalar(event.type()), scalar(event.data()));
    return same.withId(event.id() == null ? null : scalar(event.id())).withTopic(event.topic());
  }

  private static String scalar(String text) {
    int[] codePoints =
        text.codePoints().map(c -> c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c).toArray();
    return new String(codePoints, 0, codePoints.length);
  }
}
