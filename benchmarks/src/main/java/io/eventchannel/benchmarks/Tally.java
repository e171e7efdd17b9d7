package io.eventchannel.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of one broadcast to some of the subscriptions. Not thread-safe. */
final class Tally {
  private final List<SequenceCheck> checks = new ArrayList<>();
  private final Latencies latencies = new Latencies();
  private final long expected;
  private long delivered;

  /**
   * Looks for the events {@code first} to {@code first + count - 1} from now on.
   *
   * @param expected how many deliveries these are in all
   */
  Tally(Collection<Subscription> subscriptions, long first, int count, long expected) {
    this.expected = expected;
    for (Subscription subscription : subscriptions) {
      SequenceCheck check = new SequenceCheck(first, count);
      checks.add(check);
      subscription.check = check;
    }
  }

  /** Takes note of an event; returns whether it is a new one of these. */
  boolean add(@Nullable SequenceCheck check, long seq, long nanos) {
    if (check == null || !check.add(seq)) {
      return false;
    }
    delivered++;
    latencies.add(nanos);
    return true;
  }

  boolean isComplete() {
    return delivered >= expected;
  }

  long delivered() {
    return delivered;
  }

  long lost() {
    return expected - delivered;
  }

  long duplicates() {
    return checks.stream().mapToLong(SequenceCheck::duplicates).sum();
  }

  long late() {
    return checks.stream().mapToLong(SequenceCheck::late).sum();
  }

  void addTo(JsonLine json) {
    json.add("expected", expected)
        .add("delivered", delivered)
        .add("lost", lost())
        .add("dups", duplicates())
        .add("late", late())
        .add("p50_us", latencies.quantile(0.5) / 1e3, 0)
        .add("p99_us", latencies.quantile(0.99) / 1e3, 0);
  }
}
