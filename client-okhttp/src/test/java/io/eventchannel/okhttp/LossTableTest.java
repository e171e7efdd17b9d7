package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.okhttp.DecisionScene.Decision;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a channel does when an open connection ends, over each transport, while it was young and
 * once it was stable (protocol rules C-1, R-7 to R-9, F-3 and F-4).
 */
class LossTableTest {
  private static final String[] TRANSPORTS = {Transport.SSE, Transport.WEBSOCKET};

  // A way to end; what a channel does when the connection was young, and when it was stable: over
  // SSE, then over WebSocket.
  private static final String ENDS =
      """
      fin       | BACKOFF AT_ONCE | BACKOFF AT_ONCE
      reset     | BACKOFF AT_ONCE | BACKOFF AT_ONCE
      oversized | STOP    STOP    | STOP    STOP
      1000      | STOP    STOP    | STOP    STOP
      1001      | BACKOFF BACKOFF | BACKOFF BACKOFF
      1002      | STOP    STOP    | STOP    STOP
      1003      | STOP    STOP    | STOP    STOP
      1004      | BACKOFF BACKOFF | BACKOFF BACKOFF
      1005      | BACKOFF AT_ONCE | BACKOFF BACKOFF
      1006      | BACKOFF AT_ONCE | BACKOFF BACKOFF
      1007      | STOP    STOP    | STOP    STOP
      1008      | STOP    STOP    | STOP    STOP
      1009      | STOP    STOP    | STOP    STOP
      1010      | STOP    STOP    | STOP    STOP
      1011      | BACKOFF BACKOFF | BACKOFF BACKOFF
      1012      | BACKOFF BACKOFF | BACKOFF BACKOFF
      1013      | BACKOFF BACKOFF | BACKOFF BACKOFF
      1014      | BACKOFF BACKOFF | BACKOFF BACKOFF
      1015      | BACKOFF BACKOFF | BACKOFF BACKOFF
      3000      | STOP    STOP    | STOP    STOP
      3999      | STOP    STOP    | STOP    STOP
      4000      | BACKOFF AT_ONCE | BACKOFF AT_ONCE
      4001      | BACKOFF AT_ONCE | BACKOFF AT_ONCE
      4400      | BACKOFF AT_ONCE | BACKOFF AT_ONCE
      4499      | BACKOFF AT_ONCE | BACKOFF AT_ONCE
      4500      | STOP    STOP    | STOP    STOP
      4999      | STOP    STOP    | STOP    STOP
      """;

  /** One cell of the table. */
  record Row(String transport, boolean stable, String end, Decision decision) {}

  static Stream<Row> rows() {
    return ENDS.lines()
        .flatMap(
            line -> {
              String[] parts = line.split("\\|");
              Stream.Builder<Row> rows = Stream.builder();
              for (int i = 0; i < 2; i++) {
                String[] cells = parts[i + 1].trim().split(" +");
                for (int k = 0; k < 2; k++) {
                  Decision decision = Decision.valueOf(cells[k]);
                  rows.add(new Row(TRANSPORTS[i], k == 1, parts[0].trim(), decision));
                }
              }
              return rows.build();
            });
  }

