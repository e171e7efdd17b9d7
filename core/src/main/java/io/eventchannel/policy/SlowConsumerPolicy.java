package io.eventchannel.policy;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a server does about a consumer that reads more slowly than its topics are written.
 * Immutable.
 *
 * <p>A slow consumer costs nothing but its lag, since it reads from the log like everybody else; so
 * by default it stays there and gets a gap if it falls out. In either policy one write that does
 * not finish within the stall timeout ends the connection.
 */
public final class SlowConsumerPolicy {
  // Longer than a radio cell takes to change; far shorter than the quarter of an hour for which TCP
  // keeps trying a peer that is gone.
  private static final Duration STALL_TIMEOUT = Duration.ofSeconds(30);

  private static final SlowConsumerPolicy STAY_IN_LOG =
      new SlowConsumerPolicy(false, STALL_TIMEOUT);
  private static final SlowConsumerPolicy DISCONNECT = new SlowConsumerPolicy(true, STALL_TIMEOUT);

  private final boolean disconnect;
  private final Duration stallTimeout;

  private SlowConsumerPolicy(boolean disconnect, Duration stallTimeout) {
    this.disconnect = disconnect;
    this.stallTimeout = stallTimeout;
  }

  /** Returns the default: lag as far as the log reaches; beyond it a gap. Stall timeout 30 s. */
  public static SlowConsumerPolicy stayInLog() {
    return STAY_IN_LOG;
  }

  /**
   * Returns the policy that closes a consumer which has been behind for the stall timeout without
   * once catching up, with a close code that lets it come back and resume. Stall timeout 30 s.
   */
  public static SlowConsumerPolicy disconnect() {
    return DISCONNECT;
  }

  /**
   * Returns this policy with another stall timeout.
   *
   * @throws IllegalArgumentException unless it is positive
   */
  public SlowConsumerPolicy withStallTimeout(Duration value) {
    Objects.requireNonNull(value, "stallTimeout");
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException("stallTimeout: expected more than zero, got " + value);
    }
    return new SlowConsumerPolicy(disconnect, value);
  }

  /** Whether a consumer that stays behind for the stall timeout is closed. */
  public boolean isDisconnect() {
    return disconnect;
  }

  /** How long one write may take; and, if {@link #isDisconnect()}, how long a lag may last. */
  public Duration stallTimeout() {
    return stallTimeout;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SlowConsumerPolicy
        && disconnect == ((SlowConsumerPolicy) other).disconnect
        && stallTimeout.equals(((SlowConsumerPolicy) other).stallTimeout);
  }

  @Override
  public int hashCode() {
    return Objects.hash(disconnect, stallTimeout);
  }

  @Override
  public String toString() {
    return (disconnect ? "disconnect" : "stay in the log") + ", stall timeout " + stallTimeout;
  }
}
