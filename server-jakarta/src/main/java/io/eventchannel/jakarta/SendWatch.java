package io.eventchannel.jakarta;

import io.eventchannel.transport.Scheduler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
 * <p>The looks go on until nothing was sent for a second, so that an idle server sleeps and a feed
 * that is not idle begins none with its sends. To end, {@code looking} goes down before a last
 * glance at the desks; a sender reads it after it has written its number. So whichever comes second
 * sees the other, and begins them anew.
 */
final class SendWatch {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  // Two would be enough to tell a wait from a moment; the third leaves the time between two looks
  // to a thread of the container that has to be given a processor first.
  private static final int PATIENCE = 3;

  private static final int QUIET_LOOKS = 10;

  private final Scheduler scheduler;
  private final CircuitBreaker breaker;
  private final List<Desk> desks = new CopyOnWriteArrayList<>();
  private final ThreadLocal<Desk> desk = ThreadLocal.withInitial(this::newDesk);
  private final AtomicBoolean looking = new AtomicBoolean();
  private int quiet; // looks since one found that something was sent; the looker's
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
    if (!looking.get()) {
      beginLooks(here);
    }
    return here;
  }

  private void beginLooks(Desk here) {
    if (!looking.compareAndSet(false, true)) {
      return;
    }
    try {
      lookLater();
    } catch (Throwable noLook) { // nothing is sent then
      here.done();
      throw noLook;
    }
  }

  private Desk newDesk() {
    Desk made = new Desk(Thread.currentThread());
    desks.add(made);
    return made;
  }

  private void lookLater() {
    try {
      scheduler.schedule(this::look, LOOK_NANOS);
    } catch (Throwable noLook) { // the next send tries again
      looking.set(false);
      throw noLook;
    }
  }

  private void look() {
    boolean goOn = true;
    try {
      desks.removeIf(each -> !each.thread.isAlive());
      desks.forEach(this::lookAt);
      goOn = goesOn();
    } finally {
      if (goOn) {
        lookLater();
      }
    }
  }

  private boolean goesOn() {
    quiet = hasSent() ? 0 : quiet + 1;
    if (quiet < QUIET_LOOKS) {
      return true;
    }
    quiet = 0;
    looking.set(false);
    return hasSent() && looking.compareAndSet(false, true);
  }

  /** Whether something was sent since this was asked last, or is under way. */
  private boolean hasSent() {
    boolean sent = false;
    for (Desk each : desks) {
      sent |= each.hasSent();
    }
    return sent;
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
    private long seen; // the number when it was asked last whether it has sent; the looker's
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

    private boolean hasSent() {
      long now = number;
      boolean sent = now != seen || (now & 1) == 1;
      seen = now;
      return sent;
    }
  }
}
