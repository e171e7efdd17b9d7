package io.eventchannel.server;

import org.jspecify.annotations.Nullable;

/**
 * What a client wrote, as it may stand in an answer and in a log: printable ASCII without what
 * markup is made of, and no longer than the names that it is to be compared with.
 */
final class Quoted {
  private static final int MAX_CHARS = 120;

  private Quoted() {}

  /** Returns the text, other characters as question marks, cut to 120; "none" if there is none. */
  static String of(@Nullable String text) {
    if (text == null) {
      return "none";
    }
    int end = Math.min(text.length(), MAX_CHARS);
    StringBuilder quoted = new StringBuilder(end + 3);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean plain = c >= ' ' && c < 0x7F && "<>&\"'`\\".indexOf(c) < 0;
      quoted.append(plain ? c : '?');
    }
    return end < text.length() ? quoted.append("...").toString() : quoted.toString();
  }
}
