package io.eventchannel.jakarta;

import io.eventchannel.transport.Scheduler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Looks now and then which of a servlet's {@link CreditedSends} waits for its socket, though none
 * should: that session gets no more credit, and the {@link CircuitBreaker} is told of the time
 * between two looks. So it notices its part of all waiting, be it one long wait or many short ones;
 * and a thread that has only lost its processor does not count.
 *
 * <p>Each thread that sends has a {@link Desk}, which it alone writes to: the session, then an odd
 * number; and when the send is over, the even number that follows. A look reads the number, the
 * session, the state of the thread, and the number again: if that is the same odd one, then the
 * thread was seen inside that send.
 *
 * <p>The looks go on as long as something was sent since the last one. To end, {@code looking} goes
 * down before a last glance at the desks; a sender reads it after it has written its number. So
 * whichever comes second sees the other, and begins them anew.
 */
final class SendWatch {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Scheduler scheduler;
  private final CircuitBreaker breaker;
  private final List<Desk> desks = new CopyOnWriteArrayList<>();
  private final ThreadLocal<Desk> desk = ThreadLocal.withInitial(this::newDesk);
  private final AtomicBoolean looking = new AtomicBoolean();

  SendWatch(Scheduler scheduler) {
    this.scheduler = scheduler;
    this.breaker = new CircuitBreaker(scheduler::nanoTime);
  }

  /** Whether calls that may wait are to be made. */
  boolean allows() {
    return breaker.isClosed();
  }

  /** The calling thread begins a call on that session that may wait; {@link Desk#done} follows. */
  Desk begin(CreditedSends session) {
    Desk here = desk.get();
    here.begin(session);
    lookSoon();
    return here;
  }

  private Desk newDesk() {
    Desk made = new Desk(Thread.currentThread());
    desks.add(made);
    return made;
  }

  private void lookSoon() {
    if (!looking.get() && looking.compareAndSet(false, true)) {
      scheduler.schedule(this::look, LOOK_NANOS);
    }
  }

  private void look() {
    boolean goOn = true;
    try {
      goOn = hasWork();
    } finally {
      if (goOn) {
        scheduler.schedule(this::look, LOOK_NANOS);
      }
    }
  }

  /** Looks at all desks; returns whether to look again. */
  private boolean hasWork() {
    desks.removeIf(each -> !each.thread.isAlive());
    boolean busy = false;
    for (Desk each : desks) {
      CreditedSends waits = each.whoWaits();
      if (waits != null) {
        waits.revoke();
        tell(breaker.waited(LOOK_NANOS));
      }
      busy |= each.hasSent();
    }
    if (busy) {
      return true;
    }
    looking.set(false);
    for (Desk each : desks) {
      busy |= each.hasSent();
    }
    return busy && looking.compareAndSet(false, true);
  }

  private static void tell(boolean tripped) {
    if (tripped) {
      ChannelServlet.LOG.log(
          System.Logger.Level.WARNING,
          "peers that do not read what they make the container send have held others up for a"
              + " second: for the next minute all frames are sent by calls that do not wait");
    }
  }

  /** What one thread is at. */
  static final class Desk {
    private final Thread thread;
    private volatile @Nullable CreditedSends session;
    private volatile long number; // odd while a send is under way
    private long seen; // the number at the last look; the looker's

    private Desk(Thread thread) {
      this.thread = thread;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void begin(CreditedSends at) {
      session = at;
      number++;
    }

    /** The call has returned. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void done() {
      number++;
      session = null; // or the thread would keep it
    }

    private @Nullable CreditedSends whoWaits() {
      long before = number;
      if ((before & 1) == 0) {
        return null;
      }
      CreditedSends at = session;
      Thread.State state = thread.getState();
      // Tomcat waits for a socket, and for what else is being sent on it, with a limit. For locks,
      // its own, of a log or of the random numbers, threads wait without.
      return state == Thread.State.TIMED_WAITING && number == before ? at : null;
    }

    /** Whether something was sent since this was asked last, or is under way. */
    private boolean hasSent() {
      long now = number;
      boolean sent = now != seen || (now & 1) == 1;
      seen = now;
      return sent;
    }
  }
}
