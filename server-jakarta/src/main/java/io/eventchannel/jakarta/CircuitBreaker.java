package io.eventchannel.jakarta;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Stops a servlet from making calls that wait for a socket, once they have waited for a second in
 * all. What they may wait comes back evenly, a second in a minute, so that what happens now and
 * then does not add up; whoever is out to hold the engine up gets two seconds in a minute, and the
 * rest of a call that is under way.
 *
 * <p>State is guarded by this but for {@code trippedUntil}, which is read before each call: a
 * reader that does not see it yet makes one call more.
 */
final class CircuitBreaker {
  private static final long BUDGET_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long REFILL_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final long NEVER = Long.MIN_VALUE;

  private final LongSupplier clock;
  private long spent;
  private long spentAt; // when what was spent was reckoned last
  private volatile long trippedUntil = NEVER;

  /**
   * Creates one that lets calls through.
   *
   * @param clock in nanoseconds, of any origin
   */
  CircuitBreaker(LongSupplier clock) {
    this.clock = clock;
    this.spentAt = clock.getAsLong();
  }

  /** Whether calls that may wait are to be made. */
  boolean isClosed() {
    long until = trippedUntil;
    return until == NEVER || clock.getAsLong() - until >= 0;
  }

  /** A call has waited for so long; returns whether that was too much, for the first time. */
  synchronized boolean waited(long nanos) {
    if (!isClosed()) {
      return false; // begun before it tripped
    }
    long now = clock.getAsLong();
    long back = (now - spentAt) / (REFILL_NANOS / BUDGET_NANOS);
    spent = Math.max(0, spent - back) + nanos;
    spentAt = now;
    if (spent < BUDGET_NANOS) {
      return false;
    }
    spent = 0;
    long until = now + REFILL_NANOS;
    trippedUntil = until == NEVER ? until + 1 : until;
    return true;
  }
}
