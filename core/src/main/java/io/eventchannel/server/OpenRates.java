package io.eventchannel.server;

import io.eventchannel.policy.RateLimit;
import java.util.HashMap;
import java.util.Map;

/**
 * How often each client opens connections. Keeps only those that are not paid for at the moment; of
 * very many of these at once, the last ones are not counted, since the bound on all connections is
 * what protects against them. Thread-safe.
 */
final class OpenRates {
  private static final int FIRST_SWEEP = 256;
  private static final int MOST = 16_384;

  private final RateLimit limit;

  // Guarded by this.
  private final Map<String, Long> paidUntil = new HashMap<>();
  private int untilSweep = FIRST_SWEEP; // so many more that are new

  OpenRates(RateLimit limit) {
    this.limit = limit;
  }

  /** Counts one more of a client; returns after how many nanoseconds it may come, 0 for now. */
  synchronized long take(String client, long now) {
    long paid = paidUntil.getOrDefault(client, now);
    long wait = limit.waitNanos(paid, now);
    if (wait > 0) {
      return wait;
    }
    long next = limit.pay(paid, now, 1);
    if (next - now > 0) {
      remember(client, next, now);
    }
    return 0;
  }

  private void remember(String client, long next, long now) {
    if (paidUntil.replace(client, next) != null) {
      return;
    }
    if (--untilSweep <= 0) {
      paidUntil.values().removeIf(until -> until - now <= 0);
      // So that, on the average, each one that is new makes us look at two of those we have.
      untilSweep = Math.max(FIRST_SWEEP, paidUntil.size() / 2);
    }
    if (paidUntil.size() < MOST) {
      paidUntil.put(client, next);
    }
  }

  synchronized int size() {
    return paidUntil.size();
  }
}
