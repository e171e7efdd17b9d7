package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.policy.RateLimit;
import io.eventchannel.transport.Scheduler;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What bounds the events that the client of one channel sends; one for all channels, of which it
 * knows what they hold together. Thread-safe.
 */
final class UpstreamLimits {
  // What a client may have undecided (protocol rule U-8), and so what must find room.
  private static final long WINDOW_BYTES = 1L << 20;

  // Beside its fields, two for each character, of which none takes less than a byte on the way.
  private static final long EVENT_BYTES = 64;

  // Anybody may make a channel hold its window; all of them together must not fill the heap.
  private static final long MAX_HELD_BYTES = 64L << 20;

  final int maxMessageBytes;
  final RateLimit rate;
  private final Scheduler clock;
  private final String overRate;
  private final AtomicLong heldBytes = new AtomicLong();

  UpstreamLimits(int maxMessageBytes, RateLimit rate, Scheduler clock) {
    this.maxMessageBytes = maxMessageBytes;
    this.rate = rate;
    this.clock = clock;
    this.overRate = "upstreamRate: expected at most " + rate.perSecond() + " events a second";
  }

  long now() {
    return clock.nanoTime();
  }

  Scheduler.Cancellable schedule(Runnable task, long delayNanos) {
    return clock.schedule(task, delayNanos);
  }

  /**
   * What may wait in one channel, by {@link Event#weight}: within the rate a client's window, or a
   * message of one event and one behind it. Who gives no numbers is told of no refusal, and the
   * listener may still be about to return from one event when the next comes.
   */
  long maxWaitingBytes() {
    return Math.max(WINDOW_BYTES, 2L * (EVENT_BYTES + 2L * maxMessageBytes));
  }

  /** Takes room for an event that is to be held; false if there is none. */
  boolean reserveHeld(int weight) {
    if (heldBytes.addAndGet(weight) <= MAX_HELD_BYTES) {
      return true;
    }
    heldBytes.addAndGet(-weight);
    return false;
  }

  /** Gives the room back. */
  void freeHeld(int weight) {
    heldBytes.addAndGet(-weight);
  }

  /** What a client is told whose event is over the rate. */
  String overRate() {
    return overRate;
  }
}
