package io.eventchannel.server;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The calls to the application for one channel: one at a time, in order, on the application's
 * executor, never under a lock.
 *
 * <p>They are made in turns. Whatever the executor does with a turn that it is offered (refuse it,
 * throw something else, run it here and throw then, run it twice), the turn is taken once and
 * nothing is lost: one that was not taken is offered again by {@link RefusedTurns}. The number of
 * calls is bounded by those who add them.
 */
final class ListenerCalls {
  private static final Logger LOGGER = System.getLogger(ListenerCalls.class.getName());
  private static final int CALLS_PER_TURN = 64;

  private final Executor executor;
  private final RefusedTurns refused;

  // Guarded by this. At most one of the two: a turn that nobody has begun yet, one that runs.
  private @Nullable Call first; // linked, since nearly all channels have none nearly always
  private @Nullable Call last;
  private @Nullable Turn offered;
  private boolean running;

  ListenerCalls(Executor executor, RefusedTurns refused) {
    this.executor = executor;
    this.refused = refused;
  }

  /** Adds a call; from any thread, but not under a lock, since the executor may run it here. */
  void add(Runnable call) {
    enqueue(call);
    start();
  }

  /** Adds a call that waits for {@link #start}; also under a lock of the caller. */
  synchronized void enqueue(Runnable call) {
    Call added = new Call(call);
    if (last == null) {
      first = added;
    } else {
      last.next = added;
    }
    last = added;
  }

  /** Takes the next call; if there is none, none runs any more. */
  private synchronized @Nullable Runnable poll() {
    Call oldest = first;
    if (oldest == null) {
      running = false;
      return null;
    }
    first = oldest.next;
    if (first == null) {
      last = null;
    }
    return oldest.call;
  }

  /** Makes sure that what was added is called. */
  void start() {
    Turn turn;
    synchronized (this) {
      if (running || first == null) {
        return;
      }
      turn = offered;
      if (turn == null) {
        turn = new Turn();
        offered = turn;
      } else if (turn.offeredAtTheEnd || !refused.isEnding()) {
        return;
      } else {
        turn.offeredAtTheEnd = true;
      }
      // At the end an executor that was shut down may have dropped what it took; then it refuses
      // the same turn now. One that goes on takes it a second time, which changes nothing.
    }
    turn.offer();
  }

  /** A part of the calls. */
  final class Turn implements Runnable {
    private boolean offeredAtTheEnd; // guarded by the calls

    private Turn() {}

    /** Offers it to the executor. */
    void offer() {
      try {
        executor.execute(this);
      } catch (Throwable t) { // whatever the executor throws, the calls must be made
        refused.report(t);
        if (isOpen()) { // and not run here before the executor threw
          refused.add(this);
        }
      }
    }

    private boolean isOpen() {
      synchronized (ListenerCalls.this) {
        return offered == this;
      }
    }

    /** Makes the calls, if it is the first that does. */
    @Override
    public void run() {
      synchronized (ListenerCalls.this) {
        if (offered != this) {
          return;
        }
        offered = null;
        running = true;
      }
      Turn next = makeCalls();
      if (next != null) {
        next.offer();
      }
    }
  }

  private static final class Call {
    final Runnable call;
    @Nullable Call next;

    Call(Runnable call) {
      this.call = call;
    }
  }

  /** Returns the next turn if there is more to call. */
  private @Nullable Turn makeCalls() {
    for (int i = 0; i < CALLS_PER_TURN; i++) {
      Runnable call = poll();
      if (call == null) {
        return null;
      }
      try {
        call.run();
      } catch (Throwable t) { // an Error of the application must not end the channel's calls
        LOGGER.log(Level.ERROR, "A channel's listener failed", t);
      }
      Thread.interrupted(); // an interrupt that a call leaves behind is not meant for the next one
    }
    synchronized (this) {
      running = false;
      offered = new Turn();
      return offered;
    }
  }
}
