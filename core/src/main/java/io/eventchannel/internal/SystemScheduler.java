package io.eventchannel.internal;

import io.eventchannel.transport.Scheduler;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The scheduler of the system: its clocks, and one daemon thread for all tasks. The only class that
 * reads the system's clocks.
 *
 * <p>Each owner has an instance of its own and closes it, so that a closed client leaves no thread
 * behind. The thread begins with the first task and ends after a while in which no task is
 * scheduled, so an instance that nobody closes costs no thread either. Cancelled tasks are freed at
 * once, not at their time.
 */
public final class SystemScheduler implements Scheduler, AutoCloseable {
  private static final Logger LOGGER = Logger.getLogger(SystemScheduler.class.getName());
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final Scheduler SHARED = new SystemScheduler("eventchannel-shared-timer");

  private final ScheduledThreadPoolExecutor executor;

  /**
   * Creates one; no thread begins yet.
   *
   * @param threadName the name of its thread
   */
  public SystemScheduler(String threadName) {
    this(threadName, IDLE_NANOS);
  }

  /** Creates one whose thread ends after {@code idleNanos} without a task. */
  SystemScheduler(String threadName, long idleNanos) {
    Objects.requireNonNull(threadName, "threadName");
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, threadName);
              thread.setDaemon(true);
              return thread;
            },
            // Only a closed scheduler refuses, and what its owner scheduled has no meaning then.
            new ThreadPoolExecutor.DiscardPolicy());
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setKeepAliveTime(idleNanos, TimeUnit.NANOSECONDS);
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * Returns the one of the process, for those who have no end at which to close their own. It
   * cannot be closed.
   */
  public static Scheduler shared() {
    return SHARED;
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public long currentTimeMillis() {
    return System.currentTimeMillis();
  }

  /**
   * {@inheritDoc} A delay below zero, as of a deadline that has just passed, counts as zero. After
   * {@link #close} the task never runs.
   */
  @Override
  public Cancellable schedule(Runnable task, long delayNanos) {
    Objects.requireNonNull(task, "task");
    Future<?> call = executor.schedule(() -> runSafely(task), delayNanos, TimeUnit.NANOSECONDS);
    return () -> call.cancel(false);
  }

  private void runSafely(Runnable task) {
    if (executor.isShutdown()) {
      return; // shutdown() drops what is due later, and lets run what is due already
    }
    try {
      task.run();
    } catch (Throwable t) { // an Error of one task must not end the timers of all others
      LOGGER.log(Level.SEVERE, "A scheduled task failed: " + task, t);
    }
  }

  /** How many tasks wait for their time; a cancelled one is not among them. */
  int pendingTasks() {
    return executor.getQueue().size();
  }

  /**
   * Drops all tasks and ends the thread; a task that is running is not interrupted. Returns at
   * once. Idempotent.
   */
  @Override
  public void close() {
    executor.shutdown();
  }
}
