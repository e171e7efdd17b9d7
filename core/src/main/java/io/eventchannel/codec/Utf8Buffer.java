package io.eventchannel.codec;

import java.util.Arrays;

/**
 * Bytes that grow, and text written into them as UTF-8. A lone surrogate becomes U+FFFD, as it does
 * in a browser, where the platform's own encoder would write a question mark. Confined to one call.
 */
final class Utf8Buffer {
  private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private byte[] bytes;
  private int length;

  /** Creates a buffer; the guess saves copies when it is right. */
  Utf8Buffer(int guess) {
    bytes = new byte[Math.max(32, guess)];
  }

  byte[] toByteArray() {
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  Utf8Buffer put(char ascii) {
    ensure(1);
    bytes[length++] = (byte) ascii;
    return this;
  }

  Utf8Buffer put(byte[] raw) {
    ensure(raw.length);
    System.arraycopy(raw, 0, bytes, length, raw.length);
    length += raw.length;
    return this;
  }

  /** Writes a number in ASCII digits, whatever the locale. */
  Utf8Buffer put(long number) {
    return put(Long.toString(number));
  }

  Utf8Buffer put(String text) {
    return put(text, 0, text.length());
  }

  Utf8Buffer put(String text, int from, int to) {
    ensure(to - from);
    int i = from;
    while (i < to) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        break;
      }
      bytes[length++] = (byte) c;
      i++;
    }
    if (i < to) {
      ensure(3L * (to - i));
      while (i < to) {
        i += putCodePoint(text, i);
      }
    }
    return this;
  }

  /** Writes a JSON string with its quotes; no line end stands unescaped in it. */
  Utf8Buffer putJson(String text) {
    int end = text.length();
    put('"');
    int i = 0;
    while (i < end) {
      ensure(6);
      char c = text.charAt(i);
      if (c >= 0x80) {
        i += putCodePoint(text, i);
        continue;
      }
      i++;
      if (c >= 0x20 && c != '"' && c != '\\') {
        bytes[length++] = (byte) c;
      } else {
        putEscaped(c);
      }
    }
    return put('"');
  }

  private void putEscaped(char c) {
    bytes[length++] = '\\';
    switch (c) {
      case '"':
      case '\\':
        bytes[length++] = (byte) c;
        break;
      case '\n':
        bytes[length++] = 'n';
        break;
      case '\r':
        bytes[length++] = 'r';
        break;
      case '\t':
        bytes[length++] = 't';
        break;
      default:
        bytes[length++] = 'u';
        bytes[length++] = '0';
        bytes[length++] = '0';
        bytes[length++] = HEX[c >> 4];
        bytes[length++] = HEX[c & 0xF];
    }
  }

  /** Writes the code point at an index, for which there is room, and returns its chars. */
  private int putCodePoint(String text, int index) {
    char c = text.charAt(index);
    if (c < 0x80) {
      bytes[length++] = (byte) c;
      return 1;
    }
    if (c < 0x800) {
      bytes[length++] = (byte) (0xC0 | c >> 6);
      bytes[length++] = (byte) (0x80 | (c & 0x3F));
      return 1;
    }
    int codePoint = c;
    if (Character.isSurrogate(c)) {
      codePoint = text.codePointAt(index);
      if (codePoint > 0xFFFF) {
        bytes[length++] = (byte) (0xF0 | codePoint >> 18);
        bytes[length++] = (byte) (0x80 | (codePoint >> 12 & 0x3F));
        bytes[length++] = (byte) (0x80 | (codePoint >> 6 & 0x3F));
        bytes[length++] = (byte) (0x80 | (codePoint & 0x3F));
        return 2;
      }
      codePoint = Utf8.REPLACEMENT;
    }
    bytes[length++] = (byte) (0xE0 | codePoint >> 12);
    bytes[length++] = (byte) (0x80 | (codePoint >> 6 & 0x3F));
    bytes[length++] = (byte) (0x80 | (codePoint & 0x3F));
    return 1;
  }

  private void ensure(long more) {
    long wanted = length + more;
    if (wanted > bytes.length) {
      if (wanted > MAX_LENGTH) {
        throw new IllegalArgumentException(
            "event: expected at most " + MAX_LENGTH + " encoded bytes, got up to " + wanted);
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_LENGTH, Math.max(wanted, 2L * bytes.length)));
    }
  }
}
