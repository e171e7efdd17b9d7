package io.eventchannel.server;

import io.eventchannel.transport.Scheduler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;

/**
 * The calls to the application for one channel: one at a time, in order, on the application's
 * executor, never under a lock.
 *
 * <p>When the executor refuses, because its own queue is full, nothing is lost: the calls wait and
 * are offered again. If it refuses after the endpoint was closed, it was shut down with it, and the
 * last calls are made elsewhere, so that each channel is told its end. The number of calls is
 * bounded by those who add them.
 */
final class ListenerCalls {
  private static final Logger LOGGER = System.getLogger(ListenerCalls.class.getName());
  private static final int CALLS_PER_TURN = 64;
  private static final long RETRY_NANOS = 20_000_000L;

  private final Executor executor;
  private final Scheduler scheduler;
  private final Executor lastResort;
  private final BooleanSupplier isClosed;

  // Guarded by this. Busy: a turn is queued or running, or a retry is scheduled.
  private final ArrayDeque<Runnable> calls = new ArrayDeque<>(2);
  private boolean busy;

  /**
   * Creates one.
   *
   * @param lastResort takes what the executor refuses once {@code isClosed}; never refuses
   */
  ListenerCalls(
      Executor executor, Executor lastResort, Scheduler scheduler, BooleanSupplier isClosed) {
    this.executor = executor;
    this.scheduler = scheduler;
    this.lastResort = lastResort;
    this.isClosed = isClosed;
  }

  /** Adds a call; from any thread, but not under a lock, since the executor may run it here. */
  void add(Runnable call) {
    enqueue(call);
    start();
  }

  /** Adds a call that waits for {@link #start}; also under a lock of the caller. */
  synchronized void enqueue(Runnable call) {
    calls.add(call);
  }

  /** Makes sure that what was added is called. */
  void start() {
    synchronized (this) {
      if (busy || calls.isEmpty()) {
        return;
      }
      busy = true;
    }
    dispatch();
  }

  private void dispatch() {
    try {
      executor.execute(this::turn);
    } catch (RejectedExecutionException e) {
      if (isClosed.getAsBoolean()) {
        lastResort.execute(this::turn);
      } else {
        scheduler.schedule(this::dispatch, RETRY_NANOS);
      }
    }
  }

  private void turn() {
    for (int i = 0; i < CALLS_PER_TURN; i++) {
      Runnable call;
      synchronized (this) {
        call = calls.poll();
        if (call == null) {
          busy = false;
          return;
        }
      }
      try {
        call.run();
      } catch (Throwable t) { // an Error of the application must not end the channel's calls
        LOGGER.log(Level.ERROR, "A channel's listener failed", t);
      }
    }
    dispatch();
  }
}
