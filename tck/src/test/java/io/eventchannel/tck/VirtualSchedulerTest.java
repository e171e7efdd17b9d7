package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.transport.Scheduler.Cancellable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class VirtualSchedulerTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final VirtualScheduler scheduler = new VirtualScheduler();
  private final List<String> ran = new ArrayList<>();

  @Test
  void nothingRunsUntilTimeIsMoved() {
    scheduler.schedule(() -> ran.add("now"), 0);
    assertEquals(List.of(), ran);
    assertEquals(1, scheduler.pendingTasks());

    assertEquals(1, scheduler.runDue());
    assertEquals(List.of("now"), ran);
    assertEquals(0, scheduler.pendingTasks());
    assertEquals(Duration.ZERO, scheduler.elapsed());
  }

  @Test
  void tasksRunByTimeAndThenInTheOrderOfScheduling() {
    in(2, "c");
    in(1, "a");
    in(1, "b");
    in(3, "too late");
    in(-1, "past");
    scheduler.advance(SECOND.multipliedBy(2));
    assertEquals(List.of("past@0", "a@1", "b@1", "c@2"), ran);
    assertEquals(Optional.of(SECOND), scheduler.nextDelay());
  }

  @Test
  void aTaskScheduledByATaskRunsInTheSameMoveAtItsOwnTime() {
    scheduler.schedule(() -> in(1, "child"), SECOND.toNanos());
    in(3, "last");
    assertEquals(3, scheduler.advanceTo(SECOND.multipliedBy(3)));
    assertEquals(List.of("child@2", "last@3"), ran);
  }

  @Test
  void aCancelledTaskDoesNotRun() {
    Cancellable call = in(1, "cancelled");
    Cancellable other = in(1, "other");
    call.cancel();
    call.cancel();
    assertEquals(1, scheduler.pendingTasks());
    scheduler.advance(SECOND);
    other.cancel();
    assertEquals(List.of("other@1"), ran);
    assertEquals(Optional.empty(), scheduler.nextDelay());
  }

  @Test
  void aTaskMayCancelAnotherOfTheSameMoment() {
    List<Cancellable> second = new ArrayList<>();
    scheduler.schedule(() -> second.get(0).cancel(), 0);
    second.add(in(0, "cancelled"));
    scheduler.advance(SECOND);
    assertEquals(List.of(), ran);
  }

  @Test
  void bothClocksMoveTogetherAndTheMonotonicOneOverflowsWithinTwoMinutes() {
    long nanos = scheduler.nanoTime();
    long millis = scheduler.currentTimeMillis();
    scheduler.advance(Duration.ofMinutes(2));
    assertEquals(Duration.ofMinutes(2).toNanos(), scheduler.nanoTime() - nanos);
    assertEquals(Duration.ofMinutes(2).toMillis(), scheduler.currentTimeMillis() - millis);
    assertTrue(scheduler.nanoTime() < nanos, "expected the monotonic clock to have overflowed");
  }

  @Test
  void theWallClockJumpsAloneAndRunsNothing() {
    in(1, "task");
    long nanos = scheduler.nanoTime();
    long millis = scheduler.currentTimeMillis();
    scheduler.jumpWallClock(Duration.ofHours(-1));
    assertEquals(-3_600_000, scheduler.currentTimeMillis() - millis);
    scheduler.deepSleep(Duration.ofHours(3));
    assertEquals(7_200_000, scheduler.currentTimeMillis() - millis);
    assertEquals(nanos, scheduler.nanoTime());
    assertEquals(List.of(), ran);
  }

  @Test
  void afterAStallTasksRunLateAndInOrder() {
    in(2, "b");
    in(1, "a");
    assertEquals(2, scheduler.stall(SECOND.multipliedBy(10)));
    assertEquals(List.of("a@10", "b@10"), ran);
  }

  @Test
  void aFailedTaskHarmsNoOtherAndIsToldByTheMove() {
    RuntimeException first = new RuntimeException("first");
    Error second = new Error("second");
    scheduler.schedule(
        () -> {
          throw first;
        },
        0);
    scheduler.schedule(
        () -> {
          throw second;
        },
        0);
    in(1, "healthy");
    AssertionError error = assertThrows(AssertionError.class, () -> scheduler.advance(SECOND));
    assertEquals("2 of 3 tasks failed", error.getMessage());
    assertSame(first, error.getCause());
    assertSame(second, error.getSuppressed()[0]);
    assertEquals(List.of("healthy@1"), ran);
    assertEquals(0, scheduler.runDue());
  }

  @Test
  void tasksWithoutEndAtOneMomentAreToldInsteadOfRunForEver() {
    Runnable loop =
        new Runnable() {
          @Override
          public void run() {
            scheduler.schedule(this, 0);
          }

          @Override
          public String toString() {
            return "the loop";
          }
        };
    scheduler.schedule(loop, SECOND.toNanos());
    AssertionError error = assertThrows(AssertionError.class, () -> scheduler.advance(SECOND));
    assertTrue(error.getMessage().endsWith("the next is the loop"), error.getMessage());
  }

  @Test
  void timeIsNotMovedFromInsideATask() {
    scheduler.schedule(() -> scheduler.advance(SECOND), 0);
    AssertionError error = assertThrows(AssertionError.class, scheduler::runDue);
    assertTrue(error.getCause() instanceof IllegalStateException, () -> "" + error.getCause());
  }

  @Test
  void timeDoesNotGoBack() {
    scheduler.advance(SECOND);
    assertThrows(IllegalArgumentException.class, () -> scheduler.advance(Duration.ofNanos(-1)));
    assertThrows(IllegalArgumentException.class, () -> scheduler.advanceTo(Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> scheduler.deepSleep(SECOND.negated()));
  }

  @Test
  void theFarthestDelayDoesNotOverflow() {
    scheduler.advance(SECOND);
    scheduler.schedule(() -> ran.add("never"), Long.MAX_VALUE);
    scheduler.advance(Duration.ofDays(365));
    assertEquals(List.of(), ran);
    assertEquals(1, scheduler.pendingTasks());
  }

  @Test
  void tasksOfOtherThreadsRunOnTheThreadThatMovesTime() throws Exception {
    int threads = 4;
    int each = 500;
    List<Thread> ranOn = new ArrayList<>();
    CountDownLatch start = new CountDownLatch(1);
    for (int i = 0; i < threads; i++) {
      new Thread(
              () -> {
                try {
                  start.await();
                } catch (InterruptedException e) {
                  return;
                }
                for (int task = 0; task < each; task++) {
                  scheduler.schedule(() -> ranOn.add(Thread.currentThread()), task);
                }
              })
          .start();
    }
    start.countDown();
    scheduler.awaitPendingTasks(threads * each, PATIENCE);
    assertEquals(threads * each, scheduler.advance(SECOND));
    assertEquals(threads * each, ranOn.size());
    assertTrue(ranOn.stream().allMatch(Thread.currentThread()::equals));
  }

  @Test
  void waitingForTasksThatDoNotComeFails() {
    in(1, "one");
    AssertionError error =
        assertThrows(
            AssertionError.class, () -> scheduler.awaitPendingTasks(2, Duration.ofMillis(1)));
    assertEquals("expected 2 pending tasks within PT0.001S, got 1", error.getMessage());
  }

  private Cancellable in(int seconds, String name) {
    return scheduler.schedule(
        () -> ran.add(name + "@" + scheduler.elapsed().toSeconds()),
        TimeUnit.SECONDS.toNanos(seconds));
  }
}
