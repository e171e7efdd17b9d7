package io.eventchannel.server;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Texts that others read in a close frame or a status line. */
final class OneLine {
  /** A close frame has room for so many bytes (RFC 6455, section 5.5). */
  private static final int MAX_BYTES = 123;

  private OneLine() {}

  /** Returns the text on one line, without controls, cut at a code point to 123 bytes of UTF-8. */
  static String of(@Nullable String text) {
    if (text == null) {
      return "";
    }
    StringBuilder line = new StringBuilder();
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      boolean plain = !Character.isISOControl(point) && !(point >= 0xD800 && point <= 0xDFFF);
      int shown = plain ? point : ' ';
      bytes += new String(Character.toChars(shown)).getBytes(StandardCharsets.UTF_8).length;
      if (bytes > MAX_BYTES) {
        break;
      }
      line.appendCodePoint(shown);
    }
    return line.toString();
  }
}
