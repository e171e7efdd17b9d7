package io.eventchannel;

/**
 * Where a channel stands. It goes CONNECTING, OPEN, then WAITING and CONNECTING any number of
 * times, and ends in CLOSED, which is final. A server's channel begins OPEN and is WAITING while it
 * has no connection.
 */
public enum ChannelState {
  /** A connection is being made. */
  CONNECTING,
  /** A connection is open and events flow. */
  OPEN,
  /** The last connection was lost; the next attempt is scheduled, or the client is paused. */
  WAITING,
  /** {@link EventChannel#close()} was called; the terminal callback has not run yet. */
  CLOSING,
  /** The end; {@link EventChannelListener#onClosed} told or is telling why. */
  CLOSED
}
