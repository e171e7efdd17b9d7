package com.example.prices;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.transport.Scheduler;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Its timers; its clock is Android's, which only a device has. */
class ElapsedTimeSchedulerTest {
  // Kept, because a logger that nobody holds forgets its level.
  private static final Logger SILENCED = Logger.getLogger("com.example.prices");

  private final ElapsedTimeScheduler scheduler = new ElapsedTimeScheduler();

  @Test
  void aTimerThatFailsHarmsNoOther() throws Exception {
    SILENCED.setLevel(Level.OFF);
    CountDownLatch ran = new CountDownLatch(1);
    scheduler.schedule(
        () -> {
          throw new AssertionError("a defect of the timer's owner");
        },
        0);
    scheduler.schedule(ran::countDown, 0);
    assertTrue(ran.await(30, TimeUnit.SECONDS));
  }

  @Test
  void aTimerThatIsTakenBackDoesNotRun() throws Exception {
    AtomicBoolean ran = new AtomicBoolean();
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch later = new CountDownLatch(1);
    scheduler.schedule(() -> await(goOn), 0); // there is one thread, so the others wait
    Scheduler.Cancellable timer = scheduler.schedule(() -> ran.set(true), 0);
    timer.cancel();
    timer.cancel();
    scheduler.schedule(later::countDown, 0);
    goOn.countDown();
    assertTrue(later.await(30, TimeUnit.SECONDS));
    assertFalse(ran.get());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
