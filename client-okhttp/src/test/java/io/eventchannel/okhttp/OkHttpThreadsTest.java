package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.eventchannel.tck.ManualExecutor;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Threads of a transport that is closed, while others still bring tasks. */
class OkHttpThreadsTest {
  private static final long PATIENCE_SECONDS = 5; // less than an idle thread lives

  /** Runs a task; returns the thread on which it ran. */
  private static Thread runOn(OkHttpThreads threads) throws InterruptedException {
    BlockingQueue<Thread> ran = new LinkedBlockingQueue<>();
    threads.execute(() -> ran.add(Thread.currentThread()));
    Thread thread = ran.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertNotNull(thread, "the task did not run");
    return thread;
  }

  @Test
  void INV_30_aTaskAfterTheCloseRunsAndNoThreadOutlastsIt() throws Exception {
    OkHttpThreads threads = new OkHttpThreads();
    Thread before = runOn(threads);
    threads.close();
    Thread after = runOn(threads);
    threads.close();
    for (Thread thread : List.of(before, after)) {
      thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      assertFalse(thread.isAlive(), () -> "left behind: " + thread);
    }
  }

  @Test
  void aTaskAfterTheCloseRunsOnThreadsOfACallersToo() {
    ManualExecutor callers = new ManualExecutor();
    OkHttpThreads threads = new OkHttpThreads(callers);
    AtomicInteger ran = new AtomicInteger();
    threads.closeAfter(ran::incrementAndGet);
    threads.execute(ran::incrementAndGet);
    callers.runAll();
    assertEquals(2, ran.get());
  }
}
