package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Runs a whole stream through a fresh parser, and insists that the chunking does not matter. */
final class Transcripts {
  static final SseLimits LIMITS = SseLimits.ofEvent(1 << 20);

  private Transcripts() {}

  static List<String> of(String stream) {
    return of(stream.getBytes(StandardCharsets.UTF_8));
  }

  static List<String> of(byte[] stream) {
    return of(stream, "");
  }

  /** Returns what the sink saw, and at the end the ID that a reconnect would send. */
  static List<String> of(byte[] stream, String lastEventId) {
    List<String> whole = run(List.of(stream), lastEventId);
    assertEquals(whole, run(Chunking.sizes(stream, 1), lastEventId), "byte by byte");
    assertEquals(whole, run(Chunking.random(stream, new Random(42)), lastEventId), "random cuts");
    return whole;
  }

  private static List<String> run(List<byte[]> chunks, String lastEventId) {
    RecordingSink sink = new RecordingSink();
    SseParser parser = new SseParser(sink, LIMITS, lastEventId);
    for (byte[] chunk : chunks) {
      // Changed afterwards: a parser that still looks at it would show.
      byte[] copy = chunk.clone();
      parser.feed(copy, 0, copy.length);
      Arrays.fill(copy, (byte) 'X');
    }
    parser.end();
    sink.transcript.add("last id " + parser.lastEventId());
    return sink.transcript;
  }

  static byte[] bytes(String latin1) {
    return latin1.getBytes(StandardCharsets.ISO_8859_1);
  }
}
