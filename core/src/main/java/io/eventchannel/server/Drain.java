package io.eventchannel.server;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The end of an endpoint: it begins once, by whoever comes first, and is over once. Thread-safe.
 *
 * <p>Who admits takes a place and then asks whether the end has begun; who begins the end does so
 * and then counts the places. So one of the two sees the other, and nobody is admitted unseen.
 */
final class Drain {
  private final Random random;
  private final AtomicReference<@Nullable ReturnDelays> delays = new AtomicReference<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final CompletableFuture<Void> told = new CompletableFuture<>();

  Drain(Random random) {
    this.random = random;
  }

  /** Begins the end; returns whether this call did. */
  boolean begin(Duration window) {
    return delays.compareAndSet(null, new ReturnDelays(window, random));
  }

  boolean hasBegun() {
    return delays.get() != null;
  }

  /** The delays of this end, or those of another where it has not begun. */
  ReturnDelays delaysOr(Duration window) {
    ReturnDelays own = delays.get();
    return own != null ? own : new ReturnDelays(window, random);
  }

  /** The last connection has gone; returns whether this call is the first to say so. */
  boolean end() {
    return over.compareAndSet(false, true);
  }

  /** Completes the stages. Runs what depends on them. */
  void tell() {
    told.complete(null);
  }

  /** A stage that its receiver cannot complete for the others. */
  CompletionStage<Void> stage() {
    return told.minimalCompletionStage();
  }
}
