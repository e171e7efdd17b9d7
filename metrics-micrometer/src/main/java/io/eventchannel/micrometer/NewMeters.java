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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
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
  private final Set<Meter> known; // by identity: those of others, and those that were made

  /** Creates an empty list. */
  NewMeters(MeterRegistry registry, Tags tags) {
    this(registry, tags, new ArrayList<>(), Collections.newSetFromMap(new IdentityHashMap<>()));
    known.addAll(registry.getMeters());
  }

  private NewMeters(MeterRegistry registry, Tags tags, List<Meter> made, Set<Meter> known) {
    this.registry = registry;
    this.tags = tags;
    this.made = made;
    this.known = known;
  }

  /** Adds to the same list under more tags. */
  NewMeters with(Tags more) {
    return new NewMeters(registry, tags.and(more), made, known);
  }

  /** All meters so far. */
  List<Meter> all() {
    return Collections.unmodifiableList(made);
  }

  /** Registers a counter and returns what it counts by. */
  LongAdder counter(String name, String unit, String description) {
    LongAdder adder = new LongAdder();
    add(
        FunctionCounter.builder(name, adder, LongAdder::sum)
            .tags(tags)
            .baseUnit(unit)
            .description(description)
            .register(registry));
    return adder;
  }

  <T> void gauge(String name, String unit, String description, T of, ToDoubleFunction<T> value) {
    add(
        Gauge.builder(name, of, value)
            .tags(tags)
            .baseUnit(unit)
            .description(description)
            .register(registry));
  }

  Timer timer(String name, String description) {
    return add(Timer.builder(name).tags(tags).description(description).register(registry));
  }

  DistributionSummary summary(String name, String unit, String description) {
    return add(
        DistributionSummary.builder(name)
            .tags(tags)
            .baseUnit(unit)
            .description(description)
            .register(registry));
  }

  /**
   * A registry answers with an old meter where it has one, and the new numbers were lost. Only the
   * registry knows which is the same, since it may add tags, rename and drop.
   */
  private <M extends Meter> M add(M meter) {
    if (!known.add(meter)) {
      made.forEach(registry::remove);
      throw new IllegalStateException(
          meter.getId().getName()
              + " "
              + meter.getId().getTags()
              + ": expected a registry without it, got one that has it; use one object for all"
              + " feeds, or give each tags of its own, and let no filter drop a tag of ours");
    }
    made.add(meter);
    return meter;
  }
}
