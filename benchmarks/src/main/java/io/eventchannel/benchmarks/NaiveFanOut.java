package io.eventchannel.benchmarks;

import io.eventchannel.Event;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What is written in an afternoon: an event is encoded once, and on as many threads as our engine
 * has a loop writes a copy of the bytes to each outlet. No history, no positions, no topics, no
 * batches, and nobody may be slow.
 */
final class NaiveFanOut implements FanOut {
  private static final class Share {
    final ExecutorService thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread daemon = new Thread(task, "naive-fan-out");
              daemon.setDaemon(true);
              return daemon;
            });
    final List<CountingOutlet> outlets = new ArrayList<>();

    void write(byte[] bytes, int events) {
      for (CountingOutlet outlet : outlets) {
        outlet.write(new Batch(WireFormat.SSE, bytes.clone(), false, events));
      }
    }
  }

  private final List<Share> shares = new ArrayList<>();
  private long published;

  @Override
  public void connect(List<CountingOutlet> outlets) {
    int threads = Math.min(outlets.size(), Runtime.getRuntime().availableProcessors());
    for (int i = 0; i < threads; i++) {
      shares.add(new Share());
    }
    for (int i = 0; i < outlets.size(); i++) {
      shares.get(i % threads).outlets.add(outlets.get(i));
    }
    byte[] nothing = SseEncoder.comment("");
    for (Share share : shares) {
      share.thread.execute(() -> share.write(nothing, 0));
    }
  }

  @Override
  public Event publish(Event event) {
    Event sent = event.withTopic("prices").withId("naive-" + ++published);
    byte[] bytes = SseEncoder.encode(sent, WireFormat.SSE);
    for (Share share : shares) {
      share.thread.execute(() -> share.write(bytes, 1));
    }
    return sent;
  }

  @Override
  public void close() {
    shares.forEach(share -> share.thread.shutdown());
  }
}
