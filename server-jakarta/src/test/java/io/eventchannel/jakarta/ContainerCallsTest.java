package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContainerCallsTest {
  private static final int THREADS = 16;

  private final ContainerCalls calls = new ContainerCalls();

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void callsThatStandStillHoldUpNoneOfThoseThatDoNotBlock() {
    CountDownLatch standing = new CountDownLatch(THREADS);
    CountDownLatch leave = new CountDownLatch(1);
    CountDownLatch prompt = new CountDownLatch(2);
    try {
      for (int i = 0; i < THREADS; i++) {
        assertTrue(
            calls.run(
                () -> {
                  standing.countDown();
                  await(leave);
                }));
      }
      await(standing);
      calls.later(prompt::countDown, 1);
      calls.afterReturn(prompt::countDown);
      await(prompt);
    } finally {
      leave.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS), "waited in vain");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
