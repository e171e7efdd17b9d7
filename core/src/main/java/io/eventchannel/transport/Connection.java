package io.eventchannel.transport;

import io.eventchannel.Event;

/**
 * One physical connection, or an attempt to make one. Used once: after its end a new one is made.
 * No method blocks; all may be called from any thread, also inside a callback.
 */
public interface Connection {
  /**
   * Sends one event upstream. Its fate is told by {@link ConnectionListener#onAcknowledged} and
   * {@link ConnectionListener#onRefused}; when the connection ends first, the engine sends it again
   * over the next one, under the same number if the server still knows the channel.
   *
   * <p>The engine bounds what is unacknowledged, in bytes and count, so an implementation may queue
   * without a bound of its own.
   *
   * @param seq the sequence number: of the first event of a connection any, of each later one the
   *     next
   */
  void send(long seq, Event event);

  /**
   * Stops reading from the socket as soon as possible: what was already read may still be told. The
   * engine's inbound queue is full. Idempotent.
   */
  void pauseReading();

  /** Reads on after {@link #pauseReading}. Idempotent. */
  void resumeReading();

  /**
   * Asks the peer for a sign of life where the transport can (a WebSocket ping); otherwise does
   * nothing.
   */
  default void ping() {}

  /**
   * Says goodbye in an orderly way where the transport can, and then is as {@link #cancel}. A
   * transport that can tell the peer a code and a reason tells these, after what was sent before
   * (protocol rules C-1 and C-3). Idempotent: the first call counts.
   *
   * @param code 1000, or one of 3000 to 4999, which the engine has checked; 1001 if the channel
   *     goes on over another connection
   * @param reason at most 123 bytes of UTF-8, without half a surrogate pair; the engine has checked
   *     that, too
   */
  void close(int code, String reason);

  /**
   * Gives the connection up at once and frees its socket. {@link ConnectionListener#onClosed} still
   * comes, once. Idempotent.
   */
  void cancel();
}
