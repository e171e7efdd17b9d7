package io.eventchannel.policy;

/** The standard table (protocol rules ). */
final class StandardReconnectPolicy implements ReconnectPolicy {
  static final ReconnectPolicy DEFAULT = new StandardReconnectPolicy(new Backoff());

  StandardReconnectPolicy(Backoff backoff) {}

  @Override
  public RetryDecision decide(ConnectionLoss loss) {
    throw new UnsupportedOperationException();
  }
}
