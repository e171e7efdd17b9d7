package io.eventchannel.server;

import io.eventchannel.CloseReason;

/** An orderly end that was asked for. Immutable. */
final class Ending {
  /** No last words. */
  static final byte[] SILENT = new byte[0];

  final int code;
  final String text;
  final CloseReason reason;
  final byte[] last;
  final long since;

  /**
   * Creates one.
   *
   * @param last what is written last, {@link #SILENT} for nothing
   * @param since when it was asked for, in the scheduler's nanoseconds
   */
  Ending(int code, String text, CloseReason reason, byte[] last, long since) {
    this.code = code;
    this.text = text;
    this.reason = reason;
    this.last = last;
    this.since = since;
  }
}
