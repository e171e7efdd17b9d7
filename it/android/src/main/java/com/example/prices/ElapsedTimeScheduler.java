package com.example.prices;

import android.os.SystemClock;
import io.eventchannel.transport.Scheduler;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A clock that goes on while the device sleeps, and ordinary timers, which do not. */
public final class ElapsedTimeScheduler implements Scheduler {
  private static final Logger LOGGER = Logger.getLogger("com.example.prices");

  private final ScheduledThreadPoolExecutor timers =
      new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "channel-timer"));

  public ElapsedTimeScheduler() {
    timers.setRemoveOnCancelPolicy(true);
  }

  @Override
  public long nanoTime() {
    return SystemClock.elapsedRealtimeNanos();
  }

  @Override
  public long currentTimeMillis() {
    return System.currentTimeMillis();
  }

  @Override
  public Cancellable schedule(Runnable task, long delayNanos) {
    Future<?> timer = timers.schedule(() -> run(task), delayNanos, TimeUnit.NANOSECONDS);
    return () -> timer.cancel(false);
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error broken) { // the executor would keep it to itself
      LOGGER.log(Level.SEVERE, "A timer failed: " + task, broken);
    }
  }
}
