package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.okhttp.DecisionScene.Answer;
import io.eventchannel.okhttp.DecisionScene.Decision;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a channel does when its handshake fails, for each answer over each transport (protocol rules
 * and F-1 to F-4). {@link LossTableTest} has what follows an open connection.
 */
class DecisionTableTest {
  // An answer to a first handshake; what a channel does about it over SSE, over WebSocket when the
  // server is ours, and over WebSocket when nobody knows who answered.
  private static final String STATUSES =
      """
      200 Content-Type: text/html       | STOP        STOP        OVER
      200 X-No: type                    | STOP        STOP        OVER
      201 Content-Type: text/event-stream | STOP      STOP        OVER
      202                               | STOP        STOP        OVER
      204                               | STOP        STOP        OVER
      206 Content-Type: text/event-stream | STOP      STOP        OVER
      300                               | STOP        STOP        OVER
      301                               | STOP        STOP        OVER
      302 Location:                     | STOP        STOP        OVER
      303                               | STOP        STOP        OVER
      304                               | STOP        STOP        OVER
      305                               | STOP        STOP        OVER
      307                               | STOP        STOP        OVER
      308                               | STOP        STOP        OVER
      400                               | STOP        STOP        OVER
      401                               | CREDENTIALS CREDENTIALS CREDENTIALS
      402                               | STOP        STOP        OVER
      403                               | STOP        STOP        OVER
      404                               | STOP        STOP        OVER
      405                               | STOP        STOP        OVER
      406                               | STOP        STOP        OVER
      408                               | BACKOFF     BACKOFF     OVER
      409                               | STOP        STOP        OVER
      410                               | STOP        STOP        OVER
      413                               | STOP        STOP        OVER
      421                               | STOP        STOP        OVER
      425                               | BACKOFF     BACKOFF     OVER
      426                               | STOP        STOP        OVER
      429                               | BACKOFF     BACKOFF     BACKOFF
      429 Retry-After: 0                | BACKOFF     BACKOFF     BACKOFF
      429 Retry-After: 7                | AFTER_7_S   AFTER_7_S   AFTER_7_S
      429 Retry-After: %DATE%           | AFTER_30_S  AFTER_30_S  AFTER_30_S
      429 Retry-After: soon             | BACKOFF     BACKOFF     BACKOFF
      451                               | STOP        STOP        OVER
      500                               | BACKOFF     BACKOFF     OVER
      501                               | BACKOFF     BACKOFF     OVER
      502                               | BACKOFF     BACKOFF     OVER
      503                               | BACKOFF     BACKOFF     BACKOFF
      503 Retry-After: 7                | AFTER_7_S   AFTER_7_S   AFTER_7_S
      503 Retry-After: %DATE%           | AFTER_30_S  AFTER_30_S  AFTER_30_S
      504                               | BACKOFF     BACKOFF     OVER
      505                               | BACKOFF     BACKOFF     OVER
      599                               | BACKOFF     BACKOFF     OVER
      """;

  // The statuses below 500 that the rules R let pass, whatever the rules F make of them.
  private static final Set<Integer> PASSING = Set.of(401, 407, 408, 425, 429);

  /** One cell of the table. */
  record Row(String transport, boolean ours, int status, String header, Decision decision) {
    Answer answer() {
      String date =
          DateTimeFormatter.RFC_1123_DATE_TIME.format(
              ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(60));
      String version = ours ? "EventChannel-Version: 1" : "X-Server: foreign";
      return c ->
          c.respond(status, "body", header.replace("%DATE%", date), version, "Connection: close");
    }

    @Override
    public String toString() {
      return transport + (ours ? " ours " : " foreign ") + status + " " + header + ": " + decision;
    }
  }

