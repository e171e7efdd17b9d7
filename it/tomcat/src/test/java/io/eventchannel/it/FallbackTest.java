package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.EventChannel;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.server.Handshake;
import io.eventchannel.tck.FaultPlan;
import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.RecordingListener.Opened;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Something between client and server lets one transport pass and not the other: the channel goes
 * over from where it stands, without a loss or a repeat.
 */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class FallbackTest {
  // Long enough for the first, cold handshake, which must not go over.
  private static final Duration SHORT = Duration.ofSeconds(2);
  private static final Duration SOON = Duration.ofMillis(100);

  @ParameterizedTest
  @ValueSource(ints = {200, 400, 403, 404, 502})
  void INV_24_anUpgradeThatAProxyRefusesMovesTheChannelToSseAtItsPosition(int status)
      throws Exception {
    try (Scenario scenario = Scenario.over(TransportPreference.webSocketFirst())) {
      goesOverToSse(scenario, FaultPlan.none().refuseUpgrades(status));
    }
  }

  @Test
  void INV_24_anUpgradeThatHangsMovesTheChannelToSseAtItsPosition() throws Exception {
    try (Scenario scenario =
        Scenario.over(
            TransportPreference.webSocketFirst(), options -> options.connectTimeout(SHORT))) {
      goesOverToSse(scenario, FaultPlan.none().hangUpgrades());
    }
  }

  @Test
  void INV_24_socketsThatDieBeforeTheirFirstFrameTwiceMoveTheChannelToSseAtItsPosition()
      throws Exception {
    try (Scenario scenario = Scenario.over(TransportPreference.webSocketFirst())) {
      goesOverToSse(scenario, FaultPlan.none().cutUpgrades());
      assertEquals(
          3, // the first one, which was good, and two that died
          scenario.handshakes.stream()
              .filter(handshake -> handshake.kind() == Handshake.Kind.WEBSOCKET)
              .count());
    }
  }

  @Test
  void aSingleSocketThatDiesBeforeItsFirstFrameIsBadLuck() throws Exception {
    try (Scenario scenario = Scenario.over(TransportPreference.webSocketFirst())) {
      EventChannel channel = scenario.open();
      scenario.publish(5);
      scenario.awaitAll();
      scenario.proxy.planNext(FaultPlan.none().cutUpgrades());
      scenario.proxy.cutAll(Cut.RST);
      scenario.publish(5);
      scenario.settle();
      assertEquals(Transport.WEBSOCKET, channel.transport());
    }
  }

  @Test
  void aServerThatIsDownIsNoReasonToGoOver() throws Exception {
    try (Scenario scenario = Scenario.over(TransportPreference.webSocketFirst())) {
      EventChannel channel = scenario.open();
      scenario.proxy.stopListening();
      scenario.proxy.cutAll(Cut.RST);
      scenario.takeDelays(5);
      scenario.proxy.listenAgain();
      scenario.publish(5);
      scenario.calls.skipTo(Opened.class);
      scenario.settle();
      assertEquals(Transport.WEBSOCKET, channel.transport());
    }
  }

  @Test
  void INV_24_whenWebSocketPassesAgainTheChannelComesBackToIt() throws Exception {
    try (Scenario scenario =
        Scenario.over(TransportPreference.webSocketFirst().withReturnAfter(SOON))) {
      goesOverToSse(scenario, FaultPlan.none().refuseUpgrades(403));
      EventChannel channel = scenario.calls.skipTo(Opened.class).channel();
      scenario.proxy.planAll(FaultPlan.none());
      while (!Transport.WEBSOCKET.equals(channel.transport())) {
        scenario.publish(1);
        scenario.awaitAll();
      }
      scenario.publish(5);
      scenario.settle();
    }
  }

  @Test
  void aPathThatLetsHandshakesPassAndNoFrameCostsAStreamNothing() throws Exception {
    try (Scenario scenario =
        Scenario.over(TransportPreference.webSocketFirst().withReturnAfter(SOON))) {
      scenario.proxy.planAll(FaultPlan.none().cutUpgrades());
      EventChannel channel = scenario.begin();
      scenario.awaitPosition(channel);
      while (probes(scenario) < 3) {
        scenario.publish(1);
        scenario.awaitAll();
      }
      scenario.settle();
      assertEquals(Transport.SSE, channel.transport());
      assertEquals(
          1,
          scenario.handshakes.stream()
              .filter(handshake -> handshake.kind() == Handshake.Kind.SSE)
              .count());
    }
  }

  private static long probes(Scenario scenario) {
    return scenario.handshakes.stream()
        .filter(handshake -> handshake.query("probe") != null)
        .count();
  }

  @Test
  void F39_aProxyThatHoldsTheStreamBackMovesTheChannelToWebSocket() throws Exception {
    try (Scenario scenario = Scenario.over(TransportPreference.sseFirst())) {
      scenario.proxy.planAll(FaultPlan.none().holdBody());
      scenario.begin();
      EventChannel channel = scenario.calls.takeOpen(); // the head has passed
      assertEquals(Transport.SSE, channel.transport());
      scenario.takeLoss(Kind.HEARTBEAT_TIMEOUT);
      scenario.calls.takeOpen();
      scenario.awaitPosition(channel);
      scenario.publish(5);
      scenario.settle();
      assertEquals(Transport.WEBSOCKET, channel.transport());
    }
  }

  /** Opens a WebSocket, then lets no other pass by this plan. */
  private static void goesOverToSse(Scenario scenario, FaultPlan noWebSockets) throws Exception {
    EventChannel channel = scenario.open();
    assertEquals(Transport.WEBSOCKET, channel.transport());
    scenario.publish(4);
    String last = scenario.publish("");
    scenario.awaitAll();
    scenario.proxy.planAll(noWebSockets);
    scenario.proxy.cutAll(Cut.RST);
    scenario.publish(5);
    scenario.awaitAll();
    assertEquals(Transport.SSE, channel.transport());
    assertEquals(last, scenario.lastStatedPosition());

    // It stays there while the plan holds.
    scenario.proxy.cutAll(Cut.RST);
    scenario.publish(5);
    scenario.settle();
    assertEquals(Transport.SSE, channel.transport());
  }
}
