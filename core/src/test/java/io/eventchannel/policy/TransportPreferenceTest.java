package io.eventchannel.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.transport.Transport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransportPreferenceTest {
  private final TransportPreference preference = TransportPreference.webSocketFirst();

  private static ConnectionLoss.Builder webSocket(CloseReason reason) {
    return ConnectionLoss.builder(Transport.WEBSOCKET, reason).unopenedInARow(1);
  }

  private static ConnectionLoss.Builder webSocket(Kind kind) {
    return webSocket(CloseReason.of(kind, ""));
  }

  private static ConnectionLoss.Builder sse(Kind kind) {
    return ConnectionLoss.builder(Transport.SSE, CloseReason.of(kind, "")).unopenedInARow(1);
  }

  private void assertFallsOver(boolean expected, ConnectionLoss.Builder loss) {
    assertEquals(expected, preference.fallsOver(loss.build()), () -> loss.build().toString());
  }

  @Test
  void statusThatNoServerOfOursGaveFallsOver() {
    Set<Integer> serversOwn = Set.of(401, 407, 429, 503);
    for (int status = 100; status <= 599; status++) {
      CloseReason reason = CloseReason.httpStatus(status, "");
      assertFallsOver(!serversOwn.contains(status), webSocket(reason));
      assertFallsOver(false, webSocket(reason).recognised(true));
      assertFallsOver(false, ConnectionLoss.builder(Transport.SSE, reason).unopenedInARow(2));
    }
    CloseReason portal = CloseReason.contentType(200, "text/html");
    assertFallsOver(true, webSocket(portal));
    assertFallsOver(false, webSocket(portal).recognised(true));
  }

  @Test
  void handshakeThatHangsOrIsMangledFallsOverAtOnce() {
    assertFallsOver(true, webSocket(Kind.CONNECT_TIMEOUT));
    assertFallsOver(true, webSocket(Kind.BAD_HANDSHAKE));
  }

  @Test
  void twoSocketsDeadBeforeTheirFirstFrameFallOverAndOneDoesNot() {
    Set<Kind> deaths =
        EnumSet.of(
            Kind.NETWORK,
            Kind.END_OF_STREAM,
            Kind.HEARTBEAT_TIMEOUT,
            Kind.WRITE_TIMEOUT,
            Kind.PROTOCOL);
    for (Kind kind : deaths) {
      assertFallsOver(false, webSocket(kind));
      assertFallsOver(true, webSocket(kind).unopenedInARow(2));
      assertFallsOver(false, webSocket(kind).unopenedInARow(2).opened(true));
    }
    CloseReason cut = CloseReason.closeCode(1006, "");
    assertFallsOver(false, webSocket(cut));
    assertFallsOver(true, webSocket(cut).unopenedInARow(2));
  }

  @Test
  void serverThatIsNotThereDoesNotMoveTheChannel() {
    for (IOException cause :
        new IOException[] {
          new ConnectException(), new NoRouteToHostException(), new UnknownHostException()
        }) {
      CloseReason reason = CloseReason.of(Kind.NETWORK, "", cause);
      assertFallsOver(false, webSocket(reason));
      assertFallsOver(false, webSocket(reason).unopenedInARow(9));
    }
    CloseReason reset = CloseReason.of(Kind.NETWORK, "", new IOException("reset"));
    assertFallsOver(true, webSocket(reset).unopenedInARow(2));
  }

  @Test
  void closeCodesAndOwnEndsFollowTheTable() {
    for (int code : new int[] {1000, 1001, 1002, 1008, 1011, 1013, 4000, 4001, 4500}) {
      assertFallsOver(false, webSocket(CloseReason.closeCode(code, "")).unopenedInARow(9));
    }
    for (Kind kind : EnumSet.of(Kind.LIMIT, Kind.LOCAL, Kind.APPLICATION)) {
      assertFallsOver(false, webSocket(kind).unopenedInARow(9));
    }
  }

  @Test
  void sseStreamWithoutAByteFallsOverAndLittleElseOfSseDoes() {
    assertFallsOver(true, sse(Kind.HEARTBEAT_TIMEOUT));
    assertFallsOver(false, sse(Kind.HEARTBEAT_TIMEOUT).opened(true));
    for (Kind kind :
        EnumSet.complementOf(EnumSet.of(Kind.HEARTBEAT_TIMEOUT, Kind.CONNECT_TIMEOUT))) {
      assertFallsOver(false, sse(kind).unopenedInARow(9));
    }
  }

  @Test
  void sseHeadThatIsHeldBackTwiceInARowFallsOverAndOnceDoesNot() {
    assertFallsOver(false, sse(Kind.CONNECT_TIMEOUT));
    assertFallsOver(true, sse(Kind.CONNECT_TIMEOUT).unopenedInARow(2));
    assertFalse(
        TransportPreference.sseOnly()
            .fallsOver(sse(Kind.CONNECT_TIMEOUT).unopenedInARow(2).build()));
  }

  @Test
  void channelWithOneTransportStaysThere() {
    ConnectionLoss hangs = webSocket(Kind.CONNECT_TIMEOUT).build();
    assertFalse(TransportPreference.webSocketOnly().fallsOver(hangs));
    assertTrue(TransportPreference.sseFirst().fallsOver(hangs));
    assertFalse(TransportPreference.sseOnly().fallsOver(sse(Kind.HEARTBEAT_TIMEOUT).build()));
  }

  @Test
  void nextGoesThroughTheTransportsAndRoundAgain() {
    TransportPreference three = TransportPreference.of("a", "b", "c");
    assertEquals("a", three.first());
    assertEquals("b", three.next("a"));
    assertEquals("c", three.next("b"));
    assertEquals("a", three.next("c"));
    assertEquals("a", three.next("unheard of"));
    assertEquals(Transport.WEBSOCKET, TransportPreference.webSocketOnly().next("websocket"));
  }

  @Test
  void namesAreThoseOfTheTransports() {
    assertEquals(Arrays.asList(Transport.WEBSOCKET, Transport.SSE), preference.transports());
    assertEquals(
        Arrays.asList(Transport.SSE, Transport.WEBSOCKET),
        TransportPreference.sseFirst().transports());
    assertEquals(preference, TransportPreference.of(Transport.WEBSOCKET, Transport.SSE));
  }

  @Test
  void listsThatNameNothingOrOneTwiceAreRefused() {
    assertThrows(IllegalArgumentException.class, TransportPreference::of);
    assertThrows(IllegalArgumentException.class, () -> TransportPreference.of(""));
    assertThrows(IllegalArgumentException.class, () -> TransportPreference.of("sse", "sse"));
  }

  @Test
  void theWayBackIsLookedForEverMoreSeldomAndAtLeastOnceInAnHourOrSo() {
    assertEquals(Duration.ofMinutes(5), preference.returnDelay(0, 0));
    assertEquals(Duration.ofSeconds(330), preference.returnDelay(0, 0.5));
    assertEquals(Duration.ofMinutes(10), preference.returnDelay(1, 0));
    assertEquals(Duration.ofMinutes(40), preference.returnDelay(3, 0));
    for (int looks = 4; looks > 0; looks *= 2) { // until it overflows
      assertEquals(Duration.ofHours(1), preference.returnDelay(looks, 0));
    }
    assertEquals(Duration.ofHours(1), preference.returnDelay(Integer.MAX_VALUE, 0));
    TransportPreference eager = preference.withReturnAfter(Duration.ofMillis(1));
    assertEquals(Duration.ofMillis(2), eager.returnDelay(1, 0));
    assertEquals(Duration.ofHours(1), eager.returnDelay(Integer.MAX_VALUE, 0));
    assertThrows(IllegalArgumentException.class, () -> preference.withReturnAfter(Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class, () -> preference.withReturnAfter(Duration.ofDays(1)));
  }
}
