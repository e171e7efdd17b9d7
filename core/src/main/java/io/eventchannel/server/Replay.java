package io.eventchannel.server;

import io.eventchannel.log.Position;
import io.eventchannel.server.spi.Batch;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a returning client had missed: the events up to the head as it was when the
 * connection was first served. Made when its client is known to return, and of no use once it
 * {@link #isOver}. Used by the subscription's owner.
 */
final class Replay {
  private final ConnectionMetrics metrics;
  private boolean begun;
  private @Nullable Position until; // that head; null before it is known, and once it is reached

  Replay(ConnectionMetrics metrics) {
    this.metrics = metrics;
  }

  /** The connection is served from a position, null for the head; only the first call counts. */
  void begin(@Nullable Position from, Position head) {
    if (!begun) {
      begun = true;
      until = from == null || hasReached(from, head) ? null : head;
    }
  }

  /** The outlet took a batch; called before {@link #moved}. */
  void delivered(Batch batch) {
    if (until != null) {
      metrics.replayed(batch.events());
    }
  }

  /** The cursor stands at a position now. */
  void moved(Position to) {
    Position end = until;
    if (end != null && (!end.sameEpoch(to) || hasReached(to, end))) {
      until = null;
    }
  }

  /** Whether there is nothing more to count. */
  boolean isOver() {
    return begun && until == null;
  }

  private static boolean hasReached(Position at, Position end) {
    return at.sameEpoch(end) && at.compareWithin(end) >= 0;
  }
}
