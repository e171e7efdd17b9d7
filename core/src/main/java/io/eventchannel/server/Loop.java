package io.eventchannel.server;

import io.eventchannel.log.Position;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One of the few threads that serve all subscriptions. A pass first walks what is new in the
 * window, once for everybody, and wakes whose topic came; then it lets each subscription that is
 * ready have its turn.
 *
 * <p>Whoever has something for the loop leaves it (in the window, or in {@code ready}) and then
 * counts {@code signals} up; whoever counts it from zero starts the passes. The passes end when the
 * count is what it was before they looked, so nothing that was left before a signal is overlooked.
 * That atomic count also orders one pass before the next, whatever threads the executor has.
 *
 * <p>A subscription that parks tells the index up to which it looked; the loop walked the window up
 * to {@code seen}. As both are compared on this thread, no entry can slip between the two.
 */
final class Loop implements Runnable {
  private static final Logger LOGGER = System.getLogger(Loop.class.getName());

  // After so many turns the window is walked again: news must not wait for a long queue.
  private static final int TURNS_PER_PASS = 1024;

  private final Executor executor;
  private final Window window;
  private final Runnable startOver;
  private final AtomicInteger signals = new AtomicInteger();

  // Bounded by the number of subscriptions: each is in it at most once for a turn and once to park.
  private final Queue<Runnable> ready = new ConcurrentLinkedQueue<>();

  // The loop's own.
  private final Parking parking = new Parking();
  private final BatchCache cache = new BatchCache();
  private final ArrayDeque<Parking.Place> woken = new ArrayDeque<>();
  private @Nullable Run run;
  private long seen;
  // Entries below this index passed unseen: whoever looked less far has to look for himself.
  private long blindBelow;

  /**
   * Creates a loop.
   *
   * @param executor runs its passes; one at a time is enough
   * @param startOver wakes all subscriptions of this loop, which lost its place in the window
   */
  Loop(Executor executor, Window window, Runnable startOver) {
    this.executor = executor;
    this.window = window;
    this.startOver = startOver;
  }

  /** Makes the loop look at the window and at what is ready; from any thread. */
  void signal() {
    if (signals.getAndIncrement() == 0) {
      try {
        executor.execute(this);
      } catch (RejectedExecutionException e) {
        // Only after the feed has ended, when nobody is left to be served.
        LOGGER.log(Level.DEBUG, "Signal after the end of the loop", e);
      }
    }
  }

  /** Gives a task to the loop; from any thread. */
  void enqueue(Runnable task) {
    ready.add(task);
    signal();
  }

  /** The loop's batches; only on the loop. */
  BatchCache cache() {
    return cache;
  }

  @Override
  public void run() {
    int answered;
    do {
      answered = signals.get();
      pass();
    } while (signals.addAndGet(-answered) != 0);
  }

  private void pass() {
    walk();
    for (Parking.Place place = woken.poll(); place != null; place = woken.poll()) {
      runSafely(place.subscription::turn);
    }
    for (int i = 0; i < TURNS_PER_PASS; i++) {
      Runnable task = ready.poll();
      if (task == null) {
        break;
      }
      runSafely(task);
    }
    cache.clear();
    if (!ready.isEmpty() || !woken.isEmpty()) {
      signals.incrementAndGet();
    }
  }

  private static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (Throwable t) { // one subscription's defect must not end the others' loop
      LOGGER.log(Level.ERROR, "A subscription's turn failed", t);
    }
  }

  private void walk() {
    Run current = window.run();
    if (current == null) {
      return;
    }
    if (current != run) {
      // The subscriptions are woken by whoever began the new run; nobody waits in this one yet.
      run = current;
      seen = 0;
      blindBelow = 0;
    }
    long end = current.head().index;
    while (seen < end) {
      Run.Slot slot = current.slot(seen);
      if (slot == null) {
        // The whole window turned over while this loop was away: nobody knows whose entries passed.
        seen = Math.max(current.base(), seen + 1);
        blindBelow = seen;
        startOver.run();
        continue;
      }
      parking.entry(slot, this::wake);
      seen++;
    }
  }

  private void wake(Parking.Place place, Run.Slot first) {
    hint(place, first.index, first.before);
    woken.add(place);
  }

  /** Tells a subscription up to where nothing was for it, if this loop knows. */
  private void hint(Parking.Place place, long index, Position before) {
    Run walked = run;
    if (walked != null && walked == place.run() && place.examined() >= blindBelow) {
      place.subscription.skipTo(walked, index, before);
    }
  }

  /**
   * Lets a subscription sleep until an entry of its topics comes; on the loop.
   *
   * @param in the run in which it stands
   * @param examined the index below which it has looked
   * @return false if it must look again
   */
  boolean park(Parking.Place place, Run in, long examined) {
    if (in != run) {
      // The loop has not walked in that run yet, or no longer does. In the first case it begins at
      // its start, so nothing is missed; in the second the subscription has to move.
      if (in != window.run()) {
        return false;
      }
      walk();
    }
    for (long i = examined; i < seen; i++) {
      Run.Slot slot = in.slot(i);
      if (slot == null || place.subscription.wants(slot)) {
        return false;
      }
    }
    parking.park(place, in, Math.max(examined, seen));
    return true;
  }

  /** Wakes a subscription, telling it how far the loop has looked on its behalf; on the loop. */
  void unpark(Parking.Place place) {
    if (!place.isParked()) {
      return;
    }
    parking.unpark(place);
    Run walked = run;
    Run.Slot last = walked == null || seen == 0 ? null : walked.slot(seen - 1);
    if (last != null) {
      hint(place, seen, last.position);
    }
  }

  /** How many topics have subscriptions on this loop; on the loop. */
  int waitingTopics() {
    return parking.topics();
  }

  /** Forgets a subscription that has ended; on the loop. */
  void retire(Parking.Place place) {
    parking.retire(place);
  }
}
