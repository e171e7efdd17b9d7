package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.LimitExceededException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the parser refuses to hold, and what it lets pass. */
class SseLimitsTest {
  @Test
  void SSE_P_33_aLineOverTheLimitIsRefusedByNameAndBound() {
    SseLimits limits = new SseLimits(10, 100);
    assertEquals(1, feed(limits, "data: 1234\n\n", 100).events.size());
    for (int size : new int[] {1, 3, 100}) {
      LimitExceededException e =
          assertThrows(LimitExceededException.class, () -> feed(limits, "data: 12345\n\n", size));
      assertTrue(e.getMessage().contains("maxLineBytes"), e.getMessage());
      assertTrue(e.getMessage().contains("10"), e.getMessage());
    }
  }

  @Test
  void SSE_P_33_anEventOverTheLimitIsRefusedByNameAndBoundAfterThoseBeforeIt() {
    SseLimits limits = new SseLimits(10, 3 * (10 + SseBlock.LINE_OVERHEAD));
    String fits = "data: 1234\n".repeat(3) + "\n";
    for (int size : new int[] {1, 7, 1000}) {
      assertEquals(2, feed(limits, fits + fits, size).events.size());
      RecordingSink sink = new RecordingSink();
      LimitExceededException e =
          assertThrows(
              LimitExceededException.class, () -> feed(sink, limits, fits + "x\n" + fits, size));
      assertTrue(e.getMessage().contains("maxEventBytes"), e.getMessage());
      assertTrue(e.getMessage().contains("54"), e.getMessage());
      assertEquals(1, sink.events.size());
    }
  }

  @Test
  void S05_aLineWithoutEndIsRefusedAtTheLimit() {
    RecordingSink sink = new RecordingSink();
    SseParser parser = new SseParser(sink, SseLimits.ofEvent(1 << 16), "");
    byte[] chunk = "d".repeat(1000).getBytes(StandardCharsets.US_ASCII);
    assertEquals(66, chunksUntilRefused(parser, chunk));
  }

  @Test
  void S05_dataLinesWithoutABlankLineAreRefusedAtTheLimit() {
    SseParser parser = new SseParser(new RecordingSink(), SseLimits.ofEvent(1 << 16), "");
    byte[] chunk = ("data: " + "d".repeat(994 - 8) + "\n").getBytes(StandardCharsets.US_ASCII);
    assertEquals(66, chunksUntilRefused(parser, chunk));
  }

  @Test
  void S05_emptyDataLinesCostMoreThanTheirBytes() {
    SseParser parser = new SseParser(new RecordingSink(), SseLimits.ofEvent(1 << 16), "");
    byte[] chunk = "data\n".getBytes(StandardCharsets.US_ASCII);
    assertEquals((1 << 16) / (4 + SseBlock.LINE_OVERHEAD) + 1, chunksUntilRefused(parser, chunk));
  }

  @Test
  void S05_unknownFieldsWithoutABlankLineAreRefusedAtTheLimit() {
    SseParser parser = new SseParser(new RecordingSink(), SseLimits.ofEvent(1 << 16), "");
    byte[] chunk = "x\n".getBytes(StandardCharsets.US_ASCII);
    assertEquals((1 << 16) / (1 + SseBlock.LINE_OVERHEAD) + 1, chunksUntilRefused(parser, chunk));
  }

  @Test
  void aHeartbeatOfCommentsMayLastForEver() {
    RecordingSink sink = feed(SseLimits.ofEvent(100), ": beat\n".repeat(10_000), 64);
    assertEquals(10_000, sink.comments.size());
  }

  @Test
  void limitsThatContradictEachOtherAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new SseLimits(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new SseLimits(2, 1));
  }

  /** Feeds the chunk over and over; a parser that never refuses runs into the bound here. */
  private static int chunksUntilRefused(SseParser parser, byte[] chunk) {
    for (int n = 1; n <= 1_000_000; n++) {
      try {
        parser.feed(chunk, 0, chunk.length);
      } catch (LimitExceededException e) {
        return n;
      }
    }
    throw new AssertionError("a million chunks were taken");
  }

  private static RecordingSink feed(SseLimits limits, String stream, int chunkSize) {
    RecordingSink sink = new RecordingSink();
    feed(sink, limits, stream, chunkSize);
    return sink;
  }

  private static void feed(RecordingSink sink, SseLimits limits, String stream, int chunkSize) {
    SseParser parser = new SseParser(sink, limits, "");
    List<byte[]> chunks = Chunking.sizes(stream.getBytes(StandardCharsets.US_ASCII), chunkSize);
    for (byte[] chunk : chunks) {
      parser.feed(chunk, 0, chunk.length);
    }
  }
}
