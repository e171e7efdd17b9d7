package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.Gap;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;

/** The metrics as a connection tells them, with the name of its transport. Thread-safe. */
final class ConnectionMetrics {
  private final ServerMetrics told;
  private final String transport;

  ConnectionMetrics(ServerMetrics told, WireFormat format) {
    this.told = told;
    this.transport = transportOf(format);
  }

  /** The name of the transport that carries a form. */
  static String transportOf(WireFormat format) {
    return format.isSse() ? "sse" : "websocket";
  }

  void opened(boolean resumed) {
    told.onOpened(transport, resumed);
  }

  void closed(CloseReason reason) {
    told.onClosed(transport, reason);
  }

  void written(Batch batch) {
    told.onWritten(transport, batch.events(), batch.size());
  }

  void replayed(int events) {
    told.onReplayed(transport, events);
  }

  void gap(Gap.Reason reason) {
    told.onGap(transport, reason);
  }

  void lag(long events, boolean beyondWindow) {
    told.onLag(transport, events, beyondWindow);
  }

  void stallBegan() {
    told.onStallBegan(transport);
  }

  void stallEnded(long nanos) {
    told.onStallEnded(transport, nanos);
  }
}
