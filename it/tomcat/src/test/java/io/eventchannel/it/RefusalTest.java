package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.server.Authorization;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bad requests get their status and one line, and nobody else notices. */
class RefusalTest {
  private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  private static final String VERSION_13 = "Sec-WebSocket-Version: 13";
  private static final String UPGRADE = "Upgrade: websocket";
  private static final String CONNECTION = "Connection: Upgrade";

  private final FeedServer server =
      FeedServer.start(
          endpoint ->
              endpoint
                  .listener(new RecordingServer())
                  .maxUpstreamBytes(1_000)
                  .authorizer(
                      handshake -> {
                        String answer = handshake.query("answer");
                        return answer == null
                            ? Authorization.allow().topics("t", "u")
                            : Authorization.refuse(Integer.parseInt(answer), "because");
                      }));

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void aMalformedQueryIs400() throws Exception {
    refused(400, "query: expected two hexadecimal digits after %", "/feed?topic=%zz");
    refused(400, "query: expected percent-encoded UTF-8", "/feed?topic=%ff");
    refused(400, "topic: expected", "/feed?topic=a%0ab");
    refused(400, "envelope: expected json", "/feed?envelope=%3Cscript%3E");
  }

  @Test
  void aTopicThatIsNotAllowedIs403WithoutItsName() throws Exception {
    String body = refused(403, "topic: not allowed", "/feed?topic=t&topic=secret");
    assertFalse(body.contains("secret"));
  }

  @Test
  void aMalformedUpgradeIsRefusedBeforeTheContainerSeesIt() throws Exception {
    refused(400, "expected Connection: Upgrade", "/feed", UPGRADE, VERSION_13, KEY);
    refused(
        400,
        "expected Connection: Upgrade",
        "/feed",
        UPGRADE,
        "Connection: close",
        VERSION_13,
        KEY);
    refused(400, "expected a Sec-WebSocket-Key", "/feed", UPGRADE, CONNECTION, VERSION_13);
    for (String key : List.of("short", "dGhlIHNhbXBsZSBub25jZQ=", "!!!!!!!!!!!!!!!!!!!!!!==", "")) {
      refused(
          400,
          "expected a Sec-WebSocket-Key",
          "/feed",
          UPGRADE,
          CONNECTION,
          VERSION_13,
          "Sec-WebSocket-Key: " + key);
    }
  }

  @Test
  void anotherWebSocketVersionIs426WithTheOneWeSpeak() throws Exception {
    for (String version : List.of("Sec-WebSocket-Version: 8", "X: y")) {
      try (RawHttp http = RawHttp.connect(server.port())) {
        RawHttp.Head head = http.send("GET", "/feed", UPGRADE, CONNECTION, version, KEY).head();
        assertEquals(426, head.status());
        assertEquals("13", head.header("Sec-WebSocket-Version"));
        assertLine("expected Sec-WebSocket-Version: 13", head, http.body());
      }
    }
  }

  @Test
  void SSE_S_18_aFinalRefusalIsAStatusBeforeTheStreamOnBothTransports() throws Exception {
    for (int status : new int[] {401, 403, 404}) {
      refused(status, "because", "/feed?answer=" + status);
      refused(status, "because", "/feed?answer=" + status, UPGRADE, CONNECTION, VERSION_13, KEY);
    }
  }

  @Test
  void SSE_S_18_aTemporaryRefusalIsAStatusForOursAndAGoodbyeForAPlainEventSource()
      throws Exception {
    try (RawHttp http = RawHttp.connect(server.port())) {
      RawHttp.Head head = http.send("GET", "/feed?answer=503", "EventChannel-Version: 1").head();
      assertEquals(503, head.status());
      assertNotNull(head.header("Retry-After"));
      assertLine("because", head, http.body());
    }
    try (RawHttp http = server.stream("?answer=503")) {
      String stream = "";
      for (String block = http.block(); block != null; block = http.block()) {
        stream += block;
      }
      assertTrue(stream.startsWith("retry: "), stream);
      assertTrue(stream.contains("event: eventchannel.goodbye\n"), stream);
    }
  }

  @Test
  void SSE_S_16_headGivesTheHeadOfAStreamWithoutOne() throws Exception {
    try (RawHttp http = RawHttp.connect(server.port())) {
      RawHttp.Head head = http.send("HEAD", "/feed").head();
      assertEquals(200, head.status());
      assertTrue(String.valueOf(head.header("Content-Type")).startsWith("text/event-stream"));
      assertEquals("no-store, no-transform", head.header("Cache-Control"));
      assertEquals(0, server.endpoint.connections());
      // The same connection serves the next request, so there was no body.
      assertEquals(405, http.send("DELETE", "/feed").head().status());
    }
  }

  @Test
  void SSE_S_16_otherMethodsAre405WithAllow() throws Exception {
    for (String method : List.of("PUT", "DELETE", "PATCH", "BREW")) {
      try (RawHttp http = RawHttp.connect(server.port())) {
        RawHttp.Head head = http.send(method, "/feed").head();
        assertEquals(405, head.status());
        assertEquals("GET, HEAD, POST, OPTIONS", head.header("Allow"));
        assertLine("", head, http.body());
      }
    }
  }

