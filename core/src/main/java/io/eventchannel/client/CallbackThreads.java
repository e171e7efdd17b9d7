package io.eventchannel.client;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The default threads for listeners: daemons, one for each channel whose listener is busy and no
 * more, so a listener that blocks holds up only itself.
 */
final class CallbackThreads implements Executor, AutoCloseable {
  // Long enough that a lively feed keeps its thread, short enough that a burst does not linger.
  private static final long IDLE_SECONDS = 10;

  private final AtomicInteger numbers = new AtomicInteger();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          this::newThread);

  private Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "eventchannel-callback-" + numbers.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /**
   * Ends the threads when they have done what they are at; interrupts none. A task that comes later
   * still finds a thread, which ends with it: the last commit may come after the last call.
   */
  @Override
  public void close() {
    threads.setKeepAliveTime(0, TimeUnit.SECONDS);
  }
}
