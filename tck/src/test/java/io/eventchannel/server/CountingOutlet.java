package io.eventchannel.server;

import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** An outlet that takes everything at once, keeps the last write, and counts. */
final class CountingOutlet implements Outlet {
  int writes;
  @Nullable Batch last;

  @Override
  public @Nullable Executor executor() {
    return null;
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
