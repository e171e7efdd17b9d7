package io.eventchannel.client;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;

/**
 * The calls of the application's code that one channel makes, and the threads that are inside of
 * one: they must not wait for the channel, which may be waiting for them. A listener that does not
 * return lets its inbound queue fill; then nothing is read, acknowledgements neither. Thread-safe.
 *
 * <p>Stands in for the client's executor, on which the channel makes nearly all of them.
 */
final class OwnCalls implements Executor {
  private final Executor executor;

  // How many calls deep: an executor may run a task on the thread that hands it in.
  private final ConcurrentMap<Thread, Integer> inside = new ConcurrentHashMap<>();

  OwnCalls(Executor executor) {
    this.executor = executor;
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(() -> make(task));
  }

  /** Makes a call here and now. */
  void make(Runnable call) {
    Thread maker = Thread.currentThread();
    inside.merge(maker, 1, Integer::sum);
    try {
      call.run();
    } finally {
      inside.computeIfPresent(maker, (thread, depth) -> depth == 1 ? null : depth - 1);
    }
  }

  /** Whether the current thread is inside of a call. */
  boolean isInside() {
    return inside.containsKey(Thread.currentThread());
  }
}
