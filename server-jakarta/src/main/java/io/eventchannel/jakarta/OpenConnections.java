package io.eventchannel.jakarta;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The connections that the container has not yet ended, so that a stop can wait for them. The
 * object's own lock guards the set, and the latch of a stop that waits for it to become empty.
 */
final class OpenConnections {
  private final Set<Object> open = new HashSet<>();
  private CountDownLatch none = new CountDownLatch(0);

  synchronized void add(Object connection) {
    if (open.isEmpty()) {
      none = new CountDownLatch(1);
    }
    open.add(connection);
  }

  /** Idempotent. */
  synchronized void remove(Object connection) {
    if (open.remove(connection) && open.isEmpty()) {
      none.countDown();
    }
  }

  synchronized int size() {
    return open.size();
  }

  private synchronized CountDownLatch none() {
    return none;
  }

  /** Waits until there was a moment with none; returns whether it came in time. */
  boolean awaitNone(long timeoutMillis) throws InterruptedException {
    return none().await(timeoutMillis, TimeUnit.MILLISECONDS);
  }
}
