package io.eventchannel.it;

import io.eventchannel.internal.SystemScheduler;
import io.eventchannel.transport.Scheduler;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The system's timers, counted: those that are scheduled, and neither begun nor taken back. */
final class CountingScheduler implements Scheduler, AutoCloseable {
  private final SystemScheduler system;
  private final int speed;
  private final AtomicInteger pending;

  CountingScheduler() {
    this(new SystemScheduler("counted-timer"), 1, new AtomicInteger());
  }

  private CountingScheduler(SystemScheduler system, int speed, AtomicInteger pending) {
    this.system = system;
    this.speed = speed;
    this.pending = pending;
  }

  /** Returns one whose time runs faster by that factor; its timers are counted by this one, too. */
  CountingScheduler faster(int factor) {
    return new CountingScheduler(system, speed * factor, pending);
  }

  /** How many timers wait for their time. */
  int pending() {
    return pending.get();
  }

  @Override
  public long nanoTime() {
    return system.nanoTime() * speed; // overflow is as good as any origin: differences stay right
  }

  @Override
  public long currentTimeMillis() {
    return system.currentTimeMillis();
  }

  @Override
  public Cancellable schedule(Runnable task, long delayNanos) {
    AtomicBoolean waits = new AtomicBoolean(true);
    pending.incrementAndGet();
    Cancellable timer =
        system.schedule(
            () -> {
              over(waits);
              task.run();
            },
            delayNanos / speed);
    return () -> {
      over(waits);
      timer.cancel();
    };
  }

  private void over(AtomicBoolean waits) {
    if (waits.getAndSet(false)) {
      pending.decrementAndGet();
    }
  }

  @Override
  public void close() {
    system.close();
  }
}
