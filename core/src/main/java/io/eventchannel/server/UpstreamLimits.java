package io.eventchannel.server;

import io.eventchannel.policy.RateLimit;
import io.eventchannel.transport.Scheduler;

/** What bounds the events that the client of one channel sends; one for all channels. Immutable. */
final class UpstreamLimits {
  final int maxMessageBytes;
  final RateLimit rate;
  private final Scheduler clock;

  UpstreamLimits(int maxMessageBytes, RateLimit rate, Scheduler clock) {
    this.maxMessageBytes = maxMessageBytes;
    this.rate = rate;
    this.clock = clock;
  }

  long now() {
    return clock.nanoTime();
  }

  /** What a client is told whose event is over the rate. */
  String overRate() {
    return "upstreamRate: expected at most " + rate.perSecond() + " events a second";
  }
}
