package io.eventchannel.client;

import io.eventchannel.Event;
import io.eventchannel.Receipt;
import io.eventchannel.transport.Scheduler;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A send that waits for a place in the outbox, and the thread that waits with it. Whoever holds the
 * channel's lock answers it, once; the thread waits without the lock, and in no monitor, which
 * would hold the carrier of a virtual thread.
 */
final class WaitingSend {
  private final Event event;
  private final long since;
  private final Thread sender = Thread.currentThread();

  // Guarded by the channel's lock.
  private Scheduler.@Nullable Cancellable deadline;
  // Written under that lock.
  private volatile @Nullable CompletableFuture<Receipt> answer;

  /** Creates one that the current thread waits for, at this moment. */
  WaitingSend(Event event, long now) {
    this.event = event;
    this.since = now;
  }

  Event event() {
    return event;
  }

  /** When it began to wait. */
  long since() {
    return since;
  }

  /** Notes the timer that ends the wait if nobody else does. */
  void endsBy(Scheduler.Cancellable timer) {
    deadline = timer;
  }

  /** Ends the wait; what this stage says is what the send returns. */
  void answer(CompletableFuture<Receipt> stage) {
    if (deadline != null) {
      deadline.cancel();
    }
    answer = stage;
    LockSupport.unpark(sender);
  }

  /** Waits for the answer; by the sender. Returns false if it is interrupted before. */
  boolean await() {
    while (answer == null) {
      if (sender.isInterrupted()) { // asked only: the flag is the caller's
        return false;
      }
      LockSupport.park(this);
    }
    return true;
  }

  /** What the send returns, once it was answered. */
  CompletableFuture<Receipt> answer() {
    return Objects.requireNonNull(answer, "answer");
  }
}
