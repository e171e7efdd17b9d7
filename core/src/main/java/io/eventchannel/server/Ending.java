package io.eventchannel.server;

import io.eventchannel.CloseReason;

/** An orderly end that was asked for. Immutable. */
final class Ending {
  final int code;
  final String text;
  final CloseReason reason;
  final long since;

  /**
   * Creates one.
   *
   * @param since when it was asked for, in the scheduler's nanoseconds
   */
  Ending(int code, String text, CloseReason reason, long since) {
    this.code = code;
    this.text = text;
    this.reason = reason;
    this.since = since;
  }
}
