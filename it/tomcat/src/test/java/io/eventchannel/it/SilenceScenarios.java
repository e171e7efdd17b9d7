package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.FaultPlan;
import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.FaultPlan.Direction;
import io.eventchannel.tck.ProxiedConnection;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Paths that are silent, slow or crumbling while their sockets stay open. */
abstract class SilenceScenarios extends ChannelScenarios {
  private static final int SLOW_BYTES_PER_SECOND = 2_000;

  SilenceScenarios(TransportPreference only) {
    super(only);
  }

  @Test
  void F04_aHalfOpenConnectionIsNoticedByItsSilenceAndReplaced() throws Exception {
    Scenario scenario = scenario();
    scenario.open();
    scenario.publish(5);
    scenario.awaitAll();
    ProxiedConnection dead = scenario.connection();
    dead.blackHole();
    scenario.publish(5);
    scenario.takeLoss(Kind.HEARTBEAT_TIMEOUT);
    scenario.calls.takeOpen();
    scenario.settle();
    dead.awaitClientEnd(Scenario.PATIENCE);
  }

  @Test
  void F06_whatAConnectionSaysThatComesBackToLifeIsNotHeard() throws Exception {
    Scenario scenario = scenario();
    scenario.open();
    scenario.publish(5);
    scenario.awaitAll();
    ProxiedConnection zombie = scenario.connection();
    zombie.stall(Direction.DOWN); // and not what the client says, so that its end is seen
    scenario.publish(5);
    scenario.takeLoss(Kind.HEARTBEAT_TIMEOUT);
    scenario.calls.takeOpen();
    scenario.awaitAll();
    zombie.awaitClientEnd(Scenario.PATIENCE);
    zombie.unstall();
    scenario.publish(5);
    scenario.settle();
    scenario.calls.assertSilence();
  }

  @Test
  void F07_aStallThatEndsBeforeTheDeadlineCostsNothing() throws Exception {
    Scenario scenario = scenario();
    scenario.open();
    scenario.publish(5);
    scenario.awaitAll();
    scenario.proxy.stallAll();
    scenario.publish(5);
    scenario.calls.assertSilence();
    scenario.proxy.unstallAll();
    scenario.publish(5);
    scenario.settle();
    assertEquals(0, scenario.calls.connectionsLost());
  }

  @Test
  void F07_aStallThatOutlastsTheDeadlineIsResumedWithoutARepeat() throws Exception {
    Scenario scenario = scenario();
    scenario.open();
    scenario.publish(5);
    scenario.awaitAll();
    scenario.proxy.stallAll();
    scenario.publish(5);
    scenario.takeLoss(Kind.HEARTBEAT_TIMEOUT);
    scenario.proxy.unstallAll();
    scenario.publish(5);
    scenario.calls.takeOpen();
    scenario.settle();
  }

  @Test
  void F08_oneByteSegmentsCarryTheSameEvents() throws Exception {
    Scenario scenario = scenario();
    scenario.proxy.planAll(FaultPlan.none().inOneByteSegments());
    scenario.open();
    for (int length : new int[] {0, 1, 50, 100, 125, 126, 127, 1_000, 10_000}) {
      scenario.publish("€".repeat(length) + "\n😀");
    }
    scenario.settle();
    assertEquals(0, scenario.calls.connectionsLost());
  }

  @Test
  void F09_lateBytesAreBytes() throws Exception {
    Scenario scenario = scenario();
    scenario.proxy.planAll(
        FaultPlan.none().delayedBy(Duration.ofMillis(200), Duration.ofMillis(700), 9));
    scenario.open();
    for (int i = 0; i < 3; i++) { // longer than the deadline
      scenario.publish(1);
      awaitHeartbeats(scenario, 1);
    }
    scenario.settle();
    assertEquals(0, scenario.calls.connectionsLost());
  }

  /** One event takes longer than the deadline to come, and nothing can come beside it. */
  @Test
  void F09_slowBytesAreBytes() throws Exception {
    Scenario scenario = scenario();
    scenario.proxy.planAll(FaultPlan.none().atBytesPerSecond(SLOW_BYTES_PER_SECOND));
    EventChannel channel = scenario.open();
    ProxiedConnection connection = scenario.connection();
    long before = connection.forwarded(Direction.DOWN);
    scenario.publish("x".repeat(4 * SLOW_BYTES_PER_SECOND));
    for (int second = 1; second <= 3; second++) {
      long passed = before + second * SLOW_BYTES_PER_SECOND;
      FeedServer.await(
          () ->
              connection.forwarded(Direction.DOWN) > passed || scenario.calls.connectionsLost() > 0,
          () -> connection.forwarded(Direction.DOWN) + " bytes; " + channel.state());
      // A server hears nothing of a client whose answer to its ping must wait behind this event.
      channel.send(Event.message("alive"));
    }
    scenario.settle();
    assertEquals(0, scenario.calls.connectionsLost());
  }

  @Test
  void F40_heartbeatsKeepAPathOpenThatForgetsIdleOnes() throws Exception {
    Scenario scenario = scenario();
    scenario.proxy.planAll(
        FaultPlan.none().forgetWhenIdle(Scenario.HEARTBEAT.plus(Scenario.HEARTBEAT)));
    scenario.open();
    awaitHeartbeats(scenario, 4);
    scenario.publish(5);
    scenario.settle();
    assertEquals(0, scenario.calls.connectionsLost());
  }

  @Test
  void F40_wherePathsAreForgottenBetweenHeartbeatsSilenceIsNoticed() throws Exception {
    Scenario scenario = scenario();
    scenario.open(); // so that the server is quick, and the next one not idle before it is open
    scenario.proxy.planNext(
        FaultPlan.none().forgetWhenIdle(Scenario.HEARTBEAT.multipliedBy(4).dividedBy(5)));
    scenario.proxy.cutAll(Cut.FIN);
    scenario.calls.takeConnectionLost();
    scenario.calls.takeOpen();
    scenario.takeLoss(Kind.HEARTBEAT_TIMEOUT);
    scenario.publish(5);
    scenario.calls.takeOpen();
    scenario.settle();
  }

  /** Waits for bytes that nobody but the heartbeat sends. */
  private static void awaitHeartbeats(Scenario scenario, int count) throws Exception {
    scenario.awaitAll();
    ProxiedConnection connection = scenario.connection();
    for (int i = 0; i < count; i++) {
      // A WebSocket's heartbeat has two parts; the pause between heartbeats is far longer.
      scenario.calls.assertSilence();
      long before = connection.forwarded(Direction.DOWN);
      FeedServer.await(
          () -> connection.forwarded(Direction.DOWN) > before, () -> "no heartbeat came");
    }
  }
}