  static Stream<Row> rows() {
    return STATUSES
        .lines()
        .flatMap(
            line -> {
              String[] halves = line.split("\\|");
              int status = Integer.parseInt(halves[0].substring(0, 3));
              String header = halves[0].substring(3).trim();
              String shown = header.isEmpty() ? "X-No: header" : header;
              String[] cells = halves[1].trim().split(" +");
              Row sse = row(Transport.SSE, false, status, shown, cells[0]);
              return Stream.of(
                  sse,
                  row(Transport.SSE, true, status, shown, cells[0]),
                  row(Transport.WEBSOCKET, true, status, shown, cells[1]),
                  row(Transport.WEBSOCKET, false, status, shown, cells[2]));
            });
  }

  private static Row row(
      String transport, boolean ours, int status, String header, String decision) {
    return new Row(transport, ours, status, header, Decision.valueOf(decision));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void F45_everyStatusDoesWhatTheTableSays(Row row) throws Exception {
    try (DecisionScene scene = new DecisionScene(row.transport, ReconnectPolicy.standard())) {
      scene.onEveryRequest(row.answer());
      scene.open();
      scene.expect(row.decision);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void F45_aPolicyOfTheCallersOverridesEveryRow(Row row) throws Exception {
    boolean stops = row.status < 500 && !PASSING.contains(row.status);
    try (DecisionScene scene = new DecisionScene(row.transport, DecisionScene.INVERTED)) {
      scene.onEveryRequest(row.answer());
      scene.open();
      // Where the channel goes over, the policy still says whether and when; if it ends the
      // channel, it is asked once more as for a failed network, and then its word holds.
      scene.expectInverse(row.decision, stops);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void F45_a407OfNoKnownProxyAsksForCredentials(boolean standard) throws Exception {
    ReconnectPolicy policy = standard ? ReconnectPolicy.standard() : DecisionScene.INVERTED;
    for (String transport : new String[] {Transport.SSE, Transport.WEBSOCKET}) {
      try (DecisionScene scene = new DecisionScene(transport, policy)) {
        scene.onEveryRequest(
            c -> c.respond(407, "", "Proxy-Authenticate: Basic realm=x", "Connection: close"));
        scene.open();
        if (standard) {
          scene.expect(Decision.CREDENTIALS);
        } else {
          assertEquals(407, scene.listener.takeClosed().code());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 206})
  void F45_aSuccessThatIsNoStreamIsAFailedAttemptOnceTheChannelWasOpen(int status)
      throws Exception {
    for (String transport : new String[] {Transport.SSE, Transport.WEBSOCKET}) {
      try (DecisionScene scene = new DecisionScene(transport, ReconnectPolicy.standard())) {
        RawConnection first = scene.openConnected();
        scene.onEveryRequest(
            c -> c.respond(status, "<html>", "EventChannel-Version: 1", "Connection: close"));
        scene.scheduler.advance(DecisionScene.STABLE);
        first.close();
        ConnectionLost lost = scene.listener.takeConnectionLost();
        scene.pass(lost);
        scene.expect(Decision.BACKOFF);
      }
    }
  }

  @Test
  void SSE_C_07_status204EndsAChannelThatWasOpenToo() throws Exception {
    for (String transport : new String[] {Transport.SSE, Transport.WEBSOCKET}) {
      try (DecisionScene scene = new DecisionScene(transport, ReconnectPolicy.standard())) {
        RawConnection first = scene.openConnected();
        scene.onEveryRequest(
            c -> c.respond(204, "", "EventChannel-Version: 1", "Connection: close"));
        scene.scheduler.advance(DecisionScene.STABLE);
        first.close();
        scene.pass(scene.listener.takeConnectionLost());
        scene.expect(Decision.STOP);
      }
    }
  }

  /** A handshake that fails without a status. */
  enum Failure {
    RESET(c -> c.reset()),
    HANGS_UP(c -> {}),
    GARBAGE(c -> c.write("SSH-2.0-OpenSSH_9.6\r\n\r\n")),
    CUT_HEAD(c -> c.write("HTTP/1.1 200 OK\r\nContent-Ty")),
    WRONG_ACCEPT_KEY(
        c ->
            c.write(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: "
                    + RawFrames.acceptKey("another")
                    + "\r\n\r\n")),
    NO_UPGRADE_HEADER(c -> c.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"));

    private final Answer answer;

    Failure(Answer answer) {
      this.answer = answer;
    }
  }

  @Test
  void F45_aHandshakeThatBreaksIsTriedAgainWithBackoffAndAMangledOneGoesOver() throws Exception {
    for (Failure failure : EnumSet.range(Failure.RESET, Failure.CUT_HEAD)) {
      try (DecisionScene scene = new DecisionScene(Transport.SSE, ReconnectPolicy.standard())) {
        scene.onEveryRequest(failure.answer);
        scene.open();
        scene.expect(Decision.BACKOFF);
      }
    }
    for (Failure failure : EnumSet.of(Failure.WRONG_ACCEPT_KEY, Failure.NO_UPGRADE_HEADER)) {
      try (DecisionScene scene =
          new DecisionScene(Transport.WEBSOCKET, ReconnectPolicy.standard())) {
        scene.onEveryRequest(failure.answer);
        scene.open();
        scene.expect(Decision.OVER);
      }
    }
    for (Failure failure : EnumSet.of(Failure.RESET, Failure.HANGS_UP)) {
      try (DecisionScene scene =
          new DecisionScene(Transport.WEBSOCKET, ReconnectPolicy.standard())) {
        scene.onEveryRequest(failure.answer);
        scene.open();
        ConnectionLost first = scene.listener.takeConnectionLost();
        assertEquals(DecisionScene.FIRST_BACKOFF, first.retryDelay());
        scene.pass(first);
        scene.pass(scene.listener.takeConnectionLost()); // the second in a row
        assertEquals(Transport.SSE, scene.listener.takeOpen().transport());
      }
    }
  }

  @Test
  void SSE_C_19_aServerThatIsNotThereIsTriedAgainWithBackoff() throws Exception {
    for (String transport : new String[] {Transport.SSE, Transport.WEBSOCKET}) {
      try (DecisionScene scene = new DecisionScene(transport, ReconnectPolicy.standard())) {
        scene.server.close();
        scene.open();
        scene.expect(Decision.BACKOFF);
      }
      try (DecisionScene scene = new DecisionScene(transport, DecisionScene.INVERTED)) {
        scene.server.close();
        scene.open();
        assertEquals(Kind.NETWORK, scene.listener.takeClosed().kind());
      }
    }
  }

  @Test
  void F12_aWebSocketHandshakeThatHangsGoesOverAndAStreamsGoesOverTheSecondTime() throws Exception {
    try (DecisionScene scene = new DecisionScene(Transport.WEBSOCKET, ReconnectPolicy.standard())) {
      scene.onEveryRequest(c -> c.awaitEnd());
      hang(scene);
      scene.expect(Decision.OVER);
    }
    try (DecisionScene scene = new DecisionScene(Transport.SSE, ReconnectPolicy.standard())) {
      scene.onEveryRequest(c -> c.awaitEnd());
      hang(scene);
      ConnectionLost first = scene.listener.takeConnectionLost();
      assertEquals(Kind.CONNECT_TIMEOUT, first.reason().kind());
      assertEquals(DecisionScene.FIRST_BACKOFF, first.retryDelay());
      scene.pass(first);
      scene.server.takeRequest().expectNoHeader("Upgrade");
      scene.scheduler.advance(Duration.ofSeconds(10));
      scene.pass(scene.listener.takeConnectionLost());
      assertEquals(Transport.WEBSOCKET, scene.listener.takeOpen().transport());
    }
    for (String transport : new String[] {Transport.SSE, Transport.WEBSOCKET}) {
      try (DecisionScene scene = new DecisionScene(transport, DecisionScene.INVERTED)) {
        scene.onEveryRequest(c -> c.awaitEnd());
        hang(scene);
        scene.listener.takeClosed();
      }
    }
  }

  private static void hang(DecisionScene scene) throws Exception {
    scene.open();
    scene.server.takeRequest();
    scene.scheduler.advance(Duration.ofSeconds(10)); // the connect timeout
  }
}
