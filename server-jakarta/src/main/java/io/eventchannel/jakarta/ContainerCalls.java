package io.eventchannel.jakarta;

import io.eventchannel.internal.SystemScheduler;
import io.eventchannel.transport.Scheduler;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The adapter's own threads: for calls into the container that may block, such as a WebSocket ping
 * or close, and for calls that a container owes and may have forgotten.
 *
 * <p>The queue needs no bound of its own: a connection has at most one ping and one close in it.
 */
final class ContainerCalls implements AutoCloseable {
  // A blocked ping or close holds one of these until the container gives it up. Both are rare: a
  // ping is sent only when nothing is in flight.
  private static final int THREADS = 16;

  // A thread needs microseconds for its way out, unless it loses its processor on it: then a look
  // finds it running, and another look follows. After twenty it is busy with something else.
  private static final long RETURN_MILLIS = 1;
  private static final int RETURN_LOOKS = 20;

  private final long returnMillis;
  private final ThreadPoolExecutor blocking;
  private final Semaphore dispensable = new Semaphore(THREADS / 4);
  private final SystemScheduler timer = new SystemScheduler("eventchannel-container-timer");

  ContainerCalls() {
    this(RETURN_MILLIS);
  }

  /**
   * Creates one.
   *
   * @param returnMillis how often to look whether a thread has left its callback; 0 for never
   */
  ContainerCalls(long returnMillis) {
    this.returnMillis = returnMillis;
    AtomicInteger number = new AtomicInteger();
    blocking =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread =
                  new Thread(task, "eventchannel-container-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    blocking.allowCoreThreadTimeOut(true);
  }

  /** Runs a call that may block; returns false, and does not run it, after {@link #close}. */
  boolean run(Runnable call) {
    try {
      blocking.execute(call);
      return true;
    } catch (RejectedExecutionException closed) {
      return false;
    }
  }

  /**
   * Runs a call that may block and may as well be left out: not while a quarter of the threads are
   * at such calls. Returns whether it runs.
   */
  boolean runIfFew(Runnable call) {
    if (!dispensable.tryAcquire()) {
      return false;
    }
    boolean accepted =
        run(
            () -> {
              try {
                call.run();
              } finally {
                dispensable.release();
              }
            });
    if (!accepted) {
      dispensable.release();
    }
    return accepted;
  }

  /** Runs a call on a thread of {@link #run} after a delay, unless it is taken back. */
  Scheduler.Cancellable later(Runnable call, long delayMillis) {
    return timer.schedule(() -> run(call), TimeUnit.MILLISECONDS.toNanos(delayMillis));
  }

  /**
   * Runs a call when the container's thread, which asks for it from inside a callback, has left the
   * callback and whatever the container does after it. One that waits for work has; one that runs
   * is still there, or busy with something else by now.
   */
  void afterReturn(Runnable call) {
    if (returnMillis == 0) {
      call.run();
    } else {
      look(Thread.currentThread(), call, RETURN_LOOKS);
    }
  }

  private void look(Thread container, Runnable call, int looks) {
    later(
        () -> {
          Thread.State state = container.getState();
          boolean runs = state == Thread.State.RUNNABLE || state == Thread.State.BLOCKED;
          if (runs && looks > 1) {
            look(container, call, looks - 1);
          } else {
            call.run();
          }
        },
        returnMillis);
  }

  /** The timer, for what is short. */
  Scheduler timer() {
    return timer;
  }

  /** The clock of the timer, in nanoseconds. */
  long nanoTime() {
    return timer.nanoTime();
  }

  /** Takes no further calls. Those that wait still run; the delayed ones do not. */
  @Override
  public void close() {
    timer.close();
    blocking.shutdown();
  }
}
