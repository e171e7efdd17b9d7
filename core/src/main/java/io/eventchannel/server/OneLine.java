package io.eventchannel.server;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Texts that others read in a close frame or a status line. */
final class OneLine {
  /** A close frame has room for so many bytes (RFC 6455, section 5.5). */
  private static final int MAX_BYTES = 123;

  /** Room for two origins of usual length in a sentence, and no more than a line. */
  private static final int MAX_ANSWER_BYTES = 400;

  private OneLine() {}

  /** Returns the text on one line, without controls, cut at a code point to 123 bytes of UTF-8. */
  static String of(@Nullable String text) {
    return of(text, MAX_BYTES);
  }

  /**
   * Returns the text as {@link #of} does, with what tags and entities begin and end with masked.
   */
  static String withoutMarkup(@Nullable String text) {
    return of(text).replaceAll("[<>&]", "?");
  }

  /** Returns the text as {@link #of} does, cut to the length of an answer's body. */
  static String ofAnswer(@Nullable String text) {
    return of(text, MAX_ANSWER_BYTES);
  }

  private static String of(@Nullable String text, int maxBytes) {
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
      if (bytes > maxBytes) {
        break;
      }
      line.appendCodePoint(shown);
    }
    return line.toString();
  }
}
