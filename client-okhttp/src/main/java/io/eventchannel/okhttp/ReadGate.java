package io.eventchannel.okhttp;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where a reader waits while reading is paused. The socket's buffers fill up behind it, and then
 * the sender has to wait. Thread-safe.
 *
 * <p>No monitor: a virtual thread that waits in one keeps its carrier, up to Java 23.
 */
final class ReadGate {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean paused;
  private boolean released;

  void pause() {
    lock.lock();
    try {
      paused = true;
    } finally {
      lock.unlock();
    }
  }

  void resume() {
    lock.lock();
    try {
      paused = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Lets the reader pass for good: its connection is over. */
  void release() {
    lock.lock();
    try {
      released = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits while reading is paused. An interrupt ends no wait; the reader's caller gets it back. */
  void pass() {
    lock.lock();
    try {
      while (paused && !released) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
