package io.eventchannel.okhttp;

import io.eventchannel.Event;
import io.eventchannel.codec.EnvelopeWriter;
import io.eventchannel.transport.ConnectionInfo;
import okhttp3.Response;

/** What the messages of a connection are (protocol rule W-3). */
enum MessageFormat {
  /** Of a server that is none of ours: a message is the data of one {@code message} event. */
  RAW,
  /** Envelopes, those of text events in text messages. */
  JSON,
  /** Envelopes, all in binary messages. */
  BYTES;

  // More than a server of ours puts into one message when it is several events.
  private static final int BATCH_BYTES = 64 * 1024;

  /** Returns the one that an accepted handshake agreed on. */
  static MessageFormat of(Response response) {
    String selected = UpgradeHandshake.selected(response);
    if (selected == null && !Wire.isRecognised(response)) {
      return RAW;
    }
    return UpgradeHandshake.BYTES.equals(selected) ? BYTES : JSON;
  }

  /** What the head has told of the server; a server of ours tells the rest in its hello. */
  ConnectionInfo info() {
    return this == RAW ? ConnectionInfo.foreign().sending() : new ConnectionInfo(true, null, -1);
  }

  /**
   * How long a message may be. An envelope is a line and perhaps raw bytes, each of which may be as
   * long as an event; its reader has the last word on them.
   */
  int mostBytes(int maxEventBytes) {
    return this == RAW
        ? maxEventBytes
        : (int) Math.min(FrameReader.MOST_BYTES, 2L * maxEventBytes + BATCH_BYTES);
  }

  /** What the limit is called. */
  String limitName() {
    return this == RAW ? "maxEventBytes" : "envelopes";
  }

  int opcode(Event event) {
    return event.isBinary() || this == BYTES ? FrameWriter.BINARY : FrameWriter.TEXT;
  }

  byte[] encode(long seq, Event event) {
    if (this != RAW) {
      return EnvelopeWriter.encode(seq, event);
    }
    return event.isBinary() ? event.bytes() : FrameWriter.utf8(event.data());
  }
}
