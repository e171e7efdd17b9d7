package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.transport.Scheduler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many threads serve the loops, and that none of these is forgotten. */
@Timeout(60)
class LoopThreadsTest {
  private final ArrayDeque<Runnable> looks = new ArrayDeque<>();
  private final LoopThreads threads = new LoopThreads(3, new Looks());
  private final BlockingQueue<Thread> ran = new LinkedBlockingQueue<>();
  private boolean timerFails;

  /** A timer on which looks wait to be made. */
  private final class Looks implements Scheduler {
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
      if (timerFails) {
        throw new IllegalStateException("a defect, for the test");
      }
      synchronized (looks) {
        looks.add(task);
      }
      return () -> {};
    }
  }

  @AfterEach
  void end() {
    threads.closeWhenIdle();
  }

  /** A pass that lasts until it is let go. */
  private static final class Held implements Runnable {
    final CountDownLatch began = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);
    volatile Thread thread;

    @Override
    public void run() {
      thread = Thread.currentThread();
      began.countDown();
      try {
        go.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Held hold() throws InterruptedException {
    Held held = new Held();
    threads.execute(held);
    held.began.await();
    return held;
  }

  private Thread nextThatRan() throws InterruptedException {
    Thread thread = ran.poll(30, TimeUnit.SECONDS);
    assertTrue(thread != null, "nobody ran the task");
    return thread;
  }

  private void note() {
    ran.add(Thread.currentThread());
  }

  @Test
  void oneThreadServesAllLoopsWhileItIsEnough() throws InterruptedException {
    Held first = hold();
    threads.execute(this::note);
    threads.execute(this::note);
    threads.published();
    first.go.countDown();
    assertSame(first.thread, nextThatRan());
    assertSame(first.thread, nextThatRan());
  }

  @Test
  void anotherThreadComesWhenAPassGoesOnWhileALoopWaits() throws InterruptedException {
    Held first = hold();
    threads.busy(); // for nobody
    threads.execute(this::note);
    threads.busy();
    assertNotSame(first.thread, nextThatRan());
    first.go.countDown();
  }

  @Test
  void anotherThreadComesWhenALoopStillWaitsAtTheNextPublish() throws InterruptedException {
    Held held = hold();
    threads.execute(this::note);
    threads.published();
    assertTrue(ran.isEmpty());
    threads.published();
    assertNotSame(held.thread, nextThatRan());
    held.go.countDown();
  }

  @Test
  void anotherThreadComesWhenALoopWaitsFromOneLookToTheNextThoughNothingIsPublished()
      throws InterruptedException {
    Held held = hold();
    threads.execute(this::note);
    assertEquals(1, looks.size(), "one look is to come");
    looks.remove().run();
    assertNotSame(held.thread, nextThatRan());
    looks.remove().run(); // finds nobody who waits
    assertTrue(looks.isEmpty(), "and is the last");
    held.go.countDown();
  }

  @Test
  void aTimerThatFailsLosesNoTaskAndTheNextThatWaitsIsLookedAfter() throws InterruptedException {
    Held held = hold();
    AtomicInteger times = new AtomicInteger();
    timerFails = true;
    threads.execute(times::incrementAndGet);
    timerFails = false;
    assertTrue(looks.isEmpty());
    threads.execute(this::note);
    assertEquals(1, looks.size(), "a look is to come");
    held.go.countDown();
    assertSame(held.thread, nextThatRan());
    threads.closeWhenIdle();
    held.thread.join();
    assertEquals(1, times.get());
  }

  @Test
  void noMoreThreadsComeThanAreAllowed() throws InterruptedException {
    List<Held> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Held next = new Held();
      threads.execute(next);
      threads.busy();
      next.began.await();
      all.add(next);
    }
    assertEquals(3, all.stream().map(held -> held.thread).distinct().count());
    threads.execute(this::note);
    for (int i = 0; i < 3; i++) {
      threads.busy();
      threads.published();
    }
    assertTrue(ran.isEmpty());
    all.get(1).go.countDown();
    assertSame(all.get(1).thread, nextThatRan());
    all.forEach(held -> held.go.countDown());
  }

  @Test
  void whatFailsEndsNoThread() throws InterruptedException {
    Held held = hold();
    threads.execute(
        () -> {
          throw new StackOverflowError("a defect, for the test");
        });
    threads.execute(this::note);
    held.go.countDown();
    assertSame(held.thread, nextThatRan());
  }

  @Test
  void afterTheEndWhatWaitsIsRunAndNothingMoreIsTakenAndTheThreadsEnd()
      throws InterruptedException {
    Held held = hold();
    threads.execute(this::note);
    threads.closeWhenIdle();
    assertThrows(RejectedExecutionException.class, () -> threads.execute(this::note));
    held.go.countDown();
    assertSame(held.thread, nextThatRan());
    held.thread.join();
    assertTrue(ran.isEmpty());
  }

  @Test
  void theEndEndsAThreadThatSleeps() throws InterruptedException {
    Held held = hold();
    held.go.countDown();
    while (held.thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    threads.closeWhenIdle();
    held.thread.join();
    assertFalse(held.thread.isAlive());
  }

  /** Who gives a task to sleeping threads, or to one about to sleep, always has it run. */
  @Test
  void noTaskIsForgottenWhoeverGivesItWhen() throws InterruptedException {
    long seed = new Random().nextLong();
    int givers = 4;
    int each = 50_000;
    AtomicInteger done = new AtomicInteger();
    List<Thread> all = new ArrayList<>();
    for (int giver = 0; giver < givers; giver++) {
      Random random = new Random(seed + giver);
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  CountDownLatch ran = new CountDownLatch(1);
                  threads.execute(
                      () -> {
                        done.incrementAndGet();
                        ran.countDown();
                      });
                  if (random.nextInt(4) == 0) {
                    threads.busy();
                  }
                  if (random.nextInt(4) == 0) {
                    threads.published();
                  }
                  if (random.nextBoolean()) {
                    awaitRun(ran, seed);
                  }
                }
              });
      thread.start();
      all.add(thread);
    }
    for (Thread thread : all) {
      thread.join();
    }
    while (done.get() < givers * each) {
      Thread.onSpinWait();
    }
  }

  private static void awaitRun(CountDownLatch ran, long seed) {
    try {
      assertTrue(ran.await(30, TimeUnit.SECONDS), () -> "a task was forgotten, seed " + seed);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
