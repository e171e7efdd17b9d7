package io.eventchannel.policy;

import io.eventchannel.Event;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a server does about a consumer that reads more slowly than its topics are written.
 * Immutable.
 *
 * <p>A slow consumer costs nothing but its lag, since it reads from the log like everybody else; so
 * by default it stays there and gets a gap if it falls out. {@link #conflate()} gives it only the
 * newest of each topic while it is behind, and {@link #disconnect()} lets it come back and resume.
 * Whatever is left out is told as a gap. In each policy one write that does not finish within the
 * stall timeout ends the connection.
 *
 * <p>A consumer is <em>behind</em> from the moment at which it is found busy with a write, and has
 * caught up once it has had all that was published until then. So one that takes everything in its
 * time, however busy its feed, is not slow: the lag timeout is about how long events wait for it.
 * It is measured coarsely, and runs out at the latest when an event has waited twice as long.
 */
public final class SlowConsumerPolicy {
  private enum Kind {
    STAY_IN_LOG("stay in the log"),
    CONFLATE("conflate"),
    DISCONNECT("disconnect");

    final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  // Longer than a radio cell takes to change; far shorter than the quarter of an hour for which TCP
  // keeps trying a peer that is gone.
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final Duration STALL_TIMEOUT = Duration.ofSeconds(30);

  private static final SlowConsumerPolicy STAY_IN_LOG =
      new SlowConsumerPolicy(Kind.STAY_IN_LOG, STALL_TIMEOUT, null, null);
  // A second is what a person takes for the present.
  private static final SlowConsumerPolicy CONFLATE =
      new SlowConsumerPolicy(Kind.CONFLATE, STALL_TIMEOUT, Duration.ofSeconds(1), null);
  private static final SlowConsumerPolicy DISCONNECT =
      new SlowConsumerPolicy(Kind.DISCONNECT, STALL_TIMEOUT, Duration.ofSeconds(30), null);

  private final Kind kind;
  private final Duration stallTimeout;
  private final @Nullable Duration lagTimeout; // null where a lag has no consequence
  private final @Nullable Function<? super Event, ? extends @Nullable String> key;

  private SlowConsumerPolicy(
      Kind kind,
      Duration stallTimeout,
      @Nullable Duration lagTimeout,
      @Nullable Function<? super Event, ? extends @Nullable String> key) {
    this.kind = kind;
    this.stallTimeout = stallTimeout;
    this.lagTimeout = lagTimeout;
    this.key = key;
  }

  /** Returns the default: lag as far as the log reaches; beyond it a gap. Stall timeout 30 s. */
  public static SlowConsumerPolicy stayInLog() {
    return STAY_IN_LOG;
  }

  /**
   * Returns the policy for topics whose newest event says it all, such as prices: a consumer that
   * has been behind for the lag timeout gets, of the events it has not had, only the newest of each
   * topic, until it has caught up. Events without a topic are all kept. A gap of reason {@code
   * slow} is told before the first event behind one that was left out (protocol rule G-4). Lag
   * timeout 1 s, stall timeout 30 s.
   *
   * <p>Beyond the feed's window ({@code EventFeed.Builder.windowEvents}) events are read from the
   * log a page at a time, and only those of one page replace each other.
   */
  public static SlowConsumerPolicy conflate() {
    return CONFLATE;
  }

  /**
   * Returns the policy {@link #conflate()} with another key than the topic: only the newest event
   * of each key that the function returns is kept, whatever its topic, and every event for which it
   * returns null.
   *
   * @param key called on the threads that serve all connections, for several at once, and again for
   *     the same event: it must be a pure function of the event, quick, and must not block. The
   *     keys of up to a window of events are held while a consumer is behind, so they should be
   *     short. If it throws, the event is kept, and the first such failure of a feed is logged.
   */
  public static SlowConsumerPolicy conflate(
      Function<? super Event, ? extends @Nullable String> key) {
    Objects.requireNonNull(key, "key");
    return new SlowConsumerPolicy(Kind.CONFLATE, STALL_TIMEOUT, CONFLATE.lagTimeout, key);
  }

  /**
   * Returns the policy that closes a consumer which has been behind for the lag timeout without
   * catching up, with a close code that lets it come back and resume. Lag timeout 30 s, stall
   * timeout 30 s.
   */
  public static SlowConsumerPolicy disconnect() {
    return DISCONNECT;
  }

  /**
   * Returns this policy with another stall timeout.
   *
   * @throws IllegalArgumentException unless it is positive and at most a day
   */
  public SlowConsumerPolicy withStallTimeout(Duration value) {
    return new SlowConsumerPolicy(kind, positive("stallTimeout", value), lagTimeout, key);
  }

  /**
   * Returns this policy with another lag timeout.
   *
   * @throws IllegalArgumentException unless it is positive and at most a day
   * @throws IllegalStateException if this is {@link #stayInLog()}, where a lag has no consequence
   */
  public SlowConsumerPolicy withLagTimeout(Duration value) {
    positive("lagTimeout", value);
    if (lagTimeout == null) {
      throw new IllegalStateException(
          "lagTimeout: expected a policy that conflates or disconnects, got one that stays in the"
              + " log");
    }
    return new SlowConsumerPolicy(kind, stallTimeout, value, key);
  }

  private static Duration positive(String name, Duration value) {
    Objects.requireNonNull(value, name);
    if (value.isZero() || value.isNegative() || value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name + ": expected more than zero and at most a day, got " + value);
    }
    return value;
  }

  /** Whether a consumer that stays behind for the lag timeout is closed. */
  public boolean isDisconnect() {
    return kind == Kind.DISCONNECT;
  }

  /** Whether a consumer that stays behind for the lag timeout gets only the newest of each key. */
  public boolean isConflate() {
    return kind == Kind.CONFLATE;
  }

  /** What gives an event its key; null where the topic is the key, or no key is asked for. */
  public @Nullable Function<? super Event, ? extends @Nullable String> key() {
    return key;
  }

  /** How long one write may take. */
  public Duration stallTimeout() {
    return stallTimeout;
  }

  /** How long a consumer may be behind; null if as long as the log reaches. */
  public @Nullable Duration lagTimeout() {
    return lagTimeout;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof SlowConsumerPolicy)) {
      return false;
    }
    SlowConsumerPolicy that = (SlowConsumerPolicy) other;
    return kind == that.kind
        && stallTimeout.equals(that.stallTimeout)
        && Objects.equals(lagTimeout, that.lagTimeout)
        && Objects.equals(key, that.key);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, stallTimeout, lagTimeout, key);
  }

  @Override
  public String toString() {
    return kind.text
        + (key == null ? "" : " by key")
        + (lagTimeout == null ? "" : ", lag timeout " + lagTimeout)
        + ", stall timeout "
        + stallTimeout;
  }
}
