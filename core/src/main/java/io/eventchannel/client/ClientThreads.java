package io.eventchannel.client;

import io.eventchannel.internal.SystemScheduler;
import io.eventchannel.transport.Scheduler;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The executor and the timer of a client: the caller's, which stay open, or else ones of its own,
 * which are freed with it. Thread-safe.
 */
final class ClientThreads {
  final Executor executor;
  final Scheduler scheduler;

  // Null where the caller supplied his.
  private final @Nullable CallbackThreads ownExecutor;
  private final @Nullable SystemScheduler ownScheduler;

  /** Creates what is missing. */
  ClientThreads(@Nullable Executor executor, @Nullable Scheduler scheduler) {
    if (executor != null) {
      this.ownExecutor = null;
      this.executor = executor;
    } else {
      this.ownExecutor = new CallbackThreads();
      this.executor = ownExecutor;
    }
    if (scheduler != null) {
      this.ownScheduler = null;
      this.scheduler = scheduler;
    } else {
      this.ownScheduler = new SystemScheduler("eventchannel-timer");
      this.scheduler = ownScheduler;
    }
  }

  /** Ends the client's own; nobody needs them any more. */
  void free() {
    if (ownScheduler != null) {
      ownScheduler.close();
    }
    if (ownExecutor != null) {
      ownExecutor.close();
    }
  }
}
