package io.eventchannel.client;

import io.eventchannel.CloseReason;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;

/**
 * Watches an open connection for silence: asks the peer for a sign of life first, and gives the
 * connection up when none comes. Guarded by the channel's lock.
 */
final class SilenceWatch {
  private final ChannelEngine engine;
  private final ChannelTimer timer;
  private final ClientSettings settings;
  private final Liveness liveness;

  SilenceWatch(ChannelEngine engine, ChannelTimer timer, ClientSettings settings) {
    this.engine = engine;
    this.timer = timer;
    this.settings = settings;
    this.liveness = new Liveness(settings.heartbeatPolicy);
  }

  /**
   * A connection is open.
   *
   * @param heartbeatMillis what its server said; -1 if nothing
   * @param reading whether it is read at all now
   * @param owesBytes whether it has yet to show the bytes that a server of ours sends at once
   *     (protocol rule S-2); others may begin in silence
   */
  void begin(long heartbeatMillis, boolean reading, boolean owesBytes) {
    long firstByteWithin = owesBytes ? settings.connectTimeoutNanos : Liveness.UNBOUNDED;
    liveness.begin(now(), heartbeatMillis, reading, firstByteWithin);
    look();
  }

  void heard() {
    liveness.heard(now());
  }

  /** The server of an open connection said how often it sends something. */
  void heartbeat(long millis) {
    liveness.heartbeat(millis);
  }

  /** This side stops reading. */
  void suspend() {
    liveness.suspend();
  }

  /** This side reads again. */
  void resume() {
    liveness.resume(now());
  }

  /** Judges the silence so far, and sets the timer to when there is something to judge again. */
  void look() {
    long now = now();
    long left = liveness.remainingNanos(now);
    if (left == Liveness.UNBOUNDED) {
      timer.cancel();
    } else if (left > 0) {
      if (liveness.isPingDue(now)) {
        engine.toConnection(Connection::ping);
      }
      timer.set(liveness.nextLookNanos(now, left));
    } else {
      String text =
          liveness.awaitsFirstByte()
              ? "not a byte of what a server of ours sends at once"
              : "silent for longer than its heartbeats allow";
      engine.lose(ConnectionEnd.of(CloseReason.of(CloseReason.Kind.HEARTBEAT_TIMEOUT, text)));
    }
  }

  private long now() {
    return settings.scheduler.nanoTime();
  }
}
