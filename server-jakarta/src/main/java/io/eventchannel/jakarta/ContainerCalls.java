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
 * or close; and others, which those never hold up, for calls that a container owes and may have
 * forgotten.
 *
 * <p>The queues need no bound of their own: a connection has at most one ping and one close in the
 * first, and one delayed call of each kind in the second.
 */
final class ContainerCalls implements AutoCloseable {
  // A blocked ping or close holds one of these until the container gives it up. Both are rare: a
  // ping is sent only when nothing is in flight.
  private static final int THREADS = 16;

  // What they run does not block: it ends a connection, or takes up work of the endpoint.
  private static final int PROMPT_THREADS = 4;

  // A thread needs microseconds for its way out, unless it loses its processor on it: then a look
  // finds it running, and another look follows. After twenty it is busy with something else.
  private static final long RETURN_MILLIS = 1;
  private static final int RETURN_LOOKS = 20;

  private final long returnMillis;
  private final ThreadPoolExecutor blocking = pool(THREADS, "eventchannel-container-");
  private final ThreadPoolExecutor prompt = pool(PROMPT_THREADS, "eventchannel-container-prompt-");
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
  }

  private static ThreadPoolExecutor pool(int threads, String name) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Runs a call that may block; returns false, and does not run it, after {@link #close}. */
  boolean run(Runnable call) {
    return runOn(blocking, call);
  }

  private static boolean runOn(ThreadPoolExecutor threads, Runnable call) {
    try {
      threads.execute(call);
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

  /**
   * Runs a call that does not block after a delay, unless it is taken back: not behind those of
   * {@link #run}, however many there are.
   */
  Scheduler.Cancellable later(Runnable call, long delayMillis) {
    return timer.schedule(() -> runOn(prompt, call), TimeUnit.MILLISECONDS.toNanos(delayMillis));
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
    prompt.shutdown();
    blocking.shutdown();
  }
}
