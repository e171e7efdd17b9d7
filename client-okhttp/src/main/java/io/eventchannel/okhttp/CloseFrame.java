package io.eventchannel.okhttp;

import java.nio.charset.StandardCharsets;

/** What a close frame says (RFC 6455, sections 5.5.1 and 7.4). Immutable. */
final class CloseFrame {
  /** How one without a code reads; it is never sent. */
  static final int NO_STATUS = 1005;

  private final int code;
  private final String reason;

  private CloseFrame(int code, String reason) {
    this.code = code;
    this.reason = reason;
  }

  /** Reads the payload, which lies at the beginning of the array. */
  static CloseFrame read(byte[] payload, int length) throws FrameException {
    if (length == 0) {
      return new CloseFrame(NO_STATUS, "");
    }
    if (length == 1) {
      throw new FrameException(
          FrameException.PROTOCOL_ERROR,
          "close frame: expected a code of two bytes or nothing, got one byte");
    }
    int code = ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
    if (!mayBeSent(code)) {
      throw new FrameException(
          FrameException.PROTOCOL_ERROR, "close code: expected one that may be sent, got " + code);
    }
    Utf8Check utf8 = new Utf8Check();
    if (!utf8.accepts(payload, 2, length) || !utf8.isComplete()) {
      throw new FrameException(
          FrameException.MALFORMED, "close reason: expected UTF-8, got other bytes");
    }
    return new CloseFrame(code, new String(payload, 2, length - 2, StandardCharsets.UTF_8));
  }

  /** Section 7.4, and the codes registered since. */
  private static boolean mayBeSent(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014)
        || (code >= 3000 && code <= 4999);
  }

  /**
   * Returns the payload that says a code and a reason; nothing for {@link #NO_STATUS}.
   *
   * @param reason at most 123 bytes of UTF-8
   */
  static byte[] payload(int code, String reason) {
    if (code == NO_STATUS) {
      return new byte[0];
    }
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    byte[] payload = new byte[2 + text.length];
    payload[0] = (byte) (code >>> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, 2, text.length);
    return payload;
  }

  int code() {
    return code;
  }

  String reason() {
    return reason;
  }
}
