package io.eventchannel.okhttp;

/**
 * Where a reader waits while reading is paused. The socket's buffers fill up behind it, and then
 * the sender has to wait. Thread-safe.
 */
final class ReadGate {
  private boolean paused;
  private boolean released;

  synchronized void pause() {
    paused = true;
  }

  synchronized void resume() {
    paused = false;
    notifyAll();
  }

  /** Lets the reader pass for good: its connection is over. */
  synchronized void release() {
    released = true;
    notifyAll();
  }

  /** Waits while reading is paused. An interrupt ends no wait; the reader's caller gets it back. */
  synchronized void pass() {
    boolean interrupted = false;
    while (paused && !released) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
