package io.eventchannel.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts what outlets were handed, and lets the one thread that publishes sleep until all were
 * handed all. Each thread that writes to outlets has a tally of its own, so that counting costs no
 * more than an addition; as an outlet is always written by one thread, a tally has one writer.
 */
final class Deliveries {
  /** The events that one thread has handed to its outlets. */
  static final class Tally {
    private final Thread publisher;

    // The writer's.
    private long count;

    // Written by the publisher, before it publishes.
    private volatile long target = Long.MAX_VALUE;

    // Written by the writer.
    private volatile boolean reached;

    // Written before the first round.
    private int outlets;

    private Tally(Thread publisher) {
      this.publisher = publisher;
    }

    void add(int events) {
      count += events;
      if (count == target) {
        reached = true;
        LockSupport.unpark(publisher);
      }
    }
  }

  private final Thread publisher;
  private final Map<Thread, Tally> tallies = new ConcurrentHashMap<>();

  // The publisher's.
  private final List<Tally> all = new ArrayList<>();
  private long published;

  /** Counts for the calling thread, which publishes. */
  Deliveries() {
    this.publisher = Thread.currentThread();
  }

  /** The tally of the calling thread, which writes. */
  Tally mine() {
    return tallies.computeIfAbsent(Thread.currentThread(), thread -> new Tally(publisher));
  }

  /** All outlets have their tally: so many each event is to be handed to. */
  void begin(List<CountingOutlet> outlets) {
    for (CountingOutlet outlet : outlets) {
      outlet.tally().outlets++;
    }
    all.addAll(tallies.values());
  }

  /** The publisher is about to publish so many events. */
  void expect(int events) {
    published += events;
    for (Tally tally : all) {
      tally.reached = false;
      tally.target = published * tally.outlets;
    }
  }

  /** Waits until all outlets were handed what was expected. */
  void await() {
    for (Tally tally : all) {
      while (!tally.reached) {
        LockSupport.park(this);
      }
    }
  }

  /** How many events each outlet must have been handed. */
  long published() {
    return published;
  }
}
