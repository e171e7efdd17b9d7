package io.eventchannel.micrometer;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/**
 * Registers meters under certain tags and remembers which. Counters are adders of ours that the
 * registry reads, because one that the registry makes costs more to add to. Not thread-safe.
 */
final class NewMeters {
  private final MeterRegistry registry;
  private final Tags tags;
  private final List<Meter> made;

  /** Creates an empty list. */
  NewMeters(MeterRegistry registry, Tags tags) {
    this(registry, tags, new ArrayList<>());
  }

  private NewMeters(MeterRegistry registry, Tags tags, List<Meter> made) {
    this.registry = registry;
    this.tags = tags;
    this.made = made;
  }

  /** Adds to the same list under more tags. */
  NewMeters with(Tags more) {
    return new NewMeters(registry, tags.and(more), made);
  }

  /** All meters so far. */
  List<Meter> all() {
    return Collections.unmodifiableList(made);
  }

  /** Registers a counter and returns what it counts by. */
  LongAdder counter(String name, String unit, String description) {
    LongAdder adder = new LongAdder();
    checkFree(name);
    made.add(
        FunctionCounter.builder(name, adder, LongAdder::sum)
            .tags(tags)
            .baseUnit(unit)
            .description(description)
            .register(registry));
    return adder;
  }

  <T> void gauge(String name, String unit, String description, T of, ToDoubleFunction<T> value) {
    checkFree(name);
    made.add(
        Gauge.builder(name, of, value)
            .tags(tags)
            .baseUnit(unit)
            .description(description)
            .register(registry));
  }

  Timer timer(String name, String description) {
    checkFree(name);
    Timer timer = Timer.builder(name).tags(tags).description(description).register(registry);
    made.add(timer);
    return timer;
  }

  DistributionSummary summary(String name, String unit, String description) {
    checkFree(name);
    DistributionSummary summary =
        DistributionSummary.builder(name)
            .tags(tags)
            .baseUnit(unit)
            .description(description)
            .register(registry);
    made.add(summary);
    return summary;
  }

  /** A registry answers with the old meter where there is one, and the new numbers were lost. */
  private void checkFree(String name) {
    if (registry.find(name).tags(tags).meter() != null) {
      made.forEach(registry::remove);
      throw new IllegalStateException(
          name
              + ": expected a registry without it, got one that has it with these tags; use one"
              + " object for all feeds, or give each tags of its own");
    }
  }
}
