package io.eventchannel.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.transport.Scheduler.Cancellable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SystemSchedulerTest {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  private final SystemScheduler scheduler = new SystemScheduler("scheduler-under-test");
  private final BlockingQueue<String> ran = new LinkedBlockingQueue<>();
  private final List<Cancellable> scheduled = new ArrayList<>();

  @AfterEach
  void close() {
    scheduler.close();
  }

  @Test
  void tasksRunInTheOrderOfTheirTimesAndNotBeforeThem() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    scheduler.schedule(() -> passWhenOpen(gate), 0); // nothing else runs until all are there
    long gap = TimeUnit.MILLISECONDS.toNanos(10);
    long begin;
    try {
      begin = scheduleLastFirst(gap);
      while (scheduler.nanoTime() - begin >= gap) {
        // This thread was held up meanwhile, so that the times may be in another order.
        scheduled.forEach(Cancellable::cancel);
        gap *= 2;
        begin = scheduleLastFirst(gap);
      }
    } finally {
      gate.countDown();
    }

    assertEquals("past", takeWithin(gap));
    assertEquals("early", takeWithin(gap));
    assertTrue(scheduler.nanoTime() - begin >= gap);
    assertEquals("late", takeWithin(gap));
    assertTrue(scheduler.nanoTime() - begin >= 2 * gap);
    assertTrue(ran.isEmpty(), () -> "and nothing else, got " + ran);
  }

  private String takeWithin(long nanos) throws InterruptedException {
    return ran.poll(nanos + TimeUnit.MINUTES.toNanos(1), TimeUnit.NANOSECONDS);
  }

  /** Returns a moment before all that it did; their times are in order if it took no gap. */
  private long scheduleLastFirst(long gap) {
    scheduled.clear();
    long begin = scheduler.nanoTime();
    scheduled.add(scheduler.schedule(() -> ran.add("late"), 2 * gap));
    scheduled.add(scheduler.schedule(() -> ran.add("early"), gap));
    scheduled.add(scheduler.schedule(() -> ran.add("past"), -1));
    return begin;
  }

  private static void passWhenOpen(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts a timer", e);
    }
  }

  @Test
  void allTasksShareOneDaemonThreadWhichBeginsWithTheFirst() throws Exception {
    assertEquals(0, threadsNamed("scheduler-under-test"));
    BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    scheduler.schedule(() -> threads.add(Thread.currentThread()), 0);
    scheduler.schedule(() -> threads.add(Thread.currentThread()), 0);

    Thread first = take(threads);
    assertEquals(first, take(threads));
    assertEquals("scheduler-under-test", first.getName());
    assertTrue(first.isDaemon());
    assertEquals(1, threadsNamed("scheduler-under-test"));
  }

  @Test
  void aTaskThatFailsIsReportedAndHarmsNoOther() throws Exception {
    List<LogRecord> reports = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord report) {
            reports.add(report);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(SystemScheduler.class.getName());
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      AssertionError failure = new AssertionError("of this test");
      scheduler.schedule(
          () -> {
            throw failure;
          },
          0);
      scheduler.schedule(() -> ran.add("next"), 0);

      assertEquals("next", take());
      assertEquals(1, reports.size());
      assertEquals(failure, reports.get(0).getThrown());
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(handler);
    }
  }

  @Test
  void aCancelledTaskNeverRunsAndIsFreedAtOnce() throws Exception {
    Cancellable call = scheduler.schedule(() -> ran.add("cancelled"), HOUR);
    assertEquals(1, scheduler.pendingTasks());
    call.cancel();
    call.cancel();

    assertEquals(0, scheduler.pendingTasks());
    scheduler.schedule(() -> ran.add("other"), 0);
    assertEquals("other", take());
  }

  @Test
  void closeDropsWhatWaitsAndEndsTheThreadWithoutInterruptingATask() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    scheduler.schedule(
        () -> {
          running.countDown();
          try {
            ran.add(closed.await(10, TimeUnit.SECONDS) ? "finished" : "timed out");
          } catch (InterruptedException e) {
            ran.add("interrupted");
          }
          threads.add(Thread.currentThread());
        },
        0);
    assertTrue(running.await(10, TimeUnit.SECONDS));
    scheduler.schedule(() -> ran.add("dropped"), 0);
    scheduler.close();
    scheduler.close();
    scheduler.schedule(() -> ran.add("after close"), 0);
    closed.countDown();

    assertEquals("finished", take());
    Thread thread = take(threads);
    thread.join(10_000);
    assertFalse(thread.isAlive());
    assertTrue(ran.isEmpty(), () -> "ran after close: " + ran);
  }

  @Test
  void anIdleSchedulerNeedsNoThreadAndWorksAgainAfterwards() throws Exception {
    try (SystemScheduler idle =
        new SystemScheduler("idle-scheduler", TimeUnit.MILLISECONDS.toNanos(1))) {
      BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
      idle.schedule(() -> threads.add(Thread.currentThread()), 0);
      Thread first = take(threads);
      first.join(10_000);
      assertFalse(first.isAlive());

      idle.schedule(() -> threads.add(Thread.currentThread()), TimeUnit.MILLISECONDS.toNanos(20));
      assertNotSame(first, take(threads));
    }
  }

  @Test
  void theSharedSchedulerRunsTasks() throws Exception {
    SystemScheduler.shared().schedule(() -> ran.add("shared"), 0);
    assertEquals("shared", take());
  }

  private String take() throws InterruptedException {
    return take(ran);
  }

  private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    T taken = queue.poll(10, TimeUnit.SECONDS);
    assertNotNull(taken, "nothing came within 10 s");
    return taken;
  }

  private static long threadsNamed(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .count();
  }
}
