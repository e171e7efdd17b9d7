package io.eventchannel.jakarta;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** A thread that is an executor, as those of a container that gives each connection one. */
final class IoThread extends Thread implements Executor, AutoCloseable {
  private static final Runnable END = () -> {};

  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private volatile boolean ended;

  IoThread() {
    super("io");
    setDaemon(true);
    start();
  }

  @Override
  public void execute(Runnable task) {
    if (ended) {
      throw new RejectedExecutionException("ended");
    }
    tasks.add(task);
  }

  /** Runs a task on it and waits until it was run. */
  void call(Runnable task) throws Exception {
    CompletableFuture.runAsync(task, this).get(5, TimeUnit.SECONDS);
  }

  @Override
  public void run() {
    try {
      for (Runnable task = tasks.take(); task != END; task = tasks.take()) {
        task.run();
      }
    } catch (InterruptedException e) {
      interrupt();
    }
  }

  @Override
  public void close() {
    ended = true;
    tasks.add(END);
  }
}
