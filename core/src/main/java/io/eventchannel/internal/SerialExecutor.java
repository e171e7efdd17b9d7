package io.eventchannel.internal;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs tasks one at a time, in the order they came, on the threads of another executor.
 *
 * <p>{@code pending} counts the tasks that were added and have not yet ended. Whoever takes it from
 * zero hands the drain to the delegate, so at most one drain is queued or running; whoever drains
 * counts it down after each task. The counter's atomic operations order one task before the next,
 * so tasks may share plain fields. When the delegate refuses the next turn, as it was shut down
 * meanwhile, the thread that drains goes on to the end. The queue itself has no bound: what is
 * queued here is bounded by those who queue it.
 */
public final class SerialExecutor implements Executor {
  // A busy channel must not keep a shared thread for ever: after so many tasks it queues up again.
  private static final int TASKS_PER_TURN = 256;

  private final Executor delegate;
  private final Consumer<? super Throwable> onError;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger();

  /**
   * Creates one.
   *
   * @param onError told of exceptions and errors of tasks; the next task runs all the same
   */
  public SerialExecutor(Executor delegate, Consumer<? super Throwable> onError) {
    this.delegate = delegate;
    this.onError = onError;
  }

  /**
   * Adds a task; never runs it on the calling thread unless the delegate does.
   *
   * @throws RejectedExecutionException if the delegate refuses or can get no thread; no task of
   *     this executor is lost then but those waiting, which the next accepted task brings along
   */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (pending.getAndIncrement() == 0) {
      dispatch();
    }
  }

  private void dispatch() {
    try {
      delegate.execute(this::drain);
    } catch (RejectedExecutionException refused) {
      // Nobody drains now. Counting from zero again lets the next execute() try again.
      pending.set(0);
      throw refused;
    } catch (OutOfMemoryError noThread) { // what a pool says when it cannot start one
      pending.set(0);
      throw new RejectedExecutionException("the delegate could get no thread", noThread);
    }
  }

  private void drain() {
    do {
      if (drainOneTurn()) {
        return;
      }
    } while (!handOn());
  }

  /** Runs the tasks of one turn. Returns whether there are no more. */
  private boolean drainOneTurn() {
    for (int i = 0; i < TASKS_PER_TURN; i++) {
      Runnable task = tasks.poll();
      if (task != null) {
        runSafely(task);
      }
      if (pending.decrementAndGet() <= 0) {
        if (tasks.isEmpty() || !pending.compareAndSet(0, 1)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Queues up again. Returns whether the delegate takes it; if not, this thread is the last. */
  private boolean handOn() {
    try {
      delegate.execute(this::drain);
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError refused) {
      return false;
    }
  }

  private void runSafely(Runnable task) {
    try {
      task.run();
    } catch (Throwable t) { // an Error of the application must not end the channel's queue
      onError.accept(t);
    }
  }
}
