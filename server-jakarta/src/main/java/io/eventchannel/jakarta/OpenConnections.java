package io.eventchannel.jakarta;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * How many connections the container has not yet ended, so that a stop can wait for them. The
 * object's own lock guards the number, the latch of a stop that waits for it to become zero, and
 * which of its members count.
 */
final class OpenConnections {
  /** What can be counted; once in its life. */
  abstract static class Member {
    private boolean counts; // guarded by the connections
  }

  private int open;
  private CountDownLatch none = new CountDownLatch(0);

  synchronized void add(Member connection) {
    if (open++ == 0) {
      none = new CountDownLatch(1);
    }
    connection.counts = true;
  }

  /** Idempotent. */
  synchronized void remove(Member connection) {
    if (connection.counts) {
      connection.counts = false;
      if (--open == 0) {
        none.countDown();
      }
    }
  }

  synchronized int size() {
    return open;
  }

  private synchronized CountDownLatch none() {
    return none;
  }

  /** Waits until there was a moment with none; returns whether it came in time. */
  boolean awaitNone(long timeoutMillis) throws InterruptedException {
    return none().await(timeoutMillis, TimeUnit.MILLISECONDS);
  }
}
