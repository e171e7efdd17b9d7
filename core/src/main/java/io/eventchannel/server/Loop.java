package io.eventchannel.server;

import io.eventchannel.log.Position;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One of the few threads that serve all subscriptions, or, where a container demands that its own
 * threads do, what we do on one of those. A pass walks what is new in the window, once for
 * everybody, and wakes whose topic came; it lets each subscription that is ready have its turn, the
 * woken and the others in alternation, and walks again every few turns of the others.
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

  // After so many turns the window is walked again: news must not wait for a long queue, of which
  // each turn may be eight writes. To find nothing new costs two reads of a volatile field. But not
  // before all who were woken have had theirs: to wake some of them again in between takes a burst
  // apart into smaller batches, which fewer of them share.
  private static final int TURNS_PER_WALK = 16;

  private static final int TURNS_PER_PASS = 1024;

  // A thread that is not ours has connections to read from, and other people's requests.
  private static final int TURNS_PER_VISIT = 64;

  // Two to three milliseconds of writes. To share less with a second thread costs more than it
  // saves: the two contend for the caches, and with whoever the events go to on the same machine.
  private static final int TURNS_PER_CALL = 256;

  private final LoopRunner runner;
  private final boolean visits;
  private final Window window;
  private final Consumer<? super Loop> startOver;
  private final @Nullable LongConsumer sample;
  private final AtomicInteger signals = new AtomicInteger();
  private final AtomicInteger members = new AtomicInteger();

  // Bounded by the number of subscriptions: each is in it at most once for a turn and once to park.
  private final Queue<Runnable> ready = new ConcurrentLinkedQueue<>();

  // The loop's own.
  private final Parking parking = new Parking();
  private final BatchCache cache = new BatchCache();
  private long turns;
  private boolean rejected;
  private @Nullable Run run;
  private long seen;
  // Entries below this index passed unseen: whoever looked less far has to look for himself.
  private long blindBelow;

  /**
   * Creates a loop.
   *
   * @param runner runs its passes; one at a time is enough
   * @param visits whether the runner has other work to do between two passes
   * @param startOver wakes all subscriptions of this loop, which lost its place in the window
   * @param sample told in each pass when an event came for which a subscription slept that was
   *     written events by now: for the last of them; null if nobody wants to know
   */
  Loop(
      LoopRunner runner,
      boolean visits,
      Window window,
      Consumer<? super Loop> startOver,
      @Nullable LongConsumer sample) {
    this.runner = runner;
    this.visits = visits;
    this.window = window;
    this.startOver = startOver;
    this.sample = sample;
  }

  /** A subscription belongs to it from now on; before it looks at the window. */
  void joined() {
    members.incrementAndGet();
  }

  /** A subscription has ended. */
  void left() {
    members.decrementAndGet();
  }

  /**
   * The window grew; from any thread. A loop of nobody need not look: either the new entry or the
   * new member was there before the other looked for it.
   */
  void grew() {
    if (members.get() != 0) {
      signal();
    }
  }

  /** Makes the loop look at the window and at what is ready; from any thread. */
  void signal() {
    if (signals.getAndIncrement() == 0) {
      begin();
    }
  }

  private void begin() {
    try {
      runner.execute(this);
    } catch (RejectedExecutionException e) {
      // Of ours: after the feed has ended, when nobody is left to be served. Of a container that
      // has stopped: its connections are gone. Whoever is here runs the passes to the end.
      rejected = true;
      LOGGER.log(Level.DEBUG, "The thread of a loop has ended", e);
      startOver.accept(this);
      run();
    } catch (Throwable t) { // a thread cannot be had: the next signal, at the latest a beat, tries
      LOGGER.log(Level.ERROR, "No thread for a loop; it stands still until the next signal", t);
      signals.set(0);
    }
  }

  /** Whether the thread has ended, so that nobody may be served; on the loop. */
  boolean isRejected() {
    return rejected;
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
    while (true) {
      int answered = signals.get();
      pass();
      if (parking.hasWoken() || !ready.isEmpty()) {
        answered--; // so that another pass follows
      } else {
        cache.clear();
      }
      if (signals.addAndGet(-answered) == 0) {
        return;
      }
      if (visits && !rejected) {
        begin();
        return;
      }
    }
  }

  private void pass() {
    walk();
    boolean served = false;
    long servedEvent = 0;
    int turns = visits ? TURNS_PER_VISIT : TURNS_PER_PASS;
    for (int i = 0; i < turns; i++) {
      if (i % TURNS_PER_WALK == TURNS_PER_WALK - 1 && !parking.hasWoken()) {
        walk();
      }
      if (i % TURNS_PER_CALL == TURNS_PER_CALL - 1) {
        runner.busy();
      }
      Parking.Place place = nextWoken();
      if (place != null) {
        Parking.Wake wake = parking.polledFrom();
        boolean waited = wake.first.index >= place.examined(); // or it had the first one already
        hint(place, wake.run, wake.first.index, wake.first.before);
        parking.unpark(place);
        long before = place.subscription.eventsWritten();
        runSafely(place.subscription::turn);
        if (waited && place.subscription.eventsWritten() > before) {
          served = true;
          servedEvent = wake.first.cameAt;
        }
      }
      if (served && (!parking.hasWoken() || i == turns - 1)) {
        served = false;
        tell(servedEvent);
      }
      Runnable task = ready.poll();
      if (task != null) {
        runSafely(task);
      } else if (place == null) {
        return;
      }
    }
  }

  private void runSafely(Runnable task) {
    turns++;
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
      // The subscriptions are woken by whoever began the new run; nobody waits in this one yet, and
      // who does later says how far it has looked.
      run = current;
      parking.startAnew();
      seen = current.head().index;
      blindBelow = seen;
    }
    long end = current.head().index;
    while (seen < end) {
      Run.Slot slot = current.slot(seen);
      if (slot == null) {
        // The whole window turned over while this loop was away: nobody knows whose entries passed.
        seen = Math.max(current.base(), seen + 1);
        blindBelow = seen;
        startOver.accept(this);
        continue;
      }
      parking.entry(current, slot);
      seen++;
    }
  }

  private void tell(long cameAt) {
    if (sample != null) {
      sample.accept(cameAt);
    }
  }

  /** Returns the next that was woken by something that it may want; null if none was. */
  private Parking.@Nullable Place nextWoken() {
    Parking.Place place = parking.poll();
    while (place != null && parking.isToAsk(parking.polledFrom()) && sleepsOn(place)) {
      place = parking.poll();
    }
    return place;
  }

  /** Parks a place anew if nothing that came is for it. */
  private boolean sleepsOn(Parking.Place place) {
    Run in = place.run();
    return in != null && in == run && park(place, in, place.examined());
  }

  /**
   * Tells a subscription that is parked up to where nothing was for it, if this loop knows.
   *
   * @param walked the run in which that was seen
   */
  private void hint(Parking.Place place, Run walked, long index, Position before) {
    if (walked == run && walked == place.run() && place.examined() >= blindBelow) {
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
      // The loop has not walked in that run yet, or no longer does, and then the subscription has
      // to move. What it may have missed in the first case is looked at below.
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
    if (walked == null || last == null) {
      return;
    }
    if (parking.isUndisturbed(place, walked)) {
      hint(place, walked, seen, last.position);
      return;
    }
    Parking.Wake wake = parking.oldestFor(place, walked); // which will not find it asleep
    if (wake != null) {
      hint(place, walked, wake.first.index, wake.first.before);
    }
  }

  /** How many turns it has given; on the loop. */
  long turns() {
    return turns;
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
