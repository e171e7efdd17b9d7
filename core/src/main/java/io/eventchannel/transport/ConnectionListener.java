package io.eventchannel.transport;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Connection} tells the engine. Calls of one connection are serial, from any thread,
 * in this order: {@link #onOpen} at most once, then any of the others, then {@link #onClosed}
 * exactly once and last. They return quickly and never throw; the engine ignores all of them once
 * it has given the connection up.
 */
public interface ConnectionListener {
  /** The handshake is done: the response head, or its like, is in. */
  void onOpen(ConnectionInfo info);

  /**
   * Bytes came, whatever they were: comments, pings, part of an event. Need not come for bytes that
   * another callback tells.
   */
  void onActivity();

  /**
   * An event came.
   *
   * @param position what the position becomes with this event: an event ID, the empty string if the
   *     server took the position back, or null if this event does not move it
   */
  void onEvent(Event event, @Nullable String position);

  /** The position moved without an event; the empty string takes it back. */
  void onPosition(String position);

  /** The server asked for another reconnection time; already clamped to what a long can hold. */
  void onRetryHint(long millis);

  /** Every sent event up to {@code seq} is decided: taken, unless it was refused before. */
  void onAcknowledged(long seq);

  /**
   * One sent event was not taken. If the server has not counted its number yet, the connection
   * sends {@code eventchannel.skip} under it (protocol rule U-9).
   */
  void onRefused(long seq, String reason);

  /** The connection ended, or could not be made; nothing follows. */
  void onClosed(ConnectionEnd end);

  /** How a connection ended: the reason, and what the last answer said about coming back. */
  final class ConnectionEnd {
    private final CloseReason reason;
    private final boolean recognised;
    private final long retryAfterMillis;

    /**
     * Creates an end.
     *
     * @param recognised whether the answer carried {@code EventChannel-Version}
     * @param retryAfterMillis what {@code Retry-After} asked for, in milliseconds from now; -1 if
     *     nothing
     */
    public ConnectionEnd(CloseReason reason, boolean recognised, long retryAfterMillis) {
      this.reason = reason;
      this.recognised = recognised;
      this.retryAfterMillis = retryAfterMillis;
    }

    /** Returns an end of which no HTTP answer told more. */
    public static ConnectionEnd of(CloseReason reason) {
      return new ConnectionEnd(reason, false, -1);
    }

    /** Why. */
    public CloseReason reason() {
      return reason;
    }

    /** Whether a server of ours said so. */
    public boolean recognised() {
      return recognised;
    }

    /** What {@code Retry-After} asked for, in milliseconds from now; -1 if nothing. */
    public long retryAfterMillis() {
      return retryAfterMillis;
    }

    @Override
    public String toString() {
      return reason.toString();
    }
  }
}
