package io.eventchannel.server;

import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** An outlet that takes everything at once, keeps the last write, and counts. */
final class CountingOutlet implements Outlet {
  private final @Nullable Executor executor;
  int writes;

  /** How often its subscription was given a turn; counted with an executor of its own only. */
  int turns;

  @Nullable Batch last;

  private CountingOutlet(boolean countsTurns) {
    executor = countsTurns ? this::turn : null;
  }

  /** Returns one that is written by the loop. */
  static CountingOutlet onTheLoop() {
    return new CountingOutlet(false);
  }

  /** Returns one that counts the turns too. */
  static CountingOutlet ofTurns() {
    return new CountingOutlet(true);
  }

  private void turn(Runnable task) {
    turns++;
    task.run();
  }

  @Override
  public @Nullable Executor executor() {
    return executor;
  }

  @Override
  public WriteResult write(Batch batch) {
    writes++;
    last = batch;
    return WriteResult.DONE;
  }

  @Override
  public WriteResult ping() {
    return WriteResult.DONE;
  }

  @Override
  public void close(int code, String text) {}

  @Override
  public void abort() {}

  @Override
  public WireFormat format() {
    return WireFormat.SSE;
  }
}
