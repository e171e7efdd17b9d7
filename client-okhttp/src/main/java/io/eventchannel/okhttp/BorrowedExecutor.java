package io.eventchannel.okhttp;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A caller's executor, as the service that OkHttp's dispatcher wants. It is the caller's, so nobody
 * here can shut it down: that is without effect. Thread-safe.
 */
final class BorrowedExecutor extends AbstractExecutorService {
  private final Executor lender;

  BorrowedExecutor(Executor lender) {
    this.lender = lender;
  }

  @Override
  public void execute(Runnable task) {
    lender.execute(task);
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return Collections.emptyList();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return false;
  }
}
