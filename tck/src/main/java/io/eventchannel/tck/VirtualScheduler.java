package io.eventchannel.tck;

import io.eventchannel.transport.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler whose time stands still until the test moves it. Nothing runs but inside {@link
 * #advance}, {@link #advanceTo}, {@link #stall} and {@link #runDue}, on the thread that calls them:
 * first by time, then in the order of scheduling. A task that is scheduled meanwhile, and is due
 * before the end of the move, runs in the same move at its own time.
 *
 * <p>Tasks may be scheduled and cancelled from any thread; time is moved by one thread at a time.
 * An exception of a task harms no other task and is thrown, as an {@link AssertionError}, when the
 * move is over.
 *
 * <p>{@link #nanoTime} begins one minute before it overflows, so that code which compares moments
 * other than by their difference fails in a test and not after 292 years.
 */
public final class VirtualScheduler implements Scheduler {
  private static final long NANO_ORIGIN = Long.MAX_VALUE - TimeUnit.MINUTES.toNanos(1);
  private static final Instant WALL_ORIGIN = Instant.parse("2026-01-01T00:00:00Z");

  // So many tasks at one and the same moment are a loop that would never end.
  private static final int MAX_TASKS_AT_ONE_MOMENT = 100_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition taskAdded = lock.newCondition();

  // All guarded by lock. No task runs under it.
  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(
          Comparator.comparingLong((Task task) -> task.dueNanos)
              .thenComparingLong(task -> task.number));
  private long elapsedNanos; // of the monotonic clock, since the beginning
  private long wallAheadNanos; // how far the wall clock is ahead of elapsedNanos
  private long scheduled;
  private @Nullable Thread mover;

  /** Creates a scheduler; its wall clock says 2026-01-01T00:00Z. */
  public VirtualScheduler() {}

  @Override
  public long nanoTime() {
    lock.lock();
    try {
      return NANO_ORIGIN + elapsedNanos;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long currentTimeMillis() {
    lock.lock();
    try {
      return WALL_ORIGIN.toEpochMilli()
          + TimeUnit.NANOSECONDS.toMillis(elapsedNanos + wallAheadNanos);
    } finally {
      lock.unlock();
    }
  }

  /** {@inheritDoc} A delay below zero counts as zero. */
  @Override
  public Cancellable schedule(Runnable task, long delayNanos) {
    Objects.requireNonNull(task, "task");
    lock.lock();
    try {
      long due = elapsedNanos + Math.max(0, delayNanos);
      Task added = new Task(task, due < 0 ? Long.MAX_VALUE : due, scheduled++);
      tasks.add(added);
      taskAdded.signalAll();
      return () -> cancel(added);
    } finally {
      lock.unlock();
    }
  }

  private void cancel(Task task) {
    lock.lock();
    try {
      tasks.remove(task);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Moves both clocks on by {@code time} and runs what becomes due, each task at its own moment.
   *
   * @return how many tasks ran
   * @throws IllegalArgumentException if {@code time} is negative
   * @throws IllegalStateException if time is being moved already, by a task or by another thread
   * @throws AssertionError if tasks failed, or ran without end at one moment
   */
  public int advance(Duration time) {
    long nanos = notNegative(time);
    begin();
    try {
      return runUntil(elapsedNanos() + nanos);
    } finally {
      end();
    }
  }

  /**
   * Moves both clocks on to {@code sinceBeginning} after the beginning, as {@link #advance} does.
   *
   * @return how many tasks ran
   * @throws IllegalArgumentException if that moment has passed
   */
  public int advanceTo(Duration sinceBeginning) {
    Duration ahead = sinceBeginning.minus(elapsed());
    if (ahead.isNegative()) {
      throw new IllegalArgumentException(
          "time: expected " + elapsed() + " or later, got " + sinceBeginning);
    }
    return advance(ahead);
  }

  /**
   * Runs what is due now without moving time.
   *
   * @return how many tasks ran
   */
  public int runDue() {
    return advance(Duration.ZERO);
  }

  /**
   * Stops the process for {@code time}, as a debugger, a long collection or SIGSTOP does: both
   * clocks move on, and what became due meanwhile runs afterwards, late, in order.
   *
   * @return how many tasks ran
   */
  public int stall(Duration time) {
    long nanos = notNegative(time);
    begin();
    try {
      addElapsed(nanos);
      return runUntil(elapsedNanos());
    } finally {
      end();
    }
  }

  /**
   * Lets the device sleep for {@code time}, as Android does: the wall clock moves on, while the
   * monotonic clock and with it all tasks stand still (F23).
   */
  public void deepSleep(Duration time) {
    notNegative(time);
    jumpWallClock(time);
  }

  /** Sets the wall clock forward, or back if negative; the monotonic clock knows nothing of it. */
  public void jumpWallClock(Duration by) {
    lock.lock();
    try {
      wallAheadNanos += by.toNanos();
    } finally {
      lock.unlock();
    }
  }

  /** How far the monotonic clock has moved since the beginning. */
  public Duration elapsed() {
    return Duration.ofNanos(elapsedNanos());
  }

  /** How many tasks are scheduled and have neither begun nor been cancelled: zero after a close. */
  public int pendingTasks() {
    lock.lock();
    try {
      return tasks.size();
    } finally {
      lock.unlock();
    }
  }

  /** How long from now the next task is due: zero if it is due already, empty if there is none. */
  public Optional<Duration> nextDelay() {
    lock.lock();
    try {
      Task next = tasks.peek();
      return next == null
          ? Optional.empty()
          : Optional.of(Duration.ofNanos(Math.max(0, next.dueNanos - elapsedNanos)));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits, in real time, until at least so many tasks are pending: for a test whose other threads
   * schedule.
   *
   * @throws AssertionError if there are still fewer when {@code patience} is over
   */
  public void awaitPendingTasks(int atLeast, Duration patience) throws InterruptedException {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (tasks.size() < atLeast) {
        if (left <= 0) {
          throw new AssertionError(
              "expected "
                  + atLeast
                  + " pending tasks within "
                  + patience
                  + ", got "
                  + tasks.size());
        }
        left = taskAdded.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private static long notNegative(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("time: expected zero or more, got " + time);
    }
    return time.toNanos();
  }

  private void begin() {
    lock.lock();
    try {
      if (mover != null) {
        throw new IllegalStateException("time is already being moved by thread " + mover.getName());
      }
      mover = Thread.currentThread();
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      mover = null;
    } finally {
      lock.unlock();
    }
  }

  private int runUntil(long endNanos) {
    List<Throwable> failures = new ArrayList<>();
    int ran = 0;
    int atThisMoment = 0;
    long moment = -1;
    for (Task task = next(endNanos); task != null; task = next(endNanos)) {
      if (task.dueNanos != moment) {
        moment = task.dueNanos;
        atThisMoment = 0;
      }
      if (++atThisMoment > MAX_TASKS_AT_ONE_MOMENT) {
        throw new AssertionError(
            MAX_TASKS_AT_ONE_MOMENT
                + " tasks ran and time still stands at "
                + elapsed()
                + ": a task schedules its like without delay; the next is "
                + task.body);
      }
      ran++;
      try {
        task.body.run();
      } catch (Throwable t) { // told below, when all others have had their turn
        failures.add(t);
      }
    }
    if (!failures.isEmpty()) {
      AssertionError error =
          new AssertionError(failures.size() + " of " + ran + " tasks failed", failures.get(0));
      failures.stream().skip(1).forEach(error::addSuppressed);
      throw error;
    }
    return ran;
  }

  /**
   * Takes the next task due by {@code endNanos}, time set to its moment; or null, set to the end.
   */
  private @Nullable Task next(long endNanos) {
    lock.lock();
    try {
      Task next = tasks.peek();
      if (next == null || next.dueNanos > endNanos) {
        elapsedNanos = endNanos;
        return null;
      }
      elapsedNanos = Math.max(elapsedNanos, next.dueNanos);
      return tasks.poll();
    } finally {
      lock.unlock();
    }
  }

  private long elapsedNanos() {
    lock.lock();
    try {
      return elapsedNanos;
    } finally {
      lock.unlock();
    }
  }

  private void addElapsed(long nanos) {
    lock.lock();
    try {
      elapsedNanos += nanos;
    } finally {
      lock.unlock();
    }
  }

  private static final class Task {
    final Runnable body;
    final long dueNanos;
    final long number;

    Task(Runnable body, long dueNanos, long number) {
      this.body = body;
      this.dueNanos = dueNanos;
      this.number = number;
    }
  }
}
