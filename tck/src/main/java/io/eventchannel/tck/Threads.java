package io.eventchannel.tck;

import java.time.Duration;
import java.util.List;

/** Waits for the end of threads whose sockets are closed. */
final class Threads {
  private Threads() {}

  /**
   * Joins all threads but the calling one.
   *
   * @throws AssertionError if one still runs after {@code patience}, or the caller is interrupted
   */
  static void join(List<Thread> threads, Duration patience) {
    for (Thread thread : threads) {
      if (thread == Thread.currentThread()) {
        continue;
      }
      try {
        thread.join(patience.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while " + thread.getName() + " was ending", e);
      }
      if (thread.isAlive()) {
        AssertionError error =
            new AssertionError(thread.getName() + " did not end within " + patience);
        error.setStackTrace(thread.getStackTrace());
        throw error;
      }
    }
  }
}
