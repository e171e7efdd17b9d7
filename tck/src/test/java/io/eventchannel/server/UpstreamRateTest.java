package io.eventchannel.server;

import static io.eventchannel.server.Scene.up;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Receipt;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.codec.EnvelopeWriter;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.policy.RateLimit;
import io.eventchannel.tck.ManualExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of events that come faster than the rate of their channel. */
class UpstreamRateTest {
  private static final String JSON = "Sec-WebSocket-Protocol: eventchannel.v1.json";

  private final List<String> heard = new ArrayList<>();
  private @Nullable EventChannel channel;

  private final EventChannelListener listener =
      new EventChannelListener() {
        @Override
        public void onOpen(EventChannel opened) {
          channel = opened;
        }

        @Override
        public void onEvent(EventChannel from, Event event) {
          heard.add(event.data());
        }

        @Override
        public void onClosed(EventChannel closed, CloseReason reason) {
          heard.add("closed");
        }
      };

  private Scene with(Consumer<ChannelEndpoint.Builder> options) {
    return new Scene(
        InMemoryEventLog.create(), feed -> {}, e -> options.accept(e.listener(listener)));
  }

  private Scene tight() {
    return with(e -> e.upstreamRate(RateLimit.of(3, 1)));
  }

  private String id() {
    return Objects.requireNonNull(Objects.requireNonNull(channel).id());
  }

  private static FakeOutlet socket(Scene scene, String... headers) {
    FakeOutlet socket = scene.webSocket(headers);
    socket.taken();
    return socket;
  }

  private static void send(FakeOutlet socket, int first, int last) {
    for (int seq = first; seq <= last; seq++) {
      socket.listener.received(up(seq, "chat", "m" + seq));
    }
  }

  private static List<String> numbered(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(i -> "m" + i).collect(Collectors.toList());
  }

  @ParameterizedTest
  @EnumSource(
      value = Handshake.Kind.class,
      names = {"WEBSOCKET", "SSE"})
  void INV_34_aBurstOfOurClientIsTakenOnceAndInOrderHoweverFarItIsOverTheRate(Handshake.Kind kind) {
    int events = 20_000;
    Scene scene = with(endpoint -> {}); // 5,000 at once, 1,000 a second
    VirtualWire wire = new VirtualWire(() -> scene.endpoint, scene.clock, new Random(7), kind);
    ManualExecutor clientThreads = new ManualExecutor();
    ChannelClient client =
        ChannelClient.builder()
            .transport(wire)
            .scheduler(scene.clock)
            .executor(clientThreads)
            .outbox(events, 8 << 20)
            .build();
    EventChannel sender = client.open("https://example.com/feed", new EventChannelListener() {});
    List<CompletableFuture<Receipt>> sent = new ArrayList<>();
    for (int i = 1; i <= events; i++) {
      sent.add(sender.send(Event.of("chat", "m" + i)).toCompletableFuture());
    }
    Runnable rest =
        () -> {
          for (int i = 0; i < 3; i++) {
            wire.moveAll();
            scene.run();
            clientThreads.runAll();
          }
        };
    rest.run();
    assertTrue(heard.size() < 8_000, heard.size() + " at once");
    for (int i = 0; i < 400 && heard.size() < events; i++) {
      scene.clock.advance(Duration.ofMillis(100));
      rest.run();
      int beyond = kind == Handshake.Kind.SSE ? 1_024 : 1; // a POST is taken whole
      assertTrue(heard.size() <= 5_000 + 100 * (i + 1) + beyond, heard.size() + " in step " + i);
    }
    assertEquals(numbered(1, events), heard);
    for (CompletableFuture<Receipt> stage : sent) {
      assertEquals(Receipt.ONCE, stage.join());
    }
    client.close();
    rest.run();
  }

  @Test
  void overTheRateTheEventsOfASessionAreHeldUntilTheyAreWithinIt() {
    Scene scene = tight();
    FakeOutlet socket = socket(scene, JSON);
    send(socket, 1, 5);
    scene.run();
    assertEquals(numbered(1, 3), heard);
    assertEquals(List.of("eventchannel.ack {\"seq\":3}"), socket.taken());

    scene.pass(Duration.ofSeconds(1));
    assertEquals(numbered(1, 4), heard);
    assertEquals(List.of("eventchannel.ack {\"seq\":4}"), socket.taken());
    send(socket, 6, 6); // behind the fifth
    scene.pass(Duration.ofSeconds(1));
    assertEquals(numbered(1, 5), heard);
    scene.pass(Duration.ofSeconds(1));
    assertEquals(numbered(1, 6), heard);
    assertEquals(0, socket.closeCode);
  }