  @ParameterizedTest
  @MethodSource("rows")
  void WS_17_everyEndDoesWhatTheTableSays(Row row) throws Exception {
    try (DecisionScene scene = new DecisionScene(row.transport, ReconnectPolicy.standard())) {
      end(scene, row);
      scene.expect(row.decision);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void WS_17_aPolicyOfTheCallersOverridesEveryEnd(Row row) throws Exception {
    try (DecisionScene scene = new DecisionScene(row.transport, DecisionScene.INVERTED)) {
      end(scene, row);
      scene.expectInverse(row.decision, row.decision == Decision.STOP);
    }
  }

  private static void end(DecisionScene scene, Row row) throws Exception {
    RawConnection connection =
        row.end.length() == 4 ? saysGoodbye(scene, row) : scene.openConnected();
    if (row.stable) {
      scene.scheduler.advance(DecisionScene.STABLE);
    }
    switch (row.end) {
      case "fin" -> connection.finish();
      case "reset" -> connection.reset();
      case "oversized" -> {
        String data = "x".repeat(DecisionScene.MOST_EVENT_BYTES + 1);
        if (row.transport.equals(Transport.SSE)) {
          connection.write("data: " + data + "\n\n");
        } else {
          connection.write(RawFrames.text(data));
        }
      }
      default -> {
        if (row.transport.equals(Transport.SSE)) {
          connection.write(goodbye("\"code\":" + row.end));
          connection.close();
        } else {
          connection.write(RawFrames.close(Integer.parseInt(row.end), "bye"));
        }
      }
    }
  }

  /** A close code needs a server of ours over SSE, which says it in a goodbye. */
  private static RawConnection saysGoodbye(DecisionScene scene, Row row) throws Exception {
    return row.transport.equals(Transport.SSE) ? openOurs(scene) : scene.openConnected();
  }

  private static RawConnection openOurs(DecisionScene scene, String... headers) throws Exception {
    scene.open();
    RawConnection connection = scene.server.accept();
    String[] all = new String[headers.length + 2];
    all[0] = "EventChannel-Version: 1";
    all[1] = "EventChannel-Id: c-1";
    System.arraycopy(headers, 0, all, 2, headers.length);
    connection.acceptEventStream(all);
    connection.write("data: first\n\n");
    scene.listener.takeOpen();
    assertEquals("first", scene.listener.takeEvent().data());
    return connection;
  }

  private static String goodbye(String fields) {
    return "event: eventchannel.goodbye\ndata: {" + fields + ",\"reason\":\"bye\"}\n\n";
  }

  @Test
  void WS_17_code4001AsksForCredentialsBeforeTheNextAttempt() throws Exception {
    for (String transport : TRANSPORTS) {
      try (DecisionScene scene = new DecisionScene(transport, ReconnectPolicy.standard())) {
        end(scene, new Row(transport, true, "4001", Decision.AT_ONCE));
        ConnectionLost lost = scene.listener.takeConnectionLost();
        assertEquals(4001, lost.reason().code());
        scene.pass(lost);
        scene.connected().close();
        assertEquals(java.util.List.of(-1, 4001), scene.askedAfter());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // what the stream says before it ends, and the delay after a young and after a stable one
    "retry: 0,                       125,     0",
    "retry: 00,                      125,     0",
    "retry: 3000,                   3750,  3750",
    "retry: 86400000,             300000, 300000",
    "retry: 99999999999999999999, 300000, 300000",
    "retry: -1,                      550,     0",
    "retry: 5s,                      550,     0",
    "retry:,                         550,     0",
    "retry: 3 000,                   550,     0",
  })
  void SSE_C_17_SSE_C_18_aRetryHintIsTheLeastDelayWithinBoundsAndAMalformedOneIsNone(
      String line, long young, long stable) throws Exception {
    for (boolean wasStable : new boolean[] {false, true}) {
      try (DecisionScene scene = new DecisionScene(Transport.SSE, ReconnectPolicy.standard())) {
        scene.open();
        RawConnection connection = scene.server.accept();
        connection.acceptEventStream();
        connection.write(line + "\ndata: first\n\n");
        scene.listener.takeOpen();
        scene.listener.takeEvent();
        scene.scheduler.advance(wasStable ? DecisionScene.STABLE : Duration.ZERO);
        connection.close();
        Duration delay = scene.listener.takeConnectionLost().retryDelay();
        assertEquals(wasStable ? stable : young, delay.toMillis());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 125", "7000, 8750", "86400000, 300000"})
  void SSE_C_18_aGoodbyesDelayIsBoundedLikeARetryHint(long asked, long delay) throws Exception {
    try (DecisionScene scene = new DecisionScene(Transport.SSE, ReconnectPolicy.standard())) {
      RawConnection connection = openOurs(scene);
      connection.write(goodbye("\"code\":1001,\"delay\":" + asked));
      connection.close();
      assertEquals(delay, scene.listener.takeConnectionLost().retryDelay().toMillis());
    }
  }

  @Test
  void SSE_C_23_silenceEndsAConnectionWhichIsTriedAgainAtOnceIfItWasStable() throws Exception {
    for (String transport : TRANSPORTS) {
      try (DecisionScene scene = new DecisionScene(transport, ReconnectPolicy.standard())) {
        scene.openConnected();
        scene.scheduler.advance(Duration.ofMinutes(5)); // of a server that promises nothing
        scene.expect(Decision.AT_ONCE);
      }
      try (DecisionScene scene = new DecisionScene(transport, DecisionScene.INVERTED)) {
        scene.openConnected();
        scene.scheduler.advance(Duration.ofMinutes(5));
        assertEquals(Kind.HEARTBEAT_TIMEOUT, scene.listener.takeClosed().kind());
      }
    }
    try (DecisionScene scene = new DecisionScene(Transport.SSE, ReconnectPolicy.standard())) {
      openOurs(scene, "EventChannel-Heartbeat: 1000");
      scene.scheduler.advance(Duration.ofMillis(2500)); // young
      scene.expect(Decision.BACKOFF);
    }
  }

  @Test
  void F45_aStreamWithoutAByteGoesOverToWebSocket() throws Exception {
    try (DecisionScene scene = new DecisionScene(Transport.SSE, ReconnectPolicy.standard())) {
      scene.open();
      RawConnection held = scene.server.accept();
      held.acceptEventStream();
      scene.listener.takeOpen();
      scene.onEveryRequest(c -> c.awaitEnd());
      scene.scheduler.advance(Duration.ofMinutes(5));
      scene.expect(Decision.OVER);
    }
  }

  @Test
  void F45_twoWebSocketsWithoutAFrameGoOverToSseAndTwoStreamsWithoutAByteDoNot() throws Exception {
    for (String transport : TRANSPORTS) {
      try (DecisionScene scene = new DecisionScene(transport, ReconnectPolicy.standard())) {
        scene.open();
        for (int i = 0; i < 2; i++) {
          RawConnection connection = scene.server.accept();
          if (transport.equals(Transport.SSE)) {
            connection.acceptEventStream();
          } else {
            connection.acceptWebSocket();
          }
          scene.listener.takeOpen();
          connection.close();
          scene.pass(scene.listener.takeConnectionLost());
        }
        scene.server.accept().acceptEventStream(); // SSE either way
        assertEquals(Transport.SSE, scene.listener.takeOpen().transport());
      }
    }
  }
}
