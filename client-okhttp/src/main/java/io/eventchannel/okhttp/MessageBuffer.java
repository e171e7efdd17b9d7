package io.eventchannel.okhttp;

import java.util.Arrays;

/**
 * Collects a message that comes in pieces. It never holds more than twice what has arrived, however
 * much a header announces, and lets go of a large array once its message is over.
 */
final class MessageBuffer {
  private static final int LEAST = 512;
  private static final int KEPT = 64 * 1024;
  private static final byte[] NOTHING = new byte[0];

  private byte[] bytes = NOTHING;
  private int size;

  /**
   * Adds bytes; the caller has checked that their sum stays within its limit.
   *
   * @param most how many bytes may still come, these included: no more is grown for. That is more
   *     than what a frame announces unless it is the last one, or each small fragment would make
   *     everything be copied again
   */
  void append(byte[] from, int offset, int length, long most) {
    int least = size + length;
    if (least > bytes.length) {
      long doubled = Math.max(LEAST, 2L * least);
      long wanted = Math.min(doubled, size + most);
      bytes = Arrays.copyOf(bytes, (int) Math.min(FrameReader.MOST_BYTES, wanted));
    }
    System.arraycopy(from, offset, bytes, size, length);
    size = least;
  }

  byte[] bytes() {
    return bytes;
  }

  int size() {
    return size;
  }

  /** How many bytes of memory it holds. */
  int capacity() {
    return bytes.length;
  }

  void clear() {
    size = 0;
    if (bytes.length > KEPT) {
      bytes = NOTHING;
    }
  }
}
