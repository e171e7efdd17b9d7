package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class CallbackThreadsTest {
  @Test
  void INV_30_closeEndsAnIdleThreadAtOnceAndATaskAfterItFindsOneThatEndsWithIt() throws Exception {
    CallbackThreads threads = new CallbackThreads();
    Thread idle = threadOf(threads);
    assertTrue(idle.isDaemon());
    threads.close();
    awaitEnd(idle); // long before its idle time would be over
    awaitEnd(threadOf(threads));
    threads.close();
  }

  @Test
  void INV_30_closeInterruptsNoTask() throws Exception {
    CallbackThreads threads = new CallbackThreads();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    threads.execute(
        () -> {
          closed.join();
          interrupted.complete(Thread.currentThread().isInterrupted());
        });
    threads.close();
    closed.complete(null);
    assertFalse(interrupted.get(10, TimeUnit.SECONDS));
  }

  private static Thread threadOf(CallbackThreads threads) throws Exception {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    threads.execute(() -> thread.complete(Thread.currentThread()));
    return thread.get(10, TimeUnit.SECONDS);
  }

  private static void awaitEnd(Thread thread) throws InterruptedException {
    thread.join(5_000);
    assertFalse(thread.isAlive(), thread.getName() + " goes on");
  }
}
