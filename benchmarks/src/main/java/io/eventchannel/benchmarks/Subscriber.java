package io.eventchannel.benchmarks;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection of a {@link Peer}, and how many events it has been given that it has not written.
 *
 * @param <E> what an event is once it is encoded for all of them
 */
abstract class Subscriber<E> {
  private static final int MOST_UNDER_WAY = 1_024;

  private final AtomicInteger underWay = new AtomicInteger();
  private volatile long progressNanos = System.nanoTime();

  /**
   * Sends an event, or queues it. Called by one thread at a time.
   *
   * @throws Exception of whatever kind the container has for a connection that is gone
   */
  abstract void send(E event) throws Exception;

  /** Another event waits for the connection; returns how many did before. */
  final int begin() {
    int before = underWay.getAndIncrement();
    if (before == 0) {
      progressNanos = System.nanoTime();
    } else if (before >= MOST_UNDER_WAY) {
      underWay.decrementAndGet();
      throw new IllegalStateException("the peer does not read: " + before + " events wait for it");
    }
    return before;
  }

  /** An event has been written; returns how many are left. */
  final int end() {
    progressNanos = System.nanoTime();
    return underWay.decrementAndGet();
  }

  /** How many events wait; 0 if none has been written for so long that the peer does not read. */
  final int underWay(long now, long patienceNanos) {
    int events = underWay.get();
    return events == 0 || now - progressNanos > patienceNanos ? 0 : events;
  }
}
