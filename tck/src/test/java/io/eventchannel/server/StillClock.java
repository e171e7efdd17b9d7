package io.eventchannel.server;

import io.eventchannel.transport.Scheduler;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A clock that stands still; what was scheduled runs when somebody says so. */
final class StillClock implements Scheduler {
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  @Override
  public long nanoTime() {
    return 0;
  }

  @Override
  public long currentTimeMillis() {
    return 0;
  }

  @Override
  public Cancellable schedule(Runnable task, long delayNanos) {
    tasks.add(task);
    return () -> tasks.remove(task);
  }

  /** Runs the oldest task; false if there is none. */
  boolean runOne() {
    Runnable task = tasks.poll();
    if (task == null) {
      return false;
    }
    task.run();
    return true;
  }
}
