package io.eventchannel.codec;

import java.util.Objects;

/** With what an application may close a channel, on both sides alike (protocol rule C-3). */
public final class CloseRules {
  /** The code of a close that says nothing more: done (RFC 6455, section 7.4.1). */
  public static final int NORMAL = 1000;

  /** The lowest code that is not the protocol's. */
  public static final int LOWEST_OF_APPLICATIONS = 3000;

  /** The code of a client whose channel goes on over another connection. */
  public static final int GOING_AWAY = 1001;

  /** The code of a peer that numbered what it sent in another way (protocol rule U-2). */
  public static final int SEQUENCE_HOLE = 4400;

  // RFC 6455, section 5.5: a control frame holds 125 bytes, of which the code takes two.
  private static final int MAX_REASON_BYTES = 123;

  private CloseRules() {}

  /**
   * Checks the code and the reason that an application gives.
   *
   * @throws IllegalArgumentException if the code is neither 1000 nor one of 3000 to 4999, or the
   *     reason is longer than 123 bytes of UTF-8 or holds half a surrogate pair
   */
  public static void checkApplicationClose(int code, String reason) {
    Objects.requireNonNull(reason, "reason");
    if (code != NORMAL && (code < LOWEST_OF_APPLICATIONS || code > 4999)) {
      throw new IllegalArgumentException("close code: expected 1000 or 3000 to 4999, got " + code);
    }
    int bytes = 0;
    for (int i = 0; i < reason.length(); ) {
      int point = reason.codePointAt(i);
      if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
        throw new IllegalArgumentException(
            "close reason: expected whole characters, got half a surrogate pair at index " + i);
      }
      bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      i += Character.charCount(point);
    }
    if (bytes > MAX_REASON_BYTES) {
      throw new IllegalArgumentException(
          "close reason: expected at most " + MAX_REASON_BYTES + " bytes of UTF-8, got " + bytes);
    }
  }
}
