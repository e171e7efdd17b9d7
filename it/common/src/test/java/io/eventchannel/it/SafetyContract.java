package io.eventchannel.it;

import static io.eventchannel.it.Answer.ask;
import static io.eventchannel.it.Answer.post;
import static io.eventchannel.it.Answer.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.policy.RateLimit;
import io.eventchannel.server.ChannelEndpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What a hostile page or client meets at an endpoint with its default settings, and at one whose
 * limits are set low. One server of each kind serves all tests of a container.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SafetyContract {
  private static final String APP = "https://app.example";
  private static final String LINES = "Content-Type: application/x-ndjson";
  private static final String OURS = "EventChannel-Version: 1";
  private static final String[] UPGRADE = RawWebSocket.UPGRADE;

  private final RecordingServer application = new RecordingServer();
  private ServedFeed server;
  private ServedFeed tight;

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  @BeforeAll
  void startServers() {
    server = ServedFeed.start(this::start, feed -> {}, e -> e.listener(application));
    tight =
        ServedFeed.start(
            this::start,
            feed -> {},
            e -> e.listener(application).allowedOrigins(APP).upstreamRate(RateLimit.of(2, 1)));
  }

  @AfterAll
  void stopServers() {
    server.close();
    tight.close();
  }

  /** Opens a stream and returns the header that names its channel. */
  private static String channel(RawHttp stream) throws IOException {
    RawHttp.Head head = stream.send("GET", ServedFeed.PATH, OURS).head();
    assertEquals(200, head.status(), head.toString());
    return head.channel();
  }

  // ---- pages

  @Test
  void S14_noFormAndNoForeignPageCanPost() throws Exception {
    try (RawHttp stream = RawHttp.connect(server.port())) {
      String id = channel(stream);
      byte[] body = line(1, "hi");
      for (String type :
          List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")) {
        assertEquals(415, post(server, body, id, "Content-Type: " + type).status());
      }
      assertEquals(415, post(server, body, id).status());
      for (String mark :
          List.of("Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site")) {
        assertEquals(403, post(server, body, id, LINES, mark).status());
      }
      assertEquals(403, post(server, body, id, LINES, "Cookie: session=1").status());
      assertEquals(0, application.events.size());

      String own = "Origin: http://127.0.0.1:" + server.port();
      assertEquals(204, post(server, body, id, LINES, own, "Cookie: session=1").status());
      assertEquals("hi", RecordingServer.next(application.events).data());
    }
  }

  @Test
  void S15_WS_19_aForeignOriginIsRefusedByNameOverEitherTransport() throws Exception {
    String own = "127.0.0.1:" + server.port();
    for (String[] kind : new String[][] {{}, UPGRADE}) {
      for (String origin :
          List.of("https://evil.example", "null", "http://" + own + ".evil.example")) {
        Answer answer = ask(server, "GET", "/feed", with(kind, "Origin: " + origin));
        assertEquals(403, answer.status());
        assertEquals(
            "Origin: expected http(s)://"
                + own
                + " or one that allowedOrigins names, got "
                + origin
                + "\n",
            answer.body);
      }
      String same = "Origin: http://" + own;
      assertEquals(
          kind.length == 0 ? 200 : 101, ask(server, "GET", "/feed", with(kind, same)).status());
      assertEquals(
          kind.length == 0 ? 200 : 403,
          ask(server, "GET", "/feed", with(kind, "Cookie: session=1")).status());
    }
  }

  @Test
  void S16_SSE_S_17_onlyAPageThatIsAllowedMayReadAndItIsEchoedExactly() throws Exception {
    String origin = "Origin: " + APP;
    assertNull(ask(server, "GET", "/feed").header("Access-Control-Allow-Origin"));
    assertNull(ask(server, "GET", "/feed", origin).header("Access-Control-Allow-Origin"));
    assertNull(ask(server, "OPTIONS", "/feed", origin).header("Access-Control-Allow-Origin"));
    for (Answer answer :
        List.of(
            ask(tight, "GET", "/feed", origin, OURS),
            ask(tight, "GET", "/feed?topic=%20", origin),
            ask(tight, "OPTIONS", "/feed", origin, "Access-Control-Request-Method: POST"))) {
      assertEquals(APP, answer.header("Access-Control-Allow-Origin"));
      assertEquals("true", answer.header("Access-Control-Allow-Credentials"));
      assertTrue(answer.header("Vary").contains("Origin"));
    }
    Answer preflight = ask(tight, "OPTIONS", "/feed", origin);
    assertEquals(204, preflight.status());
    assertTrue(preflight.header("Access-Control-Allow-Headers").contains("Last-Event-ID"));
    assertEquals("GET, POST", preflight.header("Access-Control-Allow-Methods"));
    Answer foreign = ask(tight, "OPTIONS", "/feed", "Origin: https://evil.example");
    assertEquals(403, foreign.status());
    assertNull(foreign.header("Access-Control-Allow-Origin"));
  }

  @Test
  void S17_overLoopbackANameThatIsNotOursIsRefusedWhateverIsAsked() throws Exception {
    List<String> heads =
        List.of(
            "GET /feed HTTP/1.1\r\n",
            "GET /feed HTTP/1.1\r\n" + String.join("\r\n", UPGRADE) + "\r\n",
            "OPTIONS /feed HTTP/1.1\r\n",
            "POST /feed HTTP/1.1\r\nContent-Length: 2\r\n" + LINES + "\r\n");
    for (String head : heads) {
      // The page is of the same origin, since its name was made to resolve to this machine.
      String rebound = "Host: evil.example\r\nOrigin: http://evil.example\r\n\r\n";
      try (RawHttp http = RawHttp.connect(server.port())) {
        http.send((head + rebound + (head.startsWith("POST") ? "{}" : "")).getBytes(UTF_8));
        assertEquals(403, http.head().status(), head);
        assertTrue(http.body().endsWith("got evil.example\n"));
      }
      try (RawHttp http = RawHttp.connect(server.port())) {
        String local = "Host: localhost:" + server.port() + "\r\n\r\n";
        http.send((head + local + (head.startsWith("POST") ? "{}" : "")).getBytes(UTF_8));
        int status = http.head().status();
        assertTrue(status < 300 || status == 404, head + " " + status);
      }
    }
  }

  // ---- what every answer says

  @Test
  void S38_S39_noAnswerIsStoredOrSniffed() throws Exception {
    List<Answer> answers = new ArrayList<>();
    answers.add(ask(server, "GET", "/feed"));
    answers.add(ask(server, "GET", "/feed", UPGRADE));
    answers.add(ask(server, "HEAD", "/feed"));
    answers.add(ask(server, "OPTIONS", "/feed"));
    answers.add(ask(server, "DELETE", "/feed")); // 405
    answers.add(ask(server, "GET", "/feed", "Accept: text/html")); // 406
    answers.add(ask(server, "GET", "/feed", "Origin: null")); // 403
    answers.add(ask(server, "GET", "/feed?topic=%3Cscript%3E")); // 400
    try (RawHttp stream = RawHttp.connect(server.port())) {
      String id = channel(stream);
      answers.add(post(server, line(1, "hi"), LINES, id)); // 204
      answers.add(
          post(
              server,
              "{\"seq\":2,\"event\":\"eventchannel.x\",\"data\":\"\"}".getBytes(UTF_8),
              LINES,
              id));
      answers.add(post(server, line(9, "hi"), LINES, id)); // 409
      answers.add(post(server, line(1, "hi"), LINES)); // 404
      answers.add(post(server, line(1, "hi"), id)); // 415
    }
    application.events.clear();
    List<Integer> statuses = answers.stream().map(Answer::status).toList();
    assertEquals(
        List.of(200, 101, 200, 204, 405, 406, 403, 400, 204, 200, 409, 404, 415), statuses);
    for (Answer answer : answers) {
      String head = answer.head.toString();
      assertEquals("nosniff", answer.header("X-Content-Type-Options"), head);
      assertTrue(answer.header("Cache-Control").startsWith("no-store"), head);
      assertEquals("Authorization, Origin", answer.header("Vary"), head);
      assertFalse(answer.body.contains("<"), answer.body);
    }
    for (String malformed : List.of("/feed?topic=%zz", "/feed?%3Cscript%3E=%ff")) {
      Answer answer = ask(server, "GET", malformed); // refused before the endpoint sees it
      assertEquals(400, answer.status());
      if (answer.header("EventChannel-Version") != null) { // else the container refuses it itself
        assertEquals("nosniff", answer.header("X-Content-Type-Options"));
        assertEquals("no-store", answer.header("Cache-Control"));
      }
      assertFalse(answer.body.contains("script"), answer.body);
    }
    assertEquals("no", answers.get(0).header("X-Accel-Buffering"));
  }

  // ---- compression

  @Test
  void WS_20_S21_noCompressionIsNegotiatedAndACompressedFrameEndsItsConnection() throws Exception {
    String[] offers = {
      "permessage-deflate",
      "permessage-deflate; client_max_window_bits",
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover, x-webkit-deflate-frame"
    };
    for (String offer : offers) {
      try (RawWebSocket socket =
          RawWebSocket.open(server.port(), "/feed", "Sec-WebSocket-Extensions: " + offer)) {
        assertNull(socket.head().header("Sec-WebSocket-Extensions"), offer);
        // A text frame that claims to be compressed: "{}", masked by zeros.
        socket.awaitSent().http().send(new byte[] {(byte) 0xC1, (byte) 0x82, 0, 0, 0, 0, '{', '}'});
        socket.close(1002);
      }
    }
  }

  @Test
  void SSE_S_22_aStreamIsNotCompressedThoughTheClientWouldTakeIt() throws Exception {
    Answer stream = ask(server, "GET", "/feed", "Accept-Encoding: gzip, deflate, br");
    assertEquals(200, stream.status());
    assertNull(stream.header("Content-Encoding"));
  }

  // ---- limits

  @Test
  void S28_theDefaultLimitsAreToldByNameOverEitherTransport() throws Exception {
    StringBuilder topics = new StringBuilder("?topic=t0");
    for (int i = 1; i < 64; i++) {
      topics.append("&topic=t").append(i);
    }
    assertEquals(200, ask(server, "GET", "/feed" + topics).status());
    for (String[] kind : new String[][] {{}, UPGRADE}) {
      Answer answer = ask(server, "GET", "/feed" + topics + "&topic=t64", kind);
      assertEquals(400, answer.status());
      assertEquals("topic: expected at most 64, got 65\n", answer.body);
    }
    int limit = 256 * 1024;
    try (RawHttp stream = RawHttp.connect(server.port());
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      String id = channel(stream);
      assertEquals(204, post(server, line(1, "x".repeat(limit - 100)), LINES, id).status());
      assertEquals(limit - 100, RecordingServer.next(application.events).data().length());
      Answer answer = post(server, new byte[limit + 1], LINES, id);
      assertEquals(413, answer.status());
      assertTrue(answer.body.contains(limit + " bytes"), answer.body);
      socket.frame(true, RawWebSocket.TEXT, new byte[limit + 1]);
      assertTrue(socket.close(1009).closeReason().contains(limit + " bytes"));
    }
  }

  @Test
  void SSE_S_14_S07_aPositionThatIsNoneIsAGapHoweverLongItIs() throws Exception {
    for (String id : List.of("9".repeat(4_000), "grüße", "<script>", "..%2f..")) {
      try (RawHttp http = server.stream("", "Last-Event-ID: " + id)) {
        String gap = http.blockWith("event: eventchannel.gap");
        assertTrue(gap.contains("\"reason\":\"unknown\""), gap);
        assertFalse(gap.contains(id), gap);
      }
    }
  }

  @Test
  void S28_S29_connectionsOverTheLimitAreToldToComeBackEachInItsOwnWay() throws Exception {
    try (ServedFeed small =
            ServedFeed.start(this::start, feed -> {}, e -> e.maxConnectionsPerAddress(3));
        RawWebSocket one = small.openSession("");
        RawWebSocket two = small.openSession("");
        RawHttp three = small.openStream("")) {
      for (String[] ours : new String[][] {{OURS}, UPGRADE}) {
        Answer answer = ask(small, "GET", "/feed", ours);
        assertEquals(429, answer.status());
        assertEquals("maxConnectionsPerAddress: expected at most 3\n", answer.body);
        assertTrue(Integer.parseInt(answer.header("Retry-After")) >= 2);
      }
      try (RawHttp plain = small.stream("")) {
        String all = plain.body();
        assertTrue(
            all.matches("(?s)retry: \\d+\n\nevent: eventchannel.goodbye\n.*\"code\":1013.*"), all);
      }
      one.close();
      small.awaitConnections(2);
      small.openSession("").close();
      small.publish("the others read on");
      assertNotNull(two.messageWith("the others read on"));
      assertNotNull(three.blockWith("data: the others read on"));
    }
  }

  @Test
  void overTheUpstreamRateAPostIs429AndTheEventsOfASessionAreHeld() throws Exception {
    try (RawHttp stream = RawHttp.connect(tight.port());
        RawWebSocket socket = RawWebSocket.open(tight.port(), "/feed")) {
      String id = channel(stream);
      byte[] three = (text(1, "a") + text(2, "b") + text(3, "c")).getBytes(UTF_8);
      assertEquals(204, post(tight, three, LINES, id).status());
      Answer answer = post(tight, line(4, "d"), LINES, id);
      assertEquals(429, answer.status());
      assertEquals("3", answer.header("EventChannel-Ack"));
      assertNotNull(answer.header("Retry-After"));

      socket.text(text(1, "e") + text(2, "f") + text(3, "g"));
      socket.messageWith("{\\\"seq\\\":3}"); // all of them were taken
      socket.text(text(4, "h"));
      socket.messageWith("{\\\"seq\\\":4}"); // once it is within the rate
      tight.publish("the channel goes on");
      assertNotNull(socket.messageWith("the channel goes on"));
      for (int i = 0; i < 7; i++) {
        RecordingServer.next(application.events);
      }
      assertEquals(0, application.events.size());
    }
  }

  // ---- what is sent

  @Test
  void S23_fragmentsWithoutEndRunIntoTheLimitOfAMessage() throws Exception {
    try (RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      Thread flood = new Thread(() -> sendFragments(socket, 263_000, 1), "fragments");
      flood.start();
      socket.close(1009);
      socket.http().reset();
      flood.join(10_000);
      assertFalse(flood.isAlive());
    }
  }

  /** Some containers count empty ones by handing them out, others keep nothing of them. */
  @Test
  void S23_emptyFragmentsAreCountedOrForgotten() throws Exception {
    try (RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      sendFragments(socket, 16_600, 0);
      socket.frame(true, RawWebSocket.CONTINUATION, "no envelope".getBytes(UTF_8));
      RawWebSocket.Frame frame = socket.frame();
      while (frame.opcode != RawWebSocket.CLOSE) {
        frame = socket.frame();
      }
      assertTrue(List.of(1009, 1007).contains(frame.closeCode()), frame.toString());
    }
  }

  private static void sendFragments(RawWebSocket socket, int count, int length) {
    byte[] fragment = new byte[6 + length]; // masked by zeros
    fragment[1] = (byte) (0x80 | length);
    ByteArrayOutputStream frames = new ByteArrayOutputStream(count * fragment.length);
    for (int i = 0; i < count; i++) {
      fragment[0] = (byte) (i == 0 ? RawWebSocket.TEXT : RawWebSocket.CONTINUATION);
      frames.writeBytes(fragment);
    }
    try {
      socket.http().send(frames.toByteArray());
    } catch (IOException closed) {
      // by the server, which has had enough of it, or by the test
    }
  }

  @Test
  void S30_S36_whatIsNoEnvelopeIsRefusedInWordsOfOurOwn() throws Exception {
    String deep = "{\"seq\":1,\"event\":" + "[".repeat(50_000);
    String number = "{\"seq\":" + "9".repeat(50_000) + ",\"event\":\"e\",\"data\":\"\"}";
    String typed = "{\"@class\":{\"canary\":\"javax.script\"},\"event\":\"e\",\"data\":\"\"}";
    try (RawHttp stream = RawHttp.connect(server.port())) {
      String id = channel(stream);
      for (String hostile : List.of(deep, number, typed, "\u0000\u001b[31m")) {
        try (RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
          socket.text(hostile);
          assertOurs(socket.close(1007).closeReason());
        }
        Answer answer = post(server, hostile.getBytes(UTF_8), LINES, id);
        assertEquals(400, answer.status());
        assertOurs(answer.body.trim());
      }
    }
    assertEquals(0, application.events.size());
  }

  private static void assertOurs(String reason) {
    assertFalse(reason.isEmpty());
    assertTrue(reason.getBytes(UTF_8).length <= 123, reason);
    assertFalse(reason.matches("(?s).*(xception|jackson|java|99999|\\[\\[|\\p{Cntrl}).*"), reason);
  }

  private static byte[] line(int seq, String data) {
    return text(seq, data).getBytes(UTF_8);
  }

  private static String text(int seq, String data) {
    return "{\"seq\":" + seq + ",\"event\":\"e\",\"data\":\"" + data + "\"}\n";
  }
}