  @Test
  void SSE_S_16_optionsAnswersAndChangesNothing() throws Exception {
    try (RawHttp http = RawHttp.connect(server.port())) {
      RawHttp.Head head =
          http.send("OPTIONS", "/feed", "Origin: http://127.0.0.1:" + server.port()).head();
      assertTrue(head.status() == 204 || head.status() == 200, head.toString());
      assertEquals("1", head.header("EventChannel-Version"));
      assertEquals(0, server.endpoint.connections());
    }
  }

  @Test
  void SSE_S_16_aRequestThatAcceptsNoEventStreamIs406() throws Exception {
    refused(406, "expected text/event-stream", "/feed", "Accept: text/html");
    refused(406, "expected text/event-stream", "/feed", "Accept: text/event-stream;q=0");
    try (RawHttp http = server.stream("", "Accept: text/html, */*;q=0.1")) {
      assertNotNull(http.block());
    }
  }

  @Test
  void aBodyOverTheLimitIs413WithTheLimitWhetherItsLengthWasSaidOrNot() throws Exception {
    try (RawHttp stream = RawHttp.connect(server.port())) {
      String id =
          "EventChannel-Id: " + stream.send("GET", "/feed").head().header("EventChannel-Id");
      String type = "Content-Type: application/x-ndjson";
      try (RawHttp http = RawHttp.connect(server.port())) {
        RawHttp.Head head = http.post("/feed", new byte[1_001], type, id).head();
        assertEquals(413, head.status());
        assertLine("1000 bytes", head, http.body());
      }
      try (RawHttp http = RawHttp.connect(server.port())) {
        http.send("POST", "/feed", type, id, "Transfer-Encoding: chunked");
        http.send(("3e9\r\n" + "x".repeat(1_001) + "\r\n0\r\n\r\n").getBytes(UTF_8));
        RawHttp.Head head = http.head();
        assertEquals(413, head.status());
        assertLine("1000 bytes", head, http.body());
      }
    }
  }

  @Test
  void aPostWithoutOrWithAnUnknownChannelIsRefusedByTheEndpoint() throws Exception {
    byte[] body = "{\"seq\":1,\"event\":\"e\",\"data\":\"x\"}\n".getBytes(UTF_8);
    try (RawHttp http = RawHttp.connect(server.port())) {
      RawHttp.Head head =
          http.post(
                  "/feed",
                  body,
                  "Content-Type: application/x-ndjson",
                  "EventChannel-Id: 0123456789012345678901")
              .head();
      assertEquals(404, head.status());
      assertLine("", head, http.body());
      head = http.post("/feed", body, "Content-Type: text/html", "EventChannel-Id: x").head();
      assertEquals(415, head.status());
      assertLine("", head, http.body());
    }
  }

  @Test
  void aContainerWithoutWebSocketAnswers501AndServesStreams() throws Exception {
    try (FeedServer plain =
        FeedServer.start(feed -> {}, endpoint -> {}, TomcatServer.Builder::withoutWebSocket)) {
      try (RawHttp http = RawHttp.connect(plain.port())) {
        RawHttp.Head head = http.send("GET", "/feed", UPGRADE, CONNECTION, VERSION_13, KEY).head();
        assertEquals(501, head.status());
        // Without it our client takes the answer for that of something in between: on to SSE.
        assertNull(head.header("EventChannel-Version"));
        assertLine("no WebSocket", head, http.body());
      }
      try (RawHttp http = plain.stream("")) {
        assertNotNull(http.block());
      }
    }
  }

  @Test
  void aNeighboursStreamIsUndisturbedByBadRequests() throws Exception {
    try (RawHttp neighbour = server.stream("")) {
      neighbour.block();
      neighbour.block();
      aMalformedQueryIs400();
      aMalformedUpgradeIsRefusedBeforeTheContainerSeesIt();
      aBodyOverTheLimitIs413WithTheLimitWhetherItsLengthWasSaidOrNot();
      try (RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
        socket.text("x".repeat(1_001));
        assertTrue(socket.close(1009).closeReason().contains("1000 bytes"));
      }
      server.publish("undisturbed");
      assertTrue(Objects.requireNonNull(neighbour.block()).contains("data: undisturbed\n"));
    }
  }

  private String refused(int status, String reason, String target, String... headers)
      throws Exception {
    try (RawHttp http = RawHttp.connect(server.port())) {
      RawHttp.Head head = http.send("GET", target, headers).head();
      assertEquals(status, head.status(), head.toString());
      String body = http.body();
      assertLine(reason, head, body);
      assertFalse(body.contains("<"), body);
      return body;
    }
  }

  private static void assertLine(String reason, RawHttp.Head head, String body) {
    assertEquals("text/plain;charset=utf-8", head.header("Content-Type"));
    assertTrue(body.contains(reason), body);
    assertTrue(body.length() > 1 && body.indexOf('\n') == body.length() - 1, body);
  }
}
