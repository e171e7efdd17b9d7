package io.eventchannel.client;

import io.eventchannel.CursorStore;
import io.eventchannel.transport.Scheduler;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way of a channel's events to its listener: from the inbound queue, one call after the other,
 * to what counts as handled.
 *
 * <p>At most one task runs or is about to, as {@code scheduled} says, so calls are serial; each
 * turn takes the lock after the turn before released it, so calls happen one before the next. What
 * is taken from the queue before {@link #dropAllButTerminal} is still told; nothing is told after
 * the terminal call, since nothing is put behind it.
 *
 * <p>Where somebody reads by asking ({@link Turns}), a turn is one call, and what it told is
 * handled, and makes room in the queue, when the next turn begins. So after a call there is always
 * a next turn, though nothing may be left to tell.
 *
 * <p>A call that throws is reported, and its event counts as handled: it was delivered, and to
 * deliver it again would most likely fail again.
 */
final class Delivery {
  /** Who hears; called without the lock. */
  interface Target {
    /** Makes one call of the listener; what the listener throws is thrown. */
    void tell(Inbound call);

    /** The application's code failed. */
    void report(Throwable error);

    /** The terminal call returned. */
    void ended();

    /** The executor refuses: the application shut it down before its client. */
    void unreachable(RejectedExecutionException refused);
  }

  // A busy channel lets others have the thread after so many calls.
  private static final int CALLS_PER_TURN = 256;

  // Threads are freed by others, who say nothing; so often it costs nothing to try.
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ChannelEngine engine;
  private final Target target;
  private final Positions positions;
  private final Progress progress;
  private final @Nullable Turns turns;
  private final Executor executor;
  private final int callsPerTurn;
  private final Scheduler scheduler;
  private final CallOuts callOuts;
  private final Object lock;

  // Guarded by lock.
  private final InboundQueue queue;
  private boolean scheduled;

  // Touched by the task alone: what was told and is not handled yet.
  private @Nullable Inbound inHand;

  Delivery(
      ChannelEngine engine,
      Target target,
      Object lock,
      CallOuts callOuts,
      Positions positions,
      ClientSettings settings,
      ChannelRequest request,
      @Nullable Turns turns) {
    this.engine = engine;
    this.target = target;
    this.lock = lock;
    this.scheduler = settings.scheduler;
    this.callOuts = callOuts;
    this.positions = positions;
    this.turns = turns;
    this.executor = turns != null ? turns : settings.executor;
    this.callsPerTurn = turns != null ? 1 : CALLS_PER_TURN;
    this.queue = new InboundQueue(settings.inboundCount, settings.inboundBytes);
    CursorStore store = request.cursorStore();
    this.progress =
        request.isManualCommit()
            ? new CommitProgress(positions, store, settings.executor, target::report)
            : new ReturnProgress(positions, store, target::report);
  }

  /** The channel begins at a stored position, or at none; the lock is held. */
  void begin(@Nullable String position) {
    positions.begin(position);
    progress.begin();
  }

  /** Everything up to an event is done, says the application; the lock is not held. */
  void commit(String lastEventId) {
    progress.commit(lastEventId);
  }

  /** Adds an entry; the lock is held. Returns whether the queue has become full with it. */
  boolean put(Inbound entry) {
    boolean becameFull = queue.add(entry);
    if (!scheduled) {
      scheduled = true;
      callOuts.add(this::schedule);
    }
    return becameFull;
  }

  /** Whether the listener lags so far that no more should come; the lock is held. */
  boolean isFull() {
    return queue.isFull();
  }

  /** Drops what nobody shall hear any more; the lock is held. */
  void dropAllButTerminal() {
    queue.dropAllButTerminal();
  }

  private void schedule() {
    try {
      executor.execute(this::deliver);
    } catch (RejectedExecutionException refused) {
      target.unreachable(refused);
    } catch (OutOfMemoryError noThread) { // what else a pool says when it cannot start one
      target.report(noThread);
      scheduler.schedule(this::schedule, RETRY_NANOS);
    }
  }

  private void deliver() {
    callEnds(); // that of the turn before, when calls are made one a turn
    for (int i = 0; i < callsPerTurn; i++) {
      Inbound next;
      synchronized (lock) {
        next = queue.take();
        if (next == null) {
          scheduled = false;
          return;
        }
      }
      progress.callBegins(next);
      if (next.isTerminal()) {
        engine.terminalCallBegins();
      }
      tell(next);
      if (next.isTerminal()) {
        target.ended();
        return;
      }
      inHand = next;
      if (turns == null) {
        callEnds();
      }
    }
    schedule();
  }

  private void callEnds() {
    Inbound call = inHand;
    if (call == null) {
      return;
    }
    inHand = null;
    if (turns == null || turns.isHandled()) {
      progress.callEnds(call);
    }
    boolean caughtUp;
    synchronized (lock) {
      caughtUp = queue.handled(call);
    }
    if (caughtUp) {
      engine.listenerCaughtUp();
    }
  }

  private void tell(Inbound call) {
    try {
      target.tell(call);
    } catch (Throwable broken) { // an Error of a listener must not end its channel in silence
      target.report(broken);
    }
    if (turns == null) {
      Thread.interrupted(); // an interrupt that a call leaves behind is not meant for the next one
    }
  }
}
