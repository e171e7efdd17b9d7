package io.eventchannel.policy;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Exponential backoff with full jitter: a delay is drawn evenly between the floor and {@code base *
 * 2^failures}, and the cap ends the growth. Immutable; the random number comes in as an argument.
 *
 * <p>A server's retry hint (SSE {@code retry:}, or the delay of a goodbye) takes the place of the
 * base. It is the least delay, and jitter only adds to it (WHATWG HTML, section 9.2.3,
 * "reconnection time"). What a server may ask for is bounded on both sides, so neither {@code
 * retry: 0} nor a huge one can harm the channel or the server.
 */
public final class Backoff {
  // The floor is what a hot loop becomes: ten attempts a second cost neither side anything, and no
  // person sees a tenth of a second. The hint cap is how long a channel may be away and still be
  // called live; a hint sticks for the life of a channel, so one bad line must not silence it. Ten
  // seconds are more than any handshake and first page take, so what dies earlier dies of the same
  // cause again; a server that closes every ten seconds costs one extra attempt in ten seconds.
  private static final Backoff STANDARD =
      new Backoff(
          Duration.ofMillis(100),
          Duration.ofSeconds(1),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Duration.ofSeconds(10));

  // Twice this is far below what a long of nanoseconds can hold, so no sum below can overflow.
  private static final Duration LONGEST = Duration.ofDays(365);

  private final Duration floor;
  private final Duration base;
  private final Duration cap;
  private final Duration hintCap;
  private final Duration resetAfter;

  private Backoff(
      Duration floor, Duration base, Duration cap, Duration hintCap, Duration resetAfter) {
    this.floor = floor;
    this.base = base;
    this.cap = cap;
    this.hintCap = hintCap;
    this.resetAfter = resetAfter;
  }

  /**
   * Returns the standard: a base of 1 s, a cap of 30 s, a floor of 100 ms, hints up to 5 min, and a
   * reset after 10 s.
   */
  public static Backoff standard() {
    return STANDARD;
  }

  /**
   * Returns this backoff with another floor: no delay is ever shorter.
   *
   * @throws IllegalArgumentException unless 0 &lt; floor &lt;= base
   */
  public Backoff withFloor(Duration value) {
    return checked("floor", value, new Backoff(value, base, cap, hintCap, resetAfter));
  }

  /**
   * Returns this backoff with another base: the longest delay after the first failure.
   *
   * @throws IllegalArgumentException unless floor &lt;= base &lt;= cap
   */
  public Backoff withBase(Duration value) {
    return checked("base", value, new Backoff(floor, value, cap, hintCap, resetAfter));
  }

  /**
   * Returns this backoff with another cap: no delay is longer, unless the server asks for it.
   *
   * @throws IllegalArgumentException unless base &lt;= cap &lt;= hint cap
   */
  public Backoff withCap(Duration value) {
    return checked("cap", value, new Backoff(floor, base, value, hintCap, resetAfter));
  }

  /**
   * Returns this backoff with another hint cap: no retry hint makes a delay longer.
   *
   * @throws IllegalArgumentException unless cap &lt;= hint cap &lt;= 365 days
   */
  public Backoff withHintCap(Duration value) {
    return checked("hintCap", value, new Backoff(floor, base, cap, value, resetAfter));
  }

  /**
   * Returns this backoff with another time after which a connection counts as stable, so that its
   * loss begins a new row of failures. Only time counts: a server that dies right after its first
   * event would otherwise be asked for it without a pause.
   *
   * @throws IllegalArgumentException unless 0 &lt; value
   */
  public Backoff withResetAfter(Duration value) {
    return checked("resetAfter", value, new Backoff(floor, base, cap, hintCap, value));
  }

  private static Backoff checked(String name, Duration value, Backoff changed) {
    Objects.requireNonNull(value, name);
    if (changed.floor.compareTo(Duration.ZERO) <= 0
        || changed.floor.compareTo(changed.base) > 0
        || changed.base.compareTo(changed.cap) > 0
        || changed.cap.compareTo(changed.hintCap) > 0
        || changed.hintCap.compareTo(LONGEST) > 0
        || changed.resetAfter.compareTo(Duration.ZERO) <= 0) {
      throw new IllegalArgumentException(
          name
              + ": expected 0 < floor <= base <= cap <= hintCap <= 365 days and 0 < resetAfter, got "
              + changed);
    }
    return changed;
  }

  /** The shortest delay. */
  public Duration floor() {
    return floor;
  }

  /** The longest delay after the first failure. */
  public Duration base() {
    return base;
  }

  /** The longest delay that the server did not ask for. */
  public Duration cap() {
    return cap;
  }

  /** The longest delay that a retry hint can bring about. */
  public Duration hintCap() {
    return hintCap;
  }

  /** How long a connection must have been open for its loss to begin a new row of failures. */
  public Duration resetAfter() {
    return resetAfter;
  }

  /**
   * Returns how long to wait before the next attempt: from floor to cap without a hint; with one,
   * from the hint (raised to the floor, lowered to the hint cap) to the hint cap.
   *
   * @param failures losses in a row before this one, 0 or more; any number is safe
   * @param jitter a random number in [0, 1)
   * @param retryHint the reconnection time the server last asked for, or null; any value is safe
   */
  public Duration delay(int failures, double jitter, @Nullable Duration retryHint) {
    if (failures < 0) {
      throw new IllegalArgumentException("failures: expected 0 or more, got " + failures);
    }
    if (!(jitter >= 0 && jitter < 1)) {
      throw new IllegalArgumentException("jitter: expected [0, 1), got " + jitter);
    }
    long least;
    long span;
    if (retryHint == null) {
      least = floor.toNanos();
      span = doubled(base.toNanos(), failures, cap.toNanos()) - least;
    } else {
      // Compared before it is converted: a hint may be longer than nanoseconds can count.
      least = clamp(retryHint, floor, hintCap).toNanos();
      long growth = doubled(least, failures, Math.max(least, cap.toNanos())) - least;
      // Half the hint at least, so that the clients a server lost together do not return together.
      span = Math.min(Math.max(growth, least / 2), hintCap.toNanos() - least);
    }
    return Duration.ofNanos(least + (long) (span * jitter));
  }

  /** Returns {@code nanos * 2^times}, or {@code most} if that is less. */
  private static long doubled(long nanos, int times, long most) {
    int shift = Math.min(times, Long.SIZE - 2);
    return nanos > most >> shift ? most : nanos << shift;
  }

  private static Duration clamp(Duration value, Duration least, Duration most) {
    return value.compareTo(least) < 0 ? least : value.compareTo(most) > 0 ? most : value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof Backoff)) {
      return false;
    }
    Backoff that = (Backoff) other;
    return floor.equals(that.floor)
        && base.equals(that.base)
        && cap.equals(that.cap)
        && hintCap.equals(that.hintCap)
        && resetAfter.equals(that.resetAfter);
  }

  @Override
  public int hashCode() {
    return Objects.hash(floor, base, cap, hintCap, resetAfter);
  }

  @Override
  public String toString() {
    return "Backoff{floor="
        + floor
        + ", base="
        + base
        + ", cap="
        + cap
        + ", hintCap="
        + hintCap
        + ", resetAfter="
        + resetAfter
        + "}";
  }
}
