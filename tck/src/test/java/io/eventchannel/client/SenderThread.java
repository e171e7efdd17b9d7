package io.eventchannel.client;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Receipt;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A thread that sends one event, and may have to wait for it. */
final class SenderThread extends Thread {
  private final EventChannel channel;
  private final Event event;
  private final CompletableFuture<CompletableFuture<Receipt>> returned = new CompletableFuture<>();
  private volatile boolean interruptedAfterwards;

  SenderThread(EventChannel channel, Event event) {
    super("sender of " + event);
    this.channel = channel;
    this.event = event;
    setDaemon(true);
  }

  /**
   * Begins to send; returns when the thread stands still. Before that it may be making calls of the
   * channel that others decided on.
   */
  static SenderThread waiting(EngineHarness harness, EventChannel channel, Event event)
      throws InterruptedException {
    int timers = harness.scheduler.pendingTasks();
    SenderThread sender = new SenderThread(channel, event);
    sender.start();
    harness.scheduler.awaitPendingTasks(timers + 1, Duration.ofSeconds(10)); // that of its wait
    while (!(LockSupport.getBlocker(sender) instanceof WaitingSend)) {
      Thread.onSpinWait();
    }
    return sender;
  }

  @Override
  public void run() {
    try {
      CompletableFuture<Receipt> stage = channel.send(event).toCompletableFuture();
      interruptedAfterwards = isInterrupted();
      returned.complete(stage);
    } catch (Throwable thrown) { // whatever it is, the test shall see it
      returned.completeExceptionally(thrown);
    }
  }

  /** What {@code send} returned; waits until it has. */
  CompletableFuture<Receipt> returned()
      throws InterruptedException, ExecutionException, TimeoutException {
    return returned.get(10, TimeUnit.SECONDS);
  }

  boolean hasReturned() {
    return returned.isDone();
  }

  /** Whether the thread's interrupt flag was set when {@code send} had returned. */
  boolean isInterruptedAfterwards() {
    return interruptedAfterwards;
  }
}
