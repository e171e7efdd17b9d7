package io.eventchannel.okhttp;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;

/** A peer broke RFC 6455 or a limit; the message says what was expected and what came. */
final class FrameException extends Exception {
  static final int PROTOCOL_ERROR = 1002;
  static final int MALFORMED = 1007;
  static final int POLICY = 1008;
  static final int TOO_BIG = 1009;

  private static final long serialVersionUID = 1L;

  private final int closeCode;

  FrameException(int closeCode, String message) {
    super(message);
    this.closeCode = closeCode;
  }

  FrameException(int closeCode, RuntimeException cause) {
    super(cause.getMessage(), cause);
    this.closeCode = closeCode;
  }

  /** The code that the peer is told (RFC 6455, section 7.4.1). */
  int closeCode() {
    return closeCode;
  }

  CloseReason reason() {
    Throwable cause = getCause();
    return CloseReason.of(
        closeCode == TOO_BIG ? Kind.LIMIT : Kind.PROTOCOL,
        String.valueOf(getMessage()),
        cause != null ? cause : this);
  }
}
