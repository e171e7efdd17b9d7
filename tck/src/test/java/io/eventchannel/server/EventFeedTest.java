package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventFeedTest {
  private final Scene scene = new Scene();

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "a\r\nb", "a\0b", "eventchannel.gap"})
  void S01_aTypeThatCouldForgeEventsIsRefusedAndNothingIsWritten(String type) {
    FakeOutlet stream = scene.sse();
    stream.taken();
    assertThrows(
        IllegalArgumentException.class, () -> scene.feed.publish("a", Event.of(type, "x")));
    scene.run();
    assertEquals(List.of(), stream.taken());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "", "a b", "ü"})
  void S01_aTopicThatIsNoneIsRefused(String topic) {
    assertThrows(
        IllegalArgumentException.class, () -> scene.feed.publish(topic, Event.of("t", "x")));
  }

  @Test
  void anEventOfAMebibyteIsTakenAndOneByteMoreIsRefused() {
    String data = "x".repeat(EventFeed.MAX_EVENT_BYTES - 4);
    scene.feed.publish(Event.of("tick", data)).toCompletableFuture().join();
    IllegalArgumentException tooLong =
        assertThrows(
            IllegalArgumentException.class, () -> scene.feed.publish(Event.of("tick", data + "x")));
    assertEquals(
        "event: expected at most 1048576 bytes of type and data, got 1048577",
        tooLong.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> scene.feed.publish(Event.of("tick", "\u20ac".repeat(400_000))));
  }

  @Test
  void aTextOnlyFeedRefusesBinaryEvents() {
    Scene text = new Scene(InMemoryEventLog.create(), feed -> feed.textOnly(), endpoint -> {});
    assertThrows(
        IllegalArgumentException.class,
        () -> text.feed.publish("a", Event.binary("raw", new byte[1])));
  }

  @Test
  void publishGivesTheIdUnderWhichTheEventIsRead() {
    FakeOutlet stream = scene.sse();
    String id = scene.publish("a", "1");
    scene.run();
    assertEquals(id, stream.applicationEvents().get(0).id());
  }

  @Test
  void aLogThatFailsFailsTheStage() {
    InMemoryEventLog log = InMemoryEventLog.create();
    Scene closed = new Scene(log, feed -> {}, endpoint -> {});
    log.close();
    var stage = closed.feed.publish("a", Event.of("t", "x")).toCompletableFuture();
    assertThrows(CompletionException.class, stage::join);
  }

  @Test
  void aClosedFeedTakesNothing() {
    scene.feed.close();
    var stage = scene.feed.publish("a", Event.of("t", "x")).toCompletableFuture();
    assertThrows(CompletionException.class, stage::join);
  }

  @Test
  void INV_14_aConsumerThatBlocksItsLoopBlocksNoPublisher() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (EventFeed feed = EventFeed.builder().loops(1).build();
        ChannelEndpoint endpoint = ChannelEndpoint.builder(feed).build()) {
      Admission admission = endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
      OutletListener listener =
          admission.open(
              new QuietOutlet(admission.format()) {
                @Override
                public WriteResult write(Batch batch) {
                  inside.countDown();
                  await(release);
                  return WriteResult.DONE;
                }
              });
      assertTrue(inside.await(20, TimeUnit.SECONDS));
      for (int i = 0; i < 10_000; i++) {
        feed.publish("a", Event.of("tick", "" + i)).toCompletableFuture().join();
      }
      release.countDown();
      listener.closed(io.eventchannel.CloseReason.of(io.eventchannel.CloseReason.Kind.NETWORK, ""));
    }
  }

  @Test
  void INV_14_anOutletMayPublishFromInsideItsWrite() {
    FakeOutlet stream = scene.sse();
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    List<String> echoed = new ArrayList<>();
    admission.open(
        new QuietOutlet(admission.format()) {
          @Override
          public WriteResult write(Batch batch) {
            if (echoed.size() < 10) {
              echoed.add(scene.publish("a", "echo"));
            }
            return WriteResult.DONE;
          }
        });
    scene.run();
    assertEquals(10, stream.applicationEvents().size());
  }

  @Test
  void INV_18_heartbeatsKeepTheirTimeWhateverTheTraffic() {
    FakeOutlet busy = scene.webSocket();
    for (int i = 0; i < 600; i++) {
      scene.publish("a", "" + i);
      scene.run();
      scene.pass(Duration.ofMillis(100));
    }
    long positions =
        busy.events().stream().filter(e -> e.type().equals("eventchannel.position")).count();
    assertEquals(1 + 4, positions);
    assertEquals(4, busy.pings);
  }

  @Test
  void INV_18_whoCameTogetherDoesNotGetItsHeartbeatsTogether() {
    List<FakeOutlet> herd = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      herd.add(scene.webSocket());
    }
    for (int interval = 1; interval <= 2; interval++) {
      int most = 0;
      for (int second = 0; second < 15; second++) {
        int before = pings(herd);
        scene.pass(Duration.ofSeconds(1));
        most = Math.max(most, pings(herd) - before);
      }
      assertTrue(most <= 200 / 5, most + " of 200 in one second");
      for (FakeOutlet each : herd) {
        assertEquals(interval, each.pings, "one each heartbeat, the first not late");
      }
    }
  }

  private static int pings(List<FakeOutlet> outlets) {
    return outlets.stream().mapToInt(outlet -> outlet.pings).sum();
  }

  @Test
  void INV_11_noInterleavingOfPublishAndConnectLosesOrRepeats() {
    for (int before = 0; before < 12; before++) {
      for (int between = 0; between < 12; between++) {
        Scene each = new Scene();
        String first = each.publish("a", "0");
        Admission admission =
            each.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "lastEventId=" + first));
        FakeOutlet outlet = new FakeOutlet(admission.format());
        outlet.listener = admission.open(outlet);
        steps(each, before);
        each.publish("a", "1");
        steps(each, between);
        each.publish("a", "2");
        each.run();
        assertEquals(List.of("1", "2"), SubscriptionTest.data(outlet));
      }
    }
  }

  private static void steps(Scene scene, int steps) {
    for (int i = 0; i < steps; i++) {
      if (!scene.loop.runOne()) {
        scene.reads.runOne();
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody came");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** An outlet that takes everything. */
  abstract static class QuietOutlet implements Outlet {
    private final WireFormat format;

    QuietOutlet(WireFormat format) {
      this.format = format;
    }

    @Override
    public Executor executor() {
      return null;
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
      return format;
    }
  }
}
