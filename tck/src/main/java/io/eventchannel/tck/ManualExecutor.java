package io.eventchannel.tck;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * An executor whose tasks run when the test says, on the test's thread, in the order they came.
 * Tasks may be added from any thread.
 */
public final class ManualExecutor implements Executor {
  // So many tasks in one run are a loop that would never end.
  private static final int MAX_TASKS_IN_A_RUN = 1_000_000;

  // Guards the two fields below; no task runs under it.
  private final Object lock = new Object();
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private boolean refusing;

  /** Creates an executor without tasks. */
  public ManualExecutor() {}

  /**
   * Adds a task.
   *
   * @throws RejectedExecutionException after {@link #refuse}
   */
  @Override
  public void execute(Runnable task) {
    Objects.requireNonNull(task, "task");
    synchronized (lock) {
      if (refusing) {
        throw new RejectedExecutionException("the test told this executor to refuse");
      }
      tasks.add(task);
    }
  }

  /** Refuses all further tasks, as an executor does that its owner has shut down. */
  public void refuse() {
    synchronized (lock) {
      refusing = true;
    }
  }

  /** How many tasks wait. */
  public int pending() {
    synchronized (lock) {
      return tasks.size();
    }
  }

  /**
   * Runs the oldest task, if there is one. What it throws reaches the caller.
   *
   * @return whether there was one
   */
  public boolean runOne() {
    Runnable task;
    synchronized (lock) {
      task = tasks.poll();
    }
    if (task == null) {
      return false;
    }
    task.run();
    return true;
  }

  /**
   * Runs tasks until none waits, those included that come meanwhile.
   *
   * @return how many ran
   * @throws AssertionError when all have run, if some failed; or if there is no end of them
   */
  public int runAll() {
    List<Throwable> failures = new ArrayList<>();
    int ran = 0;
    for (boolean more = true; more; ) {
      try {
        more = runOne();
      } catch (Throwable t) { // told below, when all others have had their turn
        failures.add(t);
      }
      if (more && ++ran > MAX_TASKS_IN_A_RUN) {
        throw new AssertionError(MAX_TASKS_IN_A_RUN + " tasks ran and more keep coming");
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
}
