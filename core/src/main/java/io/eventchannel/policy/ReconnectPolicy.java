package io.eventchannel.policy;

/**
 * Decides whether and when a channel connects again. A pure function of its argument: it holds no
 * counter and reads no clock, so one policy may serve every channel of a process at once.
 *
 * <p>To change single rows of the standard table, handle those losses and delegate the rest:
 *
 * <pre>{@code
 * ReconnectPolicy standard = ReconnectPolicy.standard();
 * ReconnectPolicy mine = loss ->
 *     loss.reason().code() == 404 ? RetryDecision.retry(Duration.ofMinutes(1), 0) : standard.decide(loss);
 * }</pre>
 */
@FunctionalInterface
public interface ReconnectPolicy {
  /** Returns what to do about the loss; never null. */
  RetryDecision decide(ConnectionLoss loss);

  /**
   * Returns this policy for a request that must not reach a server twice (protocol rule R-10). It
   * is asked only where no socket came about, so that nothing was sent: the connection was refused,
   * there was no route, or no such host. After any other loss the channel ends.
   */
  default ReconnectPolicy atMostOnce() {
    return loss -> loss.isUnreachable() ? decide(loss) : RetryDecision.stop();
  }

  /** Returns the standard table (protocol rules) with the standard {@link Backoff}. */
  static ReconnectPolicy standard() {
    return StandardReconnectPolicy.DEFAULT;
  }

  /** Returns the standard table with another {@link Backoff}. */
  static ReconnectPolicy standard(Backoff backoff) {
    return new StandardReconnectPolicy(backoff);
  }

  /** Returns the policy that never connects again. */
  static ReconnectPolicy never() {
    return loss -> RetryDecision.stop();
  }
}
