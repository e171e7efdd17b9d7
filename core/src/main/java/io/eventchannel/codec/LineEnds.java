package io.eventchannel.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Finds CR and LF in the chunks of a stream, eight bytes at a time. Confined to its parser.
 *
 * <p>A word is passed over when no byte in it is below {@link #ABOVE_LINE_ENDS}; a byte that is
 * below and no line end (a tab, say) is looked at and passed. That costs one subtraction for both
 * characters at once, and such bytes are rare in text.
 */
final class LineEnds {
  private static final int ABOVE_LINE_ENDS = '\r' + 1;
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final byte[] NOTHING = new byte[0];

  // The chunk of the latest call and its view; callers read into the same array again and again.
  private byte[] chunk = NOTHING;
  private ByteBuffer view = ByteBuffer.wrap(NOTHING);
  private boolean passedPlain;
  private long head;

  /**
   * Returns the index of the first CR or LF in the range, which is not empty, or {@code to};
   * afterwards {@link #passedPlain} speaks of the bytes before it.
   */
  int find(byte[] bytes, int from, int to) {
    if (isEnd(bytes[from])) {
      passedPlain = true;
      return from; // a blank line, as every event has one
    }
    ByteBuffer words = view;
    if (chunk != bytes) {
      chunk = bytes;
      words = view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
    int last = to - Long.BYTES;
    head = from <= last ? words.getLong(from) : 0;
    long seen = 0;
    int i = from;
    for (; i <= last; i += Long.BYTES) {
      long word = words.getLong(i);
      seen |= word;
      // The high bit of every byte below the bound, and perhaps of bytes above such a one.
      long candidates = (word - ONES * ABOVE_LINE_ENDS) & ~word & HIGH_BITS;
      while (candidates != 0) {
        int index = i + (Long.numberOfTrailingZeros(candidates) >>> 3);
        if (isEnd(bytes[index])) {
          passedPlain = (seen & HIGH_BITS) == 0;
          return index;
        }
        seen |= HIGH_BITS;
        candidates &= candidates - 1;
      }
    }
    while (i < to && !isEnd(bytes[i])) {
      // Either is negative, which sets all bits above, for a byte that is not plain.
      seen |= bytes[i] | (bytes[i] - ABOVE_LINE_ENDS);
      i++;
    }
    passedPlain = (seen & HIGH_BITS) == 0;
    return i;
  }

  /**
   * Whether all bytes passed are ASCII from SO up for certain, so without NUL: bytes behind the end
   * may say no, since words are seen as a whole.
   */
  boolean passedPlain() {
    return passedPlain;
  }

  /**
   * The first eight bytes of the range, the first one lowest, whether or not they are all of its
   * line; 0 if the range is shorter.
   */
  long head() {
    return head;
  }

  /** Lets go of the chunk, which belongs to the caller. */
  void release() {
    chunk = NOTHING;
    view = ByteBuffer.wrap(NOTHING);
  }

  private static boolean isEnd(byte b) {
    return b == '\n' || b == '\r';
  }
}
