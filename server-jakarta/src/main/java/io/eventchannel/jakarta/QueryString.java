package io.eventchannel.jakarta;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/**
 * Splits a raw query string into decoded names and values. The container's {@code getParameter} is
 * no substitute: it consumes the body of a form POST, decodes by the container's settings, and
 * drops in silence what it cannot decode.
 */
final class QueryString {
  private QueryString() {}

  /**
   * Passes each parameter to {@code sink}, in order; a name without {@code =} has an empty value.
   *
   * @throws IllegalArgumentException if an escape is malformed or does not stand for UTF-8
   */
  static void parse(String raw, BiConsumer<String, String> sink) {
    int start = 0;
    while (start <= raw.length()) {
      int end = raw.indexOf('&', start);
      if (end < 0) {
        end = raw.length();
      }
      if (end > start) {
        int equals = raw.indexOf('=', start);
        boolean hasValue = equals >= 0 && equals < end;
        sink.accept(
            decode(raw, start, hasValue ? equals : end),
            hasValue ? decode(raw, equals + 1, end) : "");
      }
      start = end + 1;
    }
  }

  private static String decode(String raw, int from, int to) {
    boolean plain = true;
    for (int i = from; i < to && plain; i++) {
      char c = raw.charAt(i);
      plain = c != '%' && c != '+' && c < 0x80;
    }
    if (plain) {
      return raw.substring(from, to);
    }
    ByteBuffer bytes = ByteBuffer.allocate(to - from);
    for (int i = from; i < to; i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        int high = i + 2 < to ? hexDigit(raw.charAt(i + 1)) : -1;
        int low = i + 2 < to ? hexDigit(raw.charAt(i + 2)) : -1;
        if (high < 0 || low < 0) {
          throw new IllegalArgumentException("query: expected two hexadecimal digits after %");
        }
        bytes.put((byte) (high << 4 | low));
        i += 2;
      } else if (c < 0x100) { // a container hands raw bytes over as ISO-8859-1
        bytes.put((byte) (c == '+' ? ' ' : c));
      } else {
        throw new IllegalArgumentException("query: expected ASCII, got U+" + hex(c));
      }
    }
    bytes.flip();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("query: expected percent-encoded UTF-8", e);
    }
  }

  private static int hexDigit(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1; // other scripts have digits, too
  }

  private static String hex(char c) {
    return Integer.toHexString(0x10000 | c).substring(1);
  }
}
