package io.eventchannel.policy;

import java.time.Duration;
import java.util.Objects;

/** What to do about a {@link ConnectionLoss}: stop, or try again after a delay. Immutable. */
public final class RetryDecision {
  private static final RetryDecision STOP = new RetryDecision(false, Duration.ZERO, 0, false);

  private final boolean retry;
  private final Duration delay;
  private final int failures;
  private final boolean freshCredentials;

  private RetryDecision(boolean retry, Duration delay, int failures, boolean freshCredentials) {
    this.retry = retry;
    this.delay = delay;
    this.failures = failures;
    this.freshCredentials = freshCredentials;
  }

  /** Returns the decision to give the channel up. */
  public static RetryDecision stop() {
    return STOP;
  }

  /**
   * Returns the decision to try again.
   *
   * @param delay how long to wait first; zero means at once
   * @param failures what the next {@link ConnectionLoss#failures()} shall be: this is how a policy
   *     counts, without holding a counter
   */
  public static RetryDecision retry(Duration delay, int failures) {
    if (Objects.requireNonNull(delay, "delay").isNegative()) {
      throw new IllegalArgumentException("delay: expected zero or more, got " + delay);
    }
    if (failures < 0) {
      throw new IllegalArgumentException("failures: expected 0 or more, got " + failures);
    }
    return new RetryDecision(true, delay, failures, false);
  }

  /** Returns this decision, with the credentials provider asked for fresh credentials first. */
  public RetryDecision withFreshCredentials() {
    return new RetryDecision(retry, delay, failures, true);
  }

  /** Whether to try again; if not, the other values mean nothing. */
  public boolean isRetry() {
    return retry;
  }

  /** How long to wait before the next attempt. */
  public Duration delay() {
    return delay;
  }

  /** The {@link ConnectionLoss#failures()} of the next loss. */
  public int failures() {
    return failures;
  }

  /** Whether the next attempt needs fresh credentials. */
  public boolean freshCredentials() {
    return freshCredentials;
  }

  @Override
  public String toString() {
    return retry
        ? "retry in " + delay + (freshCredentials ? " with fresh credentials" : "")
        : "stop";
  }
}
