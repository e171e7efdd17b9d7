package io.eventchannel.client;

import io.eventchannel.CloseReason;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import io.eventchannel.transport.Scheduler;

/**
 * Watches an open connection for silence: asks the peer for a sign of life first, and gives the
 * connection up when none comes. Guarded by the channel's lock.
 */
final class SilenceWatch {
  private final ChannelEngine engine;
  private final Liveness liveness;
  private final ChannelTimer timer;
  private final Scheduler scheduler;

  SilenceWatch(ChannelEngine engine, Liveness liveness, ChannelTimer timer, Scheduler scheduler) {
    this.engine = engine;
    this.liveness = liveness;
    this.timer = timer;
    this.scheduler = scheduler;
  }

  /** Judges the silence so far, and sets the timer to when there is something to judge again. */
  void look() {
    long now = scheduler.nanoTime();
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
}
