package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.WireFormat;
import java.io.ByteArrayOutputStream;

/** An orderly end that was asked for. Immutable. */
final class Ending {
  /** The code for whose credentials are worth nothing any more, or less (protocol rule C-1). */
  static final int CREDENTIALS = 4001;

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

  /** The last words on a connection: on SSE they carry the code, on WebSocket only a delay. */
  static byte[] lastWords(WireFormat format, int code, String reason, long delayMillis) {
    if (!format.isSse() && delayMillis == 0) {
      return SILENT;
    }
    byte[] event = new EncodedEvent(ControlEvents.goodbye(code, reason, delayMillis)).bytes(format);
    if (!format.isSse()) {
      return event;
    }
    ByteArrayOutputStream both = new ByteArrayOutputStream(event.length + 32);
    if (delayMillis > 0) {
      both.writeBytes(SseEncoder.retry(delayMillis));
    }
    both.writeBytes(event);
    return both.toByteArray();
  }
}
