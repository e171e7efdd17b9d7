package io.eventchannel.server;

import static io.eventchannel.server.SubscriptionTest.data;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.log.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A wall clock that somebody sets while connections are open. */
class ServerClockTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final List<Duration> JUMPS =
      List.of(DAY, Duration.ofHours(-1), DAY.negated(), DAY);
  private static final Duration MAX_AGE = Duration.ofMinutes(30);

  private final Scene scene =
      new Scene(
          clock -> InMemoryEventLog.builder().maxAge(MAX_AGE, clock::nanoTime).build(),
          feed -> feed.windowEvents(1), // so that what is older comes from the log
          endpoint -> {});

  @Test
  void F22_aJumpOfTheWallClockEndsNoConnectionAndLosesNothing() {
    FakeOutlet socket = scene.webSocket();
    FakeOutlet stream = scene.sse("EventChannel-Version: 1");
    FakeOutlet plain = scene.sse();
    Scene unmoved = new Scene();
    FakeOutlet beside = unmoved.webSocket(); // whose first heartbeat is due at the same moment
    List<String> published = new ArrayList<>();
    for (Duration jump : JUMPS) {
      scene.clock.jumpWallClock(jump);
      published.add("" + published.size());
      scene.publish("a", "" + (published.size() - 1));
      scene.run();
      scene.pass(Duration.ofSeconds(40)); // more than any deadline of 2.5 heartbeats
      unmoved.pass(Duration.ofSeconds(40));
    }

    assertEquals(3, scene.endpoint.connections());
    for (FakeOutlet outlet : List.of(socket, stream, plain)) {
      assertFalse(outlet.aborted);
      assertEquals(0, outlet.closeCode);
      assertEquals(published, data(outlet));
    }
    assertTrue(beside.pings >= 160 / 15, "one each heartbeat");
    assertEquals(beside.pings, socket.pings, "none more for the jumps");
  }

  @Test
  void F22_aJumpOfTheWallClockChangesNoIdAndNoOrder() {
    List<Position> positions = new ArrayList<>();
    for (Duration jump : JUMPS) {
      scene.clock.jumpWallClock(jump);
      positions.add(Objects.requireNonNull(Position.parse(scene.publish("a", "x"))));
    }
    for (int i = 1; i < positions.size(); i++) {
      assertEquals(positions.get(0).epoch(), positions.get(i).epoch());
      assertTrue(positions.get(i).high() > positions.get(i - 1).high(), positions.toString());
    }
  }

  @Test
  void F22_INV_08_aJumpOfTheWallClockEvictsNothingAndRevivesNothing() {
    String start = scene.publish("a", "0");
    scene.publish("a", "1");
    scene.clock.jumpWallClock(DAY);
    scene.pass(Duration.ofMinutes(1));
    FakeOutlet resumed = scene.sse("Last-Event-ID: " + start);
    assertEquals(List.of("1"), data(resumed), "a day later by the wall, a minute by the clock");

    scene.clock.advance(MAX_AGE);
    scene.clock.jumpWallClock(DAY.negated());
    scene.publish("a", "2");
    scene.publish("a", "3");
    FakeOutlet late = scene.sse("Last-Event-ID: " + start);
    assertEquals(List.of("2", "3"), data(late));
    assertTrue(
        late.events().stream().anyMatch(event -> event.type().equals("eventchannel.gap")),
        "what is too old stays so");
  }
}
