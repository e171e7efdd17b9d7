package io.eventchannel.server;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Daemon threads of ours, which begin with the first task and end when they are idle. */
final class DaemonPool {
  private static final long IDLE_SECONDS = 30;

  // Each channel has at most one task in the queue, at the end twice, and one that is refused comes
  // again.
  private static final int APPLICATION_QUEUE = 10_000;

  private final ThreadPoolExecutor executor;

  private DaemonPool(String name, int threads, BlockingQueue<Runnable> queue) {
    executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            queue,
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  /** For listeners, which may block: more threads than cores, and a bounded queue. */
  static DaemonPool forApplication() {
    int threads = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
    return new DaemonPool(
        "eventchannel-listeners", threads, new ArrayBlockingQueue<>(APPLICATION_QUEUE));
  }

  /** For engine work that queues by itself: each source has at most one task in it. */
  static DaemonPool forEngine(String name, int threads) {
    return new DaemonPool(name, threads, new LinkedBlockingQueue<>());
  }

  Executor executor() {
    return executor;
  }

  /** Takes no more tasks; those it has still run. Idempotent. */
  void closeWhenIdle() {
    executor.shutdown();
  }
}
