package io.eventchannel;

import java.time.Duration;

/**
 * What a channel tells its application. Calls of one channel are serial and in order, never under a
 * lock and never on a thread that reads a socket; each call happens-before the next. {@link
 * #onClosed} comes exactly once and last.
 *
 * <p>A listener that throws does not silently kill its channel: on a client the error is reported
 * and the channel goes on with the next event; on a server the upstream event is refused.
 */
public interface EventChannelListener {
  /** A connection is open: the first one, or another after {@link #onConnectionLost}. */
  default void onOpen(EventChannel channel) {}

  /**
   * An event has come. Only when this returns is its position stored; with manual commit, when it
   * is committed ({@link EventChannel#commit}).
   */
  default void onEvent(EventChannel channel, Event event) {}

  /** Events are missing; the next event comes from behind the gap. */
  default void onGap(EventChannel channel, Gap gap) {}

  /**
   * A connection was lost, or an attempt to make one failed, and the channel will try again. A
   * reason of kind {@link CloseReason.Kind#LOCAL} is a change that this side made: credentials
   * renewed, a better transport, a pause. On a server: the client may come back, which {@link
   * #onOpen} then tells.
   *
   * @param retryDelay how long it waits before the next attempt; {@link
   *     java.time.temporal.ChronoUnit#FOREVER} while the client is paused; on a server, for how
   *     long the channel waits for its client
   */
  default void onConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay) {}

  /** The channel is closed for good. Nothing is called afterwards. */
  default void onClosed(EventChannel channel, CloseReason reason) {}
}
