package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.Position;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.OutletListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads: connecting while others publish at full speed. */
class SeamTest {
  private static final int TRIES = 10_000;
  private static final int EVENTS = 3;

  /** Checks that the offsets follow one another, on the loop that writes. */
  private static final class ContiguousOutlet extends EventFeedTest.QuietOutlet {
    final CountDownLatch enough = new CountDownLatch(EVENTS);
    volatile String fault = "";
    private final EnvelopeReader reader = new EnvelopeReader(1 << 20);
    private long last = -1;

    ContiguousOutlet() {
      super(WireFormat.BYTES);
    }

    @Override
    public WriteResult write(Batch batch) {
      reader.read(batch.array(), 0, batch.size(), (seq, event) -> saw(event));
      return WriteResult.DONE;
    }

    private void saw(Event event) {
      if (event.type().equals("eventchannel.hello")) {
        return;
      }
      Position at = Position.parse(event.id());
      if (event.type().equals("tick")) {
        if (at.high() != last + 1) {
          fault = fault + "after " + last + " came " + at.high() + "; ";
        }
        enough.countDown();
      }
      last = at.high();
    }
  }

  @Test
  @Timeout(120)
  void F24_subscribingWhileOthersPublishMissesAndRepeatsNothing() throws InterruptedException {
    AtomicBoolean over = new AtomicBoolean();
    AtomicReference<String> recent = new AtomicReference<>();
    try (EventFeed feed = EventFeed.builder().loops(2).build();
        ChannelEndpoint endpoint = ChannelEndpoint.builder(feed).build()) {
      Event event = Event.of("tick", "x");
      recent.set(feed.publish("a", event).toCompletableFuture().join());
      Thread publisher =
          new Thread(
              () -> {
                while (!over.get()) {
                  recent.set(feed.publish("a", event).toCompletableFuture().join());
                }
              });
      publisher.start();
      List<String> faults = new ArrayList<>();
      try {
        for (int i = 0; i < TRIES && faults.isEmpty(); i++) {
          ContiguousOutlet outlet = new ContiguousOutlet();
          String[] options =
              i % 2 == 0
                  ? new String[] {"Sec-WebSocket-Protocol: eventchannel.v1.bytes"}
                  : new String[] {
                    "Sec-WebSocket-Protocol: eventchannel.v1.bytes", "lastEventId=" + recent.get()
                  };
          OutletListener listener =
              endpoint.admit(Scene.handshake(Handshake.Kind.WEBSOCKET, options)).open(outlet);
          assertTrue(outlet.enough.await(20, TimeUnit.SECONDS), "no events in try " + i);
          listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "done"));
          if (!outlet.fault.isEmpty()) {
            faults.add("try " + i + ": " + outlet.fault);
          }
        }
      } finally {
        over.set(true);
        publisher.join();
      }
      assertEquals(List.of(), faults);
    }
  }
}
