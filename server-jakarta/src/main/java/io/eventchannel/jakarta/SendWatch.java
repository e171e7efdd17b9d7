package io.eventchannel.jakarta;

import io.eventchannel.transport.Scheduler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks ten times a second which of a servlet's {@link CreditedSends} waits for its socket, though
 * none should: that session gets no more credit, and the {@link CircuitBreaker} is told of the time
 * between two looks. So it notices its part of all waiting, be it one long wait or many short ones;
 * and a thread that has only lost its processor does not count. Who is seen to wait in the same
 * send for the third time loses the connection, and then the wait is ended by an interrupt: its
 * client may resume, while all others of the loop have waited with it. Looks are counted, not time,
 * so that a process which stands still for seconds loses nobody.
 *
 * <p>Each thread that sends has a {@link Desk}, of which it alone writes the session, then an odd
 * number; and when the send is over, the even number that follows. A look reads the number, the
 * session, the state of the thread, and the number again: if that is the same odd one, then the
 * thread was seen inside that send.
 *
 * <p>Who interrupts writes that number into {@code interrupted}, and reads the number once more; a
 * sender reads {@code interrupted} after it has written the even number. So whichever comes second
 * sees the other: a thread that is done is left alone, or it waits at the desk's lock for who
 * interrupts, and takes back what was meant for its send.
 *
 * <p>The looks go on as long as a thread lives that has sent. A loop's thread ends when it has had
 * nothing to do for half a minute, so they go on while there are heartbeats: ten times a second for
 * a servlet. A send neither asks nor begins anything.
 */
final class SendWatch {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  // Two would be enough to tell a wait from a moment; the third leaves the time between two looks
  // to a thread of the container that has to be given a processor first.
  private static final int PATIENCE = 3;

  private final Scheduler scheduler;
  private final CircuitBreaker breaker;
  private final List<Desk> desks = new CopyOnWriteArrayList<>();
  private final ThreadLocal<Desk> desk = ThreadLocal.withInitial(this::newDesk);
  private boolean looking; // guarded by this
  private volatile boolean cautious; // for good, once frames were too many packets for a socket

  SendWatch(Scheduler scheduler) {
    this.scheduler = scheduler;
    this.breaker = new CircuitBreaker(scheduler::nanoTime);
  }

  /** Whether calls that may wait are to be made. */
  boolean allows() {
    return breaker.isClosed();
  }

  /** What a frame is to count for beside its bytes, by what was seen of the sockets here. */
  int frameCost() {
    return cautious ? WriteCredit.PACKET_COST : WriteCredit.FRAME_COST;
  }

  /** The calling thread begins a call on that session that may wait; {@link Desk#done} follows. */
  Desk begin(CreditedSends session) {
    Desk here = desk.get();
    here.begin(session);
    return here;
  }

  private Desk newDesk() {
    Desk made = new Desk(Thread.currentThread());
    boolean begins;
    synchronized (this) {
      desks.add(made);
      begins = !looking;
      looking = true;
    }
    if (begins) {
      lookLater();
    }
    return made;
  }

  private void lookLater() {
    try {
      scheduler.schedule(this::look, LOOK_NANOS);
    } catch (Throwable noLook) { // the next thread that sends tries again
      synchronized (this) {
        looking = false;
      }
      throw noLook;
    }
  }

  private void look() {
    try {
      desks.forEach(this::lookAt);
    } finally {
      if (goesOn()) {
        lookLater();
      }
    }
  }

  private synchronized boolean goesOn() {
    desks.removeIf(each -> !each.thread.isAlive());
    looking = !desks.isEmpty();
    return looking;
  }

  private void lookAt(Desk desk) {
    CreditedSends waits = desk.whoWaits();
    if (waits == null) {
      return;
    }
    waits.revoke();
    tell(breaker.waited(LOOK_NANOS));
    if (desk.looks >= PATIENCE) {
      end(waits, desk, desk.waiting);
    }
  }

  /**
   * Ends a send that waits. The connection is cut before the thread goes on, since Tomcat answers
   * the failure of a send with a close frame, whose header it writes over that of the frame which
   * the socket may yet take. A session that the container has begun to close by itself is not cut;
   * each further look frees the thread from what it waits for then.
   */
  private void end(CreditedSends session, Desk desk, long send) {
    cautious |= session.hasManyFrames(); // before the others of that thread go on
    try {
      session.cut();
    } finally {
      desk.interrupt(send);
    }
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
    private volatile long interrupted; // the number of a send that was; odd
    private long waiting; // the number of the send that was seen to wait last; the looker's
    private int looks; // in how many looks; the looker's

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
      long sent = number++;
      session = null; // or the thread would keep it
      if (interrupted == sent) {
        takeInterruptBack();
      }
    }

    private synchronized void takeInterruptBack() {
      Thread.interrupted();
    }

    private synchronized void interrupt(long send) {
      interrupted = send;
      if (number == send) {
        thread.interrupt();
      }
    }

    /** Which session's send is seen to wait, and in how many looks by now. */
    private @Nullable CreditedSends whoWaits() {
      long before = number;
      if ((before & 1) == 0) {
        return null;
      }
      CreditedSends at = session;
      Thread.State state = thread.getState();
      // Tomcat waits for a socket, and for what else is being sent on it, with a limit. For locks,
      // its own, of a log or of the random numbers, threads wait without.
      if (state != Thread.State.TIMED_WAITING || number != before) {
        return null;
      }
      looks = before == waiting ? looks + 1 : 1;
      waiting = before;
      return at;
    }
  }
}
