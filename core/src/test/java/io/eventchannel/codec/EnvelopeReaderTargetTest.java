package io.eventchannel.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import io.eventchannel.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/** Any bytes as a frame of envelopes, text or binary; a seed is a frame. */
@Tag("fuzz")
class EnvelopeReaderTargetTest {
  private static final int WIDE = 1 << 24;
  private static final int NARROW = 40;

  private record Envelope(long seq, Event event) {}

  @FuzzTest(maxDuration = "1m")
  void S30_anyFrameIsReadWithinItsLimitOrRefusedInOurOwnWords(byte[] frame) {
    byte[] lent = frame.clone();
    List<Envelope> all = new ArrayList<>();
    String refusal = read(WIDE, lent, 0, lent.length, all);
    assertArrayEquals(frame, lent, "the frame is the caller's");

    // Where it lies in a larger array does not matter.
    byte[] among = Chunking.join(List.of("{}\n".getBytes(UTF_8), frame, "\n{}".getBytes(UTF_8)));
    List<Envelope> moved = new ArrayList<>();
    assertEquals(refusal, read(WIDE, among, 3, frame.length, moved));
    assertEquals(all, moved);

    // A limit cuts the list short and lets nothing pass that is longer.
    List<Envelope> few = new ArrayList<>();
    read(NARROW, frame, 0, frame.length, few);
    assertEquals(all.subList(0, few.size()), few);
    for (Envelope envelope : few) {
      Event event = envelope.event();
      int length = event.isBinary() ? event.bytes().length : event.data().length();
      assertTrue(length <= NARROW, () -> "let through: " + envelope);
    }

    // What was taken is an event that we would have written.
    for (Envelope envelope : all) {
      byte[] written = EnvelopeWriter.encode(envelope.seq(), envelope.event());
      List<Envelope> again = new ArrayList<>();
      assertNull(read(WIDE, written, 0, written.length, again));
      assertEquals(List.of(envelope), again);
    }
  }

  /** Returns the words of the refusal, null if there was none. */
  private static @Nullable String read(
      int limit, byte[] frame, int offset, int length, List<Envelope> into) {
    try {
      new EnvelopeReader(limit)
          .read(frame, offset, length, (seq, event) -> into.add(new Envelope(seq, event)));
      return null;
    } catch (ProtocolException | LimitExceededException e) {
      String words = e.getMessage();
      assertTrue(words.length() < 200, words);
      assertTrue(words.chars().allMatch(c -> c >= 0x20 && c < 0x7F), words);
      assertNull(e.getCause());
      return words;
    }
  }
}
