package io.eventchannel.okhttp;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A caller's executor, as the service that OkHttp's dispatcher wants. Shutting it down ends the
 * borrowing and nothing of the caller's. Thread-safe.
 */
final class BorrowedExecutor extends AbstractExecutorService {
  private final Executor lender;
  private volatile boolean givenBack;

  BorrowedExecutor(Executor lender) {
    this.lender = lender;
  }

  @Override
  public void execute(Runnable task) {
    if (givenBack) {
      throw new RejectedExecutionException("the transport is closed");
    }
    lender.execute(task);
  }

  @Override
  public void shutdown() {
    givenBack = true;
  }

  @Override
  public List<Runnable> shutdownNow() {
    givenBack = true;
    return Collections.emptyList();
  }

  @Override
  public boolean isShutdown() {
    return givenBack;
  }

  /** As far as can be known here: tasks that were handed on are the lender's. */
  @Override
  public boolean isTerminated() {
    return givenBack;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return givenBack;
  }
}
