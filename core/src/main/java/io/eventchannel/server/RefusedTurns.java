package io.eventchannel.server;

import io.eventchannel.transport.Scheduler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * What an endpoint does with the turns of {@link ListenerCalls} that the application's executor did
 * not take: they wait, and are offered to it again. Once the end has begun nobody waits any more,
 * since the executor may have been shut down and the timer may be gone: they are taken elsewhere,
 * so that each channel is told its end. Thread-safe.
 *
 * <p>A turn is added to those that wait, and then it is asked whether the end has begun; whoever
 * begins the end says so first and then calls {@link #end}. So one of the two sees the other, and
 * the one who takes the turn out is the one who moves it on.
 */
final class RefusedTurns {
  private static final Logger LOGGER = System.getLogger(RefusedTurns.class.getName());
  private static final long RETRY_NANOS = 20_000_000L;

  private final Scheduler scheduler;
  private final BooleanSupplier ending;
  private final Executor elsewhere;

  // Bounded by the number of channels: each has at most one turn.
  private final Set<ListenerCalls.Turn> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean failed = new AtomicBoolean();

  /**
   * Creates it.
   *
   * @param ending whether the end has begun
   * @param elsewhere takes the turns from then on
   */
  RefusedTurns(Scheduler scheduler, BooleanSupplier ending, Executor elsewhere) {
    this.scheduler = scheduler;
    this.ending = ending;
    this.elsewhere = elsewhere;
  }

  /** Whether nobody waits any more. */
  boolean isEnding() {
    return ending.getAsBoolean();
  }

  /** Logs what the executor threw, once, because it may be thrown again at each turn. */
  void report(Throwable thrown) {
    if (!(thrown instanceof RejectedExecutionException) && failed.compareAndSet(false, true)) {
      LOGGER.log(
          Level.ERROR, "The application's executor failed; later failures are not logged", thrown);
    }
  }

  /** The executor did not take a turn. */
  void add(ListenerCalls.Turn turn) {
    if (isEnding()) {
      take(turn);
      return;
    }
    waiting.add(turn);
    if (!isScheduled(turn) || isEnding()) {
      release(turn);
    }
  }

  private boolean isScheduled(ListenerCalls.Turn turn) {
    try {
      scheduler.schedule(() -> offerAgain(turn), RETRY_NANOS);
      return true;
    } catch (RuntimeException e) {
      LOGGER.log(Level.ERROR, "The scheduler failed", e);
      return false;
    }
  }

  private void offerAgain(ListenerCalls.Turn turn) {
    if (waiting.remove(turn)) {
      turn.offer();
    }
  }

  /** The end has begun. Idempotent. */
  void end() {
    for (ListenerCalls.Turn turn : waiting) {
      release(turn);
    }
  }

  private void release(ListenerCalls.Turn turn) {
    if (waiting.remove(turn)) {
      take(turn);
    }
  }

  private void take(ListenerCalls.Turn turn) {
    try {
      elsewhere.execute(turn);
    } catch (Throwable t) { // no thread can be had: rather on this one than never
      LOGGER.log(Level.ERROR, "No thread for the last calls of a channel", t);
      turn.run();
    }
  }
}
