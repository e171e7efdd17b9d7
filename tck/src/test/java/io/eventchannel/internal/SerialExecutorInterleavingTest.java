package io.eventchannel.internal;

import io.eventchannel.tck.Interleavings;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tasks of several threads on a pool of several threads, in every order of their steps. */
@Tag("interleaving")
class SerialExecutorInterleavingTest {
  @Test
  void INV_22_tasksRunOneAtATimeAndNoneIsForgottenThoughThePoolRefusesSome() {
    Interleavings.options(10, 200).threads(2).actorsBefore(0).actorsPerThread(3).check(Tasks.class);
  }

  /** The pool's work is done by whoever says {@code work}; it may refuse once. */
  public static class Tasks {
    private final Queue<Runnable> pool = new ConcurrentLinkedQueue<>();
    private final SerialExecutor executor =
        new SerialExecutor(
            this::give,
            thrown -> {
              throw new IllegalStateException(thrown);
            });
    private final List<String> faults = new ArrayList<>();
    private volatile boolean refusesNext;
    private volatile int added;
    // Plain on purpose: one task happens before the next.
    private int ran;
    private boolean inside;

    private void give(Runnable task) {
      if (refusesNext) {
        refusesNext = false;
        throw new RejectedExecutionException();
      }
      pool.add(task);
    }

    @Operation(nonParallelGroup = "source")
    public void add() {
      int number = added++;
      try {
        executor.execute(() -> run(number));
      } catch (RejectedExecutionException refused) {
        // The task waits for the next one that the pool takes.
      }
    }

    private void run(int number) {
      if (inside) {
        faults.add("two tasks at once");
      }
      inside = true;
      if (number != ran) {
        faults.add(number + " after " + ran);
      }
      ran = number + 1;
      inside = false;
    }

    @Operation
    public void work() {
      Runnable task = pool.poll();
      if (task != null) {
        task.run();
      }
    }

    @Operation(nonParallelGroup = "source")
    public void refuseNext() {
      refusesNext = true;
    }

    @Validate
    public void allTasksRan() {
      refusesNext = false;
      add();
      for (Runnable task = pool.poll(); task != null; task = pool.poll()) {
        task.run();
      }
      if (ran != added || !faults.isEmpty()) {
        throw new IllegalStateException(ran + " of " + added + " tasks; " + faults);
      }
    }
  }
}
