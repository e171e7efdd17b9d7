package io.eventchannel.jakarta;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The way of all our work onto one I/O thread of the container. Such a thread runs whatever tasks
 * it has been given, and those that come meanwhile, before it looks at its connections again; a
 * busy feed would keep it from ever reading. So here the tasks of a moment are one of the thread's,
 * and the next ones are brought by another thread, for which time the thread looks at its
 * connections.
 *
 * <p>{@code submitted} is true from before the lane is given to the thread until after its tasks
 * were run; who sets it gives it, so it is there at most once. A task that is added before that is
 * run then; one that is added later finds it false. The tasks are bounded by those who add them:
 * each connection has one turn and one of each signal in it at most.
 */
final class Lane implements Executor, Runnable {
  // Short beside what a client would notice, long beside what it takes to leave the thread.
  private static final long VISIT_NANOS = 2_000_000;

  private final Executor thread;
  private final ContainerCalls calls;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean submitted = new AtomicBoolean();

  Lane(Executor thread, ContainerCalls calls) {
    this.thread = thread;
    this.calls = calls;
  }

  /** Whether the caller runs on the lane's thread. */
  boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (submitted.compareAndSet(false, true)) {
      submit();
    }
  }

  /** Gives the lane to its thread; when the thread has ended, its tasks run here, to their end. */
  private void submit() {
    try {
      thread.execute(this);
    } catch (RejectedExecutionException stopped) {
      run();
    }
  }

  @Override
  public void run() {
    long began = calls.nanoTime();
    do {
      Runnable task = tasks.poll();
      if (task == null) {
        break;
      }
      try {
        task.run();
      } catch (RuntimeException | Error e) { // one connection's defect must not stop the others
        ChannelServlet.LOG.log(System.Logger.Level.ERROR, "a task on an I/O thread failed", e);
      }
    } while (calls.nanoTime() - began < VISIT_NANOS);
    submitted.set(false);
    if (!tasks.isEmpty() && submitted.compareAndSet(false, true) && !calls.run(this::submit)) {
      submit();
    }
  }
}
