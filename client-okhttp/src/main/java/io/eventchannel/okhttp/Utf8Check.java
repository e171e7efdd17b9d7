package io.eventchannel.okhttp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Checks that bytes are UTF-8 as they come in, in any pieces, and says so at the first wrong byte
 * (RFC 3629, section 4). Eight bytes of ASCII are passed over at once.
 */
final class Utf8Check {
  private static final long HIGH_BITS = 0x8080808080808080L;

  // How many bytes the character still needs, and what the next of them may be.
  private int needed;
  private int lower = 0x80;
  private int upper = 0xBF;

  /** Takes further bytes; false if they cannot be UTF-8, and then there is no going on. */
  boolean accepts(byte[] bytes, int from, int to) {
    int i = from;
    while (i < to) {
      if (needed == 0) {
        i = skipAscii(bytes, i, to);
        if (i == to) {
          return true;
        }
      }
      if (!accepts(bytes[i++] & 0xFF)) {
        return false;
      }
    }
    return true;
  }

  private static int skipAscii(byte[] bytes, int from, int to) {
    int i = from;
    if (to - i >= Long.BYTES && bytes[i] >= 0) {
      ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()); // any will do
      while (i <= to - Long.BYTES && (words.getLong(i) & HIGH_BITS) == 0) {
        i += Long.BYTES;
      }
    }
    while (i < to && bytes[i] >= 0) {
      i++;
    }
    return i;
  }

  private boolean accepts(int b) {
    if (needed > 0) {
      if (b < lower || b > upper) {
        return false;
      }
      lower = 0x80;
      upper = 0xBF;
      needed--;
      return true;
    }
    if (b < 0x80) {
      return true;
    }
    if (b >= 0xC2 && b <= 0xDF) {
      needed = 1;
    } else if (b >= 0xE0 && b <= 0xEF) {
      lower = b == 0xE0 ? 0xA0 : 0x80; // no overlong forms
      upper = b == 0xED ? 0x9F : 0xBF; // no surrogates
      needed = 2;
    } else if (b >= 0xF0 && b <= 0xF4) {
      lower = b == 0xF0 ? 0x90 : 0x80; // no overlong forms
      upper = b == 0xF4 ? 0x8F : 0xBF; // nothing past U+10FFFF
      needed = 3;
    } else {
      return false;
    }
    return true;
  }

  /** Whether no character is unfinished. */
  boolean isComplete() {
    return needed == 0;
  }
}
