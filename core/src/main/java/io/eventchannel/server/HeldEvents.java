package io.eventchannel.server;

import io.eventchannel.transport.Scheduler;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events of one channel that were taken and are over the rate, until each is due: in the order
 * they came, which is that of their moments. What all channels hold together is bounded by {@link
 * UpstreamLimits}. Guarded by the channel's {@link Uplink}.
 */
final class HeldEvents {
  // A timer for each event would be one a millisecond; nobody notices so little.
  private static final long LEAST_WAIT_NANOS = 20_000_000L;

  private final UpstreamLimits limits;
  private final Consumer<? super HeldEvents> due;
  private final ArrayDeque<Held> events = new ArrayDeque<>();
  private Scheduler.@Nullable Cancellable timer;

  /**
   * Creates it, empty.
   *
   * @param due told, on the timer's thread, when something is to be released
   */
  HeldEvents(UpstreamLimits limits, Consumer<? super HeldEvents> due) {
    this.limits = limits;
    this.due = due;
  }

  private static final class Held {
    final Runnable call;
    final long dueAt;
    final int weight;

    Held(Runnable call, long dueAt, int weight) {
      this.call = call;
      this.dueAt = dueAt;
      this.weight = weight;
    }
  }

  /** Adds what hands an event on, from that moment on; there is room for its weight. */
  void add(Runnable call, long now, long dueAt, int weight) {
    events.add(new Held(call, dueAt, weight));
    if (timer == null) {
      wakeFor(dueAt - now);
    }
  }

  /** Releases what is due. Returns whether nothing is left. */
  boolean release(long now, Consumer<? super Runnable> to) {
    for (Held next = events.peek(); next != null; next = events.peek()) {
      if (next.dueAt - now > 0) {
        return false;
      }
      releaseFirst(to);
    }
    if (timer != null) {
      timer.cancel();
    }
    return true;
  }

  /** Releases all, whatever the rate; it is used no more. */
  void releaseAll(Consumer<? super Runnable> to) {
    while (!events.isEmpty()) {
      releaseFirst(to);
    }
    if (timer != null) {
      timer.cancel();
    }
  }

  private void releaseFirst(Consumer<? super Runnable> to) {
    Held first = events.remove();
    limits.freeHeld(first.weight);
    to.accept(first.call);
  }

  /** The timer has come, and something is left. */
  void wakeAgain(long now) {
    wakeFor(events.element().dueAt - now);
  }

  private void wakeFor(long nanos) {
    timer = limits.schedule(() -> due.accept(this), Math.max(nanos, LEAST_WAIT_NANOS));
  }
}
