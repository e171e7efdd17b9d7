package io.eventchannel.policy;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long a client takes silence for life. A server of ours says how often it sends something; a
 * connection that is silent for {@value #FACTOR} times as long is dead. Immutable.
 *
 * <p>Whatever a server says is taken within 1 s and 5 min, so that neither a tiny interval makes a
 * client reconnect for ever nor a huge one lets it wait for ever.
 */
public final class HeartbeatPolicy {
  /**
   * Heartbeats of silence after which a connection is dead: two may be lost or late, and the half
   * absorbs the timers of both sides.
   */
  public static final double FACTOR = 2.5;

  // A heartbeat is late by half an interval: time to ask, with an interval left for the answer.
  private static final double PING_FACTOR = 1.5;

  private static final long SHORTEST_MILLIS = 1_000;
  private static final long LONGEST_MILLIS = 300_000;

  // Five minutes of silence: servers that promise nothing must still send something within a minute
  // or two, or every load balancer between cuts them; and a needless reconnect only resumes.
  private static final HeartbeatPolicy STANDARD = new HeartbeatPolicy(120_000);

  // -1 when nothing is assumed.
  private final long assumedMillis;

  private HeartbeatPolicy(long assumedMillis) {
    this.assumedMillis = assumedMillis;
  }

  /** Returns the standard: a server that promises nothing is assumed to send every 2 min. */
  public static HeartbeatPolicy standard() {
    return STANDARD;
  }

  /**
   * Returns the policy that assumes this interval of servers that promise none.
   *
   * @throws IllegalArgumentException unless it is 1 s to 5 min
   */
  public HeartbeatPolicy withAssumedInterval(Duration interval) {
    Objects.requireNonNull(interval, "interval");
    if (interval.compareTo(Duration.ofMillis(SHORTEST_MILLIS)) < 0
        || interval.compareTo(Duration.ofMillis(LONGEST_MILLIS)) > 0) {
      throw new IllegalArgumentException("interval: expected 1 s to 5 min, got " + interval);
    }
    return new HeartbeatPolicy(interval.toMillis());
  }

  /**
   * Returns the policy that waits for ever on servers that promise nothing. A connection whose peer
   * vanished without a word is then noticed only by writing to it.
   */
  public HeartbeatPolicy withoutAssumedInterval() {
    return new HeartbeatPolicy(-1);
  }

  /**
   * Returns the interval to reckon with, in milliseconds; -1 if there is none.
   *
   * @param heartbeatMillis what the server said; zero or less if it said nothing
   */
  public long intervalMillis(long heartbeatMillis) {
    return heartbeatMillis <= 0
        ? assumedMillis
        : Math.max(SHORTEST_MILLIS, Math.min(LONGEST_MILLIS, heartbeatMillis));
  }

  /**
   * Returns how long silence may last, in nanoseconds; -1 if for ever.
   *
   * @param heartbeatMillis what the server said; zero or less if it said nothing
   */
  public long deadlineNanos(long heartbeatMillis) {
    long interval = intervalMillis(heartbeatMillis);
    return interval < 0 ? -1 : (long) (interval * 1_000_000 * FACTOR);
  }

  /**
   * Returns after how long a silence the peer is asked for a sign of life, in nanoseconds; -1 if
   * never. Shorter than {@link #deadlineNanos}, by long enough for an answer.
   *
   * @param heartbeatMillis what the server said; zero or less if it said nothing
   */
  public long pingNanos(long heartbeatMillis) {
    long interval = intervalMillis(heartbeatMillis);
    return interval < 0 ? -1 : (long) (interval * 1_000_000 * PING_FACTOR);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HeartbeatPolicy
        && assumedMillis == ((HeartbeatPolicy) other).assumedMillis;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(assumedMillis);
  }

  @Override
  public String toString() {
    return "HeartbeatPolicy{assumed=" + (assumedMillis < 0 ? "none" : assumedMillis + " ms") + "}";
  }
}
