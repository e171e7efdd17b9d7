package io.eventchannel;

import org.jspecify.annotations.Nullable;

/**
 * Text of others as it may stand in a line of a log: on that line, whatever it holds, and not much
 * longer than a name is.
 */
final class Printable {
  private static final int MAX_CHARS = 200;

  private Printable() {}

  /** Returns the text, controls and what else ends a line escaped, cut to 200 characters. */
  static String of(@Nullable String text) {
    if (text == null) {
      return "null";
    }
    StringBuilder line = new StringBuilder(Math.min(text.length(), MAX_CHARS) + 16);
    int end = Math.min(text.length(), MAX_CHARS);
    for (int i = 0; i < end; ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      if (isPlain(point)) {
        line.appendCodePoint(point);
      } else {
        line.append(String.format("\\u%04x", point));
      }
    }
    return text.length() > end ? line.append("...").toString() : line.toString();
  }

  private static boolean isPlain(int point) {
    switch (Character.getType(point)) {
      case Character.CONTROL:
      case Character.FORMAT: // among them those that turn the direction of what follows
      case Character.LINE_SEPARATOR:
      case Character.PARAGRAPH_SEPARATOR:
      case Character.SURROGATE:
        return false;
      default:
        return true;
    }
  }
}
