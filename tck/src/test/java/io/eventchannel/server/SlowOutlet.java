package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.codec.SseLimits;
import io.eventchannel.codec.SseParser;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An outlet whose every write takes its time, until a thread of the container finishes it. Smaller
 * than {@link FakeOutlet}, so that few steps are to be put in order.
 */
final class SlowOutlet implements Outlet {
  final Queue<String> faults = new ConcurrentLinkedQueue<>();
  @Nullable OutletListener listener;

  private final @Nullable Executor executor;
  private final Queue<Batch> batches = new ConcurrentLinkedQueue<>();
  private volatile boolean pending;

  SlowOutlet(@Nullable Executor executor) {
    this.executor = executor;
  }

  @Override
  public @Nullable Executor executor() {
    return executor;
  }

  @Override
  public WriteResult write(Batch batch) {
    if (pending) {
      faults.add("a write during a write");
    }
    batches.add(batch);
    pending = true;
    return WriteResult.PENDING;
  }

  /** Finishes the write that is under way; false if there is none. */
  boolean finishWrite() {
    if (!pending) {
      return false;
    }
    pending = false;
    listener.ready();
    return true;
  }

  /** The data of all events of the application. */
  List<String> written() {
    List<String> data = new ArrayList<>();
    SseParser parser =
        new SseParser(
            new SseParser.Sink() {
              @Override
              public void onEvent(Event event) {
                if (!event.type().startsWith("eventchannel.position")) {
                  data.add(event.data());
                }
              }

              @Override
              public void onLastEventId(String lastEventId) {}

              @Override
              public void onRetry(long millis) {}

              @Override
              public void onComment(String text) {}
            },
            SseLimits.ofEvent(1 << 20),
            "");
    for (Batch batch : batches) {
      parser.feed(batch.array(), 0, batch.size());
    }
    return data;
  }

  @Override
  public WriteResult ping() {
    return WriteResult.DONE;
  }

  @Override
  public void close(int code, String text) {
    faults.add("closed");
  }

  @Override
  public void abort() {
    faults.add("aborted");
  }

  @Override
  public WireFormat format() {
    return WireFormat.SSE;
  }
}
