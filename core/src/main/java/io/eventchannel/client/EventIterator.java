package io.eventchannel.client;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelException;
import io.eventchannel.Gap;
import io.eventchannel.transport.Scheduler;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events of a channel, read by a thread that waits for them. {@link ChannelClient#iterate}
 * opens it:
 *
 * <pre>{@code
 * try (EventIterator events = client.iterate(request, gap -> reload())) {
 *   for (Event event : events) {
 *     ...
 *   }
 * }
 * }</pre>
 *
 * <p><b>Pace.</b> Nothing is taken from the channel's inbound queue before it is asked for. A
 * reader that stays away lets the queue fill, then the channel reads no more from its socket; no
 * thread waits for the reader meanwhile.
 *
 * <p><b>Position.</b> An event is handled when the reader comes back for the next one; then its
 * position is stored, on the reading thread. One that was taken last before {@link #close} is not
 * handled, and comes again after a restart: delivery is at least once. With {@link
 * ChannelRequest.Builder#manualCommit} that is up to {@code channel().commit(id)} instead.
 *
 * <p><b>Threads.</b> One thread reads at a time, as each reading method checks; {@link #close} and
 * {@link #channel} are for any thread.
 *
 * <p><b>Interrupt.</b> A thread that is interrupted while it waits, or comes to wait interrupted,
 * gets an {@link EventChannelException} and keeps its interrupt flag. Nothing is lost: reading can
 * go on. An event that is there is returned whatever the flag.
 *
 * <p><b>End.</b> After {@link #close}, and when the server ended the channel in an orderly way
 * (status 204, or close code 1000) or its answer to a POST is complete, there are no more events.
 * If the channel ended for any other reason, each reading method throws a {@link
 * ChannelClosedException} that gives it.
 */
@SuppressWarnings(
    "IterableAndIterator") // a second pass, which that invites, is refused by iterator()
public final class EventIterator implements Iterator<Event>, Iterable<Event>, AutoCloseable {
  private static final Duration LONGEST_WAIT = Duration.ofDays(365);

  private final Consumer<? super Gap> onGap;
  private final Scheduler scheduler;
  private final Turns turns = new Turns(this::wake);
  private final EventChannel channel;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // Guarded by lock. Who runs turns: the thread that reads, or that closes while nobody does.
  private @Nullable Thread reader;
  private boolean nobodyReads; // and the reader is there to run the last turn only
  private boolean iteratorGiven;

  EventIterator(ChannelClient client, ChannelRequest request, Consumer<? super Gap> onGap) {
    this.onGap = Objects.requireNonNull(onGap, "onGap");
    this.scheduler = client.settings().scheduler;
    this.channel = client.read(request, turns);
  }

  /** The channel that is read: to send over, to commit on, to ask for its state. */
  public EventChannel channel() {
    return channel;
  }

  /**
   * Returns this iterator, for the loop of a {@code for} statement.
   *
   * @throws IllegalStateException the second time: there is but one pass
   */
  @Override
  public Iterator<Event> iterator() {
    lock.lock();
    try {
      if (iteratorGiven) {
        throw new IllegalStateException("iterator: expected one call, got a second");
      }
      iteratorGiven = true;
      return this;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until there is another event, and returns whether there is. Calls {@code onGap} first
   * where events are missing before it; what that throws is thrown, and reading can go on.
   *
   * @throws ChannelClosedException if the channel ended other than orderly
   * @throws EventChannelException if the thread is interrupted
   * @throws IllegalStateException if another thread is reading, or {@code onGap} reads
   */
  @Override
  public boolean hasNext() {
    enter();
    try {
      return advance(null);
    } finally {
      leave();
    }
  }

  /**
   * Waits for the next event and returns it.
   *
   * @throws NoSuchElementException if there are no more
   * @throws ChannelClosedException if the channel ended other than orderly
   * @throws EventChannelException if the thread is interrupted
   * @throws IllegalStateException if another thread is reading, or {@code onGap} reads
   */
  @Override
  public Event next() {
    enter();
    try {
      // What hasNext() promised is kept, even if another thread has closed the channel since.
      if (turns.hasEvent() || advance(null)) {
        return Objects.requireNonNull(turns.takeEvent());
      }
      throw new NoSuchElementException("the channel has ended");
    } finally {
      leave();
    }
  }

  /**
   * Waits for the next event, but not for ever.
   *
   * @param timeout how long; zero or less asks only what is there already
   * @return the event, or null if none came in time or none will come any more; then the channel's
   *     state is {@link ChannelState#CLOSED}, or about to be
   * @throws ChannelClosedException if the channel ended other than orderly
   * @throws EventChannelException if the thread is interrupted
   * @throws IllegalStateException if another thread is reading, or {@code onGap} reads
   */
  public @Nullable Event poll(Duration timeout) {
    Duration bounded = timeout.compareTo(LONGEST_WAIT) < 0 ? timeout : LONGEST_WAIT;
    Patience patience = new Patience(bounded.toNanos());
    enter();
    try {
      return advance(patience) ? turns.takeEvent() : null;
    } finally {
      patience.end();
      leave();
    }
  }

  /**
   * Closes the channel for good and wakes the thread that waits in here. What was not taken is not
   * delivered any more. Idempotent; returns at once, from any thread and inside {@code onGap}.
   */
  @Override
  public void close() {
    channel.close();
  }

  // ---- reading; by the one reader

  private void enter() {
    lock.lock();
    try {
      while (nobodyReads) { // not for long
        changed.awaitUninterruptibly();
      }
      if (reader != null) {
        throw new IllegalStateException(
            "reader: expected one thread at a time, and none from onGap; "
                + reader.getName()
                + " is reading, and "
                + Thread.currentThread().getName()
                + " came");
      }
      reader = Thread.currentThread();
    } finally {
      lock.unlock();
    }
  }

  /** Goes on to the next event. Returns whether there is one; the reader is back for more. */
  private boolean advance(@Nullable Patience patience) {
    while (!turns.isClosed()) {
      Gap gap = turns.takeGap();
      CloseReason end = turns.end();
      if (gap != null) {
        onGap.accept(gap);
      } else if (turns.hasEvent()) {
        return true;
      } else if (end != null) {
        return ended(end);
      } else if (!turns.run(true) && !await(patience)) {
        return false;
      }
    }
    turns.takeEvent();
    return false;
  }

  private static boolean ended(CloseReason reason) {
    if (Turns.isOrderly(reason)) {
      return false;
    }
    throw new ChannelClosedException(reason);
  }

  /** Waits for a turn. Returns whether it is worth looking again. */
  private boolean await(@Nullable Patience patience) {
    if (patience != null) {
      patience.begin();
    }
    lock.lock();
    try {
      while (!turns.isDue() && !turns.isClosed()) {
        if (patience != null && patience.over) {
          return false;
        }
        changed.await();
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EventChannelException("interrupted while waiting for an event; none is lost", e);
    } finally {
      lock.unlock();
    }
  }

  /** Ceases to read, once nobody is needed to run the last turn of a channel that was closed. */
  private void leave() {
    while (true) {
      lock.lock();
      try {
        if (!turns.isClosed() || !turns.isDue()) {
          reader = null;
          nobodyReads = false;
          changed.signalAll();
          return;
        }
      } finally {
        lock.unlock();
      }
      turns.run(false);
    }
  }

  /** A turn is due or the channel was closed; called by any thread. */
  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
      if (reader != null || !turns.isClosed()) {
        return;
      }
      reader = Thread.currentThread(); // which meets no code of the application in the last turn
      nobodyReads = true;
    } finally {
      lock.unlock();
    }
    leave();
  }

  /** How long a reader waits, from the moment it has to. */
  private final class Patience {
    private final long nanos;
    private Scheduler.@Nullable Cancellable timer;
    // Guarded by lock.
    private boolean over;

    Patience(long nanos) {
      this.nanos = nanos;
      this.over = nanos <= 0;
    }

    void begin() {
      if (nanos > 0 && timer == null) {
        timer = scheduler.schedule(this::timeIsOver, nanos);
      }
    }

    private void timeIsOver() {
      lock.lock();
      try {
        over = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    void end() {
      if (timer != null) {
        timer.cancel();
      }
    }
  }

  @Override
  public String toString() {
    return "EventIterator{" + channel + "}";
  }
}
