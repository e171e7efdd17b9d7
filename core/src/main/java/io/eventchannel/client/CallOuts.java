package io.eventchannel.client;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Calls that a channel decided on under its lock and makes outside it, one at a time and in the
 * order of the decisions. Whoever released the lock makes the calls that are due, those of others
 * too, unless another thread is at it already; so a call must not block.
 *
 * <p>{@code due} counts those who came to make calls. Who takes it from zero makes calls until
 * nobody came meanwhile: a call was added before its thread came, so whoever sees the thread sees
 * the call. The counter also orders one call before the next in memory.
 */
final class CallOuts {
  private final Queue<Runnable> calls = new ConcurrentLinkedQueue<>();
  private final AtomicInteger due = new AtomicInteger();
  private final Consumer<? super Throwable> onError;

  CallOuts(Consumer<? super Throwable> onError) {
    this.onError = onError;
  }

  /** Adds a call; the lock is held. */
  void add(Runnable call) {
    calls.add(call);
  }

  /** Makes the calls that are due; the lock is not held. */
  void make() {
    if (calls.isEmpty() || due.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      for (Runnable call = calls.poll(); call != null; call = calls.poll()) {
        makeSafely(call);
      }
      seen = due.addAndGet(-seen);
    } while (seen != 0);
  }

  private void makeSafely(Runnable call) {
    try {
      call.run();
    } catch (Throwable broken) { // an Error of a transport must not jam the calls behind it
      onError.accept(broken);
    }
  }
}
