package io.eventchannel.policy;

import org.jspecify.annotations.Nullable;

/**
 * How often something may happen: so often a second in the long run, and so often at once. Reckons
 * as a token bucket does, and leaves the one number that it needs to know of the past to its
 * caller: the moment up to which what happened is <em>paid for</em>, in nanoseconds of the clock
 * that also says what is now. For who has no past that moment is now. Immutable.
 */
public final class RateLimit {
  private static final RateLimit NONE = new RateLimit(Integer.MAX_VALUE, 0);
  private static final int MOST = 1_000_000;
  private static final long NANOS = 1_000_000_000L;

  private final int burst;
  private final int perSecond; // 0 for no limit

  private RateLimit(int burst, int perSecond) {
    this.burst = burst;
    this.perSecond = perSecond;
  }

  /**
   * Returns a limit.
   *
   * @param burst how often at once, 1 to 1,000,000
   * @param perSecond how often a second in the long run, 1 to 1,000,000
   * @throws IllegalArgumentException if one of them is out of its range
   */
  public static RateLimit of(int burst, int perSecond) {
    return new RateLimit(within("burst", burst), within("perSecond", perSecond));
  }

  /** Returns the limit that nothing exceeds. */
  public static RateLimit none() {
    return NONE;
  }

  private static int within(String name, int value) {
    if (value < 1 || value > MOST) {
      throw new IllegalArgumentException(name + ": expected 1 to " + MOST + ", got " + value);
    }
    return value;
  }

  /** How often a second in the long run; 0 for no limit. */
  public int perSecond() {
    return perSecond;
  }

  /**
   * Returns how long it takes until the next one is within the limit, in nanoseconds; 0 if it is.
   *
   * @param paidUntil what {@link #pay} returned last
   */
  public long waitNanos(long paidUntil, long now) {
    return perSecond == 0 ? 0 : Math.max(0, paidUntil - now - (burst - 1L) * NANOS / perSecond);
  }

  /**
   * Returns the moment up to which it is paid for when that happened so many times now. That may be
   * more than were within the limit: then the next one waits for it.
   *
   * @param paidUntil what this returned last
   */
  public long pay(long paidUntil, long now, int times) {
    if (perSecond == 0) {
      return now;
    }
    long from = paidUntil - now > 0 ? paidUntil : now;
    return from + times * NANOS / perSecond;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof RateLimit)) {
      return false;
    }
    RateLimit that = (RateLimit) other;
    return burst == that.burst && perSecond == that.perSecond;
  }

  @Override
  public int hashCode() {
    return 31 * burst + perSecond;
  }

  @Override
  public String toString() {
    return perSecond == 0 ? "RateLimit{none}" : "RateLimit{" + burst + ", " + perSecond + "/s}";
  }
}
