package io.eventchannel.server.spi;

import io.eventchannel.CloseReason;

/**
 * What an adapter tells the engine about one connection. All methods may be called from any thread,
 * also from inside a call to the {@link Outlet}; they only mark and wake, never run application
 * code and never block.
 */
public interface OutletListener {
  /** The write or ping that returned {@link Outlet.WriteResult#PENDING} is finished. */
  void ready();

  /** The peer gave the sign of life that {@link Outlet#ping()} asked for. */
  void pong();

  /**
   * The peer sent a whole message: JSON envelopes as UTF-8, one a line. The array is handed over.
   */
  void received(byte[] frame);

  /** The connection is gone, for whatever reason; only the first call counts. */
  void closed(CloseReason reason);
}
