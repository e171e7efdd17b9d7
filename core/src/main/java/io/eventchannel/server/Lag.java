package io.eventchannel.server;

import io.eventchannel.log.Position;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.transport.Scheduler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long one consumer has been behind. The clock starts when it is found busy, and a mark is set
 * at the head of the feed. When everything up to the mark is written clock and mark start anew, and
 * when nothing is left to write the clock stops.
 *
 * <p>Why a mark: on a busy feed there is news whenever a write has finished, so a consumer that is
 * milliseconds behind never has everything. What tells a slow one is that an event waits for long.
 *
 * <p>Used by the subscription's owner, but for {@link #isOver}, which the timer asks, too; a moment
 * is written before the flag that gives it a meaning.
 */
final class Lag {
  private final Scheduler scheduler;
  private final long timeoutNanos;

  // Written by the owner.
  private volatile boolean running;
  private volatile long since;

  // The owner's; null if the head was not known.
  private @Nullable Position mark;

  private Lag(Scheduler scheduler, long timeoutNanos) {
    this.scheduler = scheduler;
    this.timeoutNanos = timeoutNanos;
  }

  /**
   * Returns one that does not run yet, or null under a policy in which a lag has no consequence.
   */
  static @Nullable Lag of(Scheduler scheduler, SlowConsumerPolicy policy) {
    Duration timeout = policy.lagTimeout();
    return timeout == null ? null : new Lag(scheduler, timeout.toNanos());
  }

  /** The consumer is busy, and the feed goes up to that position. */
  void busy(@Nullable Position head) {
    if (!running) {
      start(head);
    }
  }

  /** The consumer has taken everything up to a position, and the feed goes up to the other. */
  void took(@Nullable Position upTo, @Nullable Position head) {
    if (running && (mark == null || (upTo != null && isReached(mark, upTo)))) {
      start(head);
    }
  }

  /** A mark of another epoch is one that nobody can reach any more. */
  private static boolean isReached(Position mark, Position upTo) {
    return !mark.sameEpoch(upTo) || mark.compareWithin(upTo) <= 0;
  }

  private void start(@Nullable Position head) {
    mark = head;
    since = scheduler.nanoTime();
    running = true;
  }

  /** The consumer has everything there is. */
  void ended() {
    running = false;
    mark = null;
  }

  /** Whether it has been behind for the lag timeout. */
  boolean isOver() {
    return running && scheduler.nanoTime() - since >= timeoutNanos;
  }
}