  @Test
  void whatHasNoNumberIsHeldAlike() {
    Scene scene = tight();
    FakeOutlet socket = socket(scene);
    for (int i = 1; i <= 4; i++) {
      socket.listener.received(up(EnvelopeWriter.NO_SEQ, "chat", "m" + i));
    }
    scene.run();
    assertEquals(numbered(1, 3), heard);
    scene.pass(Duration.ofSeconds(1));
    assertEquals(numbered(1, 4), heard);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1_024})
  void whoKeepsNoWindowIsRefusedByNameWhatGoesBeyondIt(int beyond) {
    Scene scene = with(e -> e.upstreamRate(RateLimit.of(3, 100)));
    FakeOutlet socket = socket(scene, JSON);
    int taken = 3 + 1024;
    send(socket, 1, 3);
    scene.run();
    send(socket, 4, taken + beyond);
    scene.pass(Duration.ofMillis(10_500));
    assertEquals(numbered(1, taken), heard);
    List<String> said = socket.taken();
    assertEquals(
        "eventchannel.ack {\"seq\":" + (taken + beyond) + "}", said.remove(said.size() - 1));
    for (int seq = taken + beyond; seq > taken; seq--) {
      String over = "\"reason\":\"upstreamRate: expected at most 100 events a second\"";
      assertEquals(
          "eventchannel.refused {\"seq\":" + seq + "," + over + "}", said.remove(said.size() - 1));
    }

    int next = taken + beyond + 1;
    send(socket, next, next); // and what was refused is not paid for
    scene.run();
    assertEquals("m" + next, heard.get(heard.size() - 1));
  }

  @Test
  void S32_whoSendsOnWithoutHearingIsEnded() {
    Scene scene = tight();
    FakeOutlet socket = socket(scene, JSON);
    send(socket, 1, 2_048);
    assertEquals(0, socket.closeCode);
    send(socket, 2_049, 2_049);
    scene.run();
    assertEquals(1009, socket.closeCode);
  }

  @Test
  void whatAllChannelsHoldTogetherIsBounded() {
    Scene scene = tight();
    byte[] large = up(4, "chat", "x".repeat(240_000)); // half a megabyte on the heap
    List<FakeOutlet> sockets = new ArrayList<>();
    for (int i = 0; i < 140; i++) {
      FakeOutlet socket = socket(scene, JSON);
      send(socket, 1, 3);
      socket.listener.received(large);
      sockets.add(socket);
    }
    scene.run();
    long refused = sockets.stream().filter(UpstreamRateTest::isRefused).count();
    assertEquals(140 - (64 << 20) / (480_064 + 8), refused);
    scene.pass(Duration.ofSeconds(1)); // and what they held makes room
    sockets.get(0).taken();
    sockets.get(0).listener.received(up(5, "chat", "again"));
    scene.pass(Duration.ofSeconds(1));
    assertFalse(isRefused(sockets.get(0)));
  }

  private static boolean isRefused(FakeOutlet socket) {
    return socket.taken().toString().contains("upstreamRate");
  }

  @Test
  void whatIsHeldOutlivesTheConnectionAndIsRepeatedInVain() {
    Scene scene = tight();
    FakeOutlet first = socket(scene, JSON, "EventChannel-Version: 1");
    send(first, 1, 5);
    scene.run();
    first.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "reset"));
    scene.pass(Duration.ofSeconds(1));
    assertEquals(numbered(1, 4), heard); // while there is none

    FakeOutlet second = socket(scene, JSON, "EventChannel-Version: 1", "EventChannel-Id: " + id());
    send(second, 4, 5);
    scene.run(); // which would not end if the repeated one were asked after again and again
    assertEquals(numbered(1, 4), heard);
    scene.pass(Duration.ofSeconds(1));
    assertEquals(numbered(1, 5), heard);
    assertTrue(second.taken().contains("eventchannel.ack {\"seq\":5}"));
  }

  @Test
  void aPostWaitsForWhatIsHeldBeforeIt() {
    Scene scene = tight();
    FakeOutlet socket = socket(scene, JSON, "EventChannel-Version: 1");
    send(socket, 1, 4);
    scene.run();
    String id = id();
    socket.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "reset"));
    scene.run();
    scene.sse("EventChannel-Version: 1", "EventChannel-Id: " + id);
    Answer answer = scene.post(id, up(5, "chat", "m5"));
    assertEquals(429, answer.status());
    assertEquals("2", answer.headers().get("Retry-After"));
    scene.clock.advance(Duration.ofSeconds(2)); // and the timer of what is held has come, too
    assertEquals(204, scene.post(id, up(5, "chat", "m5")).status());
    assertEquals(numbered(1, 5), heard);
  }

  @Test
  void whatIsStillHeldWhenTheApplicationClosesIsRefused() {
    Scene scene = tight();
    FakeOutlet socket = socket(scene, JSON);
    send(socket, 1, 5);
    scene.run();
    socket.taken();
    Objects.requireNonNull(channel).close();
    scene.run();
    assertEquals(List.of("close 1000"), socket.taken()); // and no word that it was taken
    scene.pass(Duration.ofSeconds(40));
    List<String> expected = new ArrayList<>(numbered(1, 3));
    expected.add("closed");
    assertEquals(expected, heard);
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void S34_whatIsStillHeldWhenItsPrincipalMayDoLessStaysUndecided() {
    Scene scene =
        with(
            e ->
                e.upstreamRate(RateLimit.of(3, 1))
                    .authorizer(handshake -> Authorization.allow().principal("ada")));
    FakeOutlet socket = socket(scene, JSON);
    send(socket, 1, 5);
    scene.run();
    socket.taken();
    assertEquals(1, scene.endpoint.reauthorize("ada"));
    scene.pass(Duration.ofSeconds(10));
    // Decided neither way, or the client would not send them again.
    assertEquals(List.of("close 4001 credentials to be presented again"), socket.taken());
    assertEquals(List.of("m1", "m2", "m3", "closed"), heard);
  }

  @Test
  void aSmallLimitOfAMessageLeavesRoomForAWindow() {
    Scene scene = with(e -> e.maxUpstreamBytes(1_000));
    FakeOutlet socket = socket(scene, JSON);
    for (int seq = 1; seq <= 1024; seq++) {
      byte[] event = up(seq, "chat", "x".repeat(400)); // 872 on the heap
      assertTrue(new String(event, UTF_8).length() < 1_000);
      socket.listener.received(event);
    }
    scene.run();
    assertEquals(1024, heard.size());
  }
}
