package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.Authorization;
import io.eventchannel.server.ChannelEndpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * What a container can break: each test touches a place where containers differ. What the engine
 * decides by itself is tested once, without a container.
 */
abstract class ContainerContract {
  private static final String LINES = "Content-Type: application/x-ndjson";
  private static final String[] UPGRADE = RawWebSocket.UPGRADE;

  private final RecordingServer application = new RecordingServer();

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  private ServedFeed serve() {
    return serve(endpoint -> {});
  }

  private ServedFeed serve(Consumer<ChannelEndpoint.Builder> options) {
    return ServedFeed.start(
        this::start, feed -> {}, endpoint -> options.accept(endpoint.listener(application)));
  }

  // ---- streams

  @Test
  void SSE_S_02_theHeadOfAStreamForbidsStoringAndHasNoLength() throws Exception {
    try (ServedFeed server = serve();
        RawHttp http = RawHttp.connect(server.port())) {
      RawHttp.Head head = http.send("GET", "/feed").head();
      assertEquals(200, head.status());
      assertTrue(String.valueOf(head.header("Content-Type")).startsWith("text/event-stream"));
      assertEquals("no-store, no-transform", head.header("Cache-Control"));
      assertNull(head.header("Content-Length"));
      assertNull(head.header("Content-Encoding"));
    }
  }

  @Test
  void SSE_S_15_aStreamAndASessionGoOnAfterThePositionIntoLiveEvents() throws Exception {
    try (ServedFeed server = serve()) {
      String one = server.publish("1");
      server.publish("2");
      try (RawHttp http = server.stream("", "Last-Event-ID: " + one);
          RawWebSocket socket = RawWebSocket.open(server.port(), "/feed?lastEventId=" + one)) {
        assertNotNull(http.blockWith("data: 2"));
        assertTrue(socket.messageWith("\"data\":\"2\"").contains("\"id\""));
        for (int i = 3; i < 500; i++) {
          server.publish("" + i);
        }
        for (int i = 3; i < 500; i++) {
          String block = Objects.requireNonNull(http.block());
          assertTrue(block.contains("data: " + i + "\n"), "expected " + i + ", got " + block);
          String message = socket.message().text();
          assertTrue(message.contains("\"data\":\"" + i + "\""), "expected " + i + ", " + message);
        }
      }
    }
  }

  @Test
  void SSE_S_20_aStreamThatSaysNothingForLongerThanAContainerWaitsLivesOn() throws Exception {
    try (ServedFeed server = serve();
        RawHttp http = server.openStream("");
        RawWebSocket socket = server.openSession("")) {
      http.timeout(60_000);
      socket.http().timeout(60_000);
      // The longest that a container of ours waits by itself is 30 s; the heartbeat keeps it alive.
      long until = System.nanoTime() + Duration.ofSeconds(32).toNanos();
      while (System.nanoTime() - until < 0) {
        assertNotNull(http.blockWith("event: eventchannel.position"));
        RawWebSocket.Frame ping = ping(socket);
        socket.frame(true, RawWebSocket.PONG, ping.payload);
      }
      server.publish("still here");
      assertNotNull(http.blockWith("data: still here"));
      assertTrue(socket.messageWith("still here").contains("still here"));
    }
  }

  @Test
  void SSE_S_21_aClientWithoutChunksGetsABodyThatEndsWithTheConnection() throws Exception {
    try (ServedFeed server = serve();
        RawHttp http = RawHttp.connect(server.port())) {
      http.send("GET /feed HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".getBytes(UTF_8));
      RawHttp.Head head = http.head();
      assertEquals(200, head.status());
      assertNull(head.header("Transfer-Encoding"));
      http.blockWith("event: eventchannel.position");
      server.publish("x");
      assertNotNull(http.blockWith("data: x"));
      server.endpoint.close();
      String last = null;
      for (String block = http.block(); block != null; block = http.block()) {
        last = block;
      }
      assertTrue(String.valueOf(last).contains("event: eventchannel.goodbye\n"), last);
    }
  }

  @Test
  void eventsOfEverySizeArriveWholeOverBoth() throws Exception {
    try (ServedFeed server = serve();
        RawHttp http = server.openStream("");
        RawWebSocket socket = server.openSession("")) {
      for (int size : new int[] {1, 125, 126, 1_024, 8_192, 16_384, 65_536, 1_000_000}) {
        String data = "x".repeat(size);
        server.publish(data);
        assertNotNull(http.blockWith("data: " + data), "size " + size);
        assertTrue(socket.message().text().contains("\"data\":\"" + data + "\""), "size " + size);
      }
    }
  }

  // ---- ends

  @Test
  void SSE_S_23_closingTheEndpointEndsAStreamWithRetryGoodbyeAndFinalChunk() throws Exception {
    try (ServedFeed server = serve();
        RawHttp http = server.openStream("")) {
      server.endpoint.close();
      assertEndsWithGoodbye(http);
    }
  }

  @Test
  void SSE_S_23_stoppingTheContainerEndsStreamsAndSessionsInAnOrderlyWay() throws Exception {
    try (ServedFeed server = serve();
        RawHttp http = server.openStream("");
        RawWebSocket socket = server.openSession("")) {
      Thread stop = new Thread(server.container::stop);
      stop.start();
      assertEndsWithGoodbye(http);
      socket.close(1001);
      stop.join(20_000);
      assertFalse(stop.isAlive());
      for (int i = 0; i < 2; i++) {
        assertEquals(CloseReason.Kind.LOCAL, RecordingServer.next(application.closed).kind());
      }
    }
  }

  private static void assertEndsWithGoodbye(RawHttp http) throws IOException {
    String retry = Objects.requireNonNull(http.block());
    assertTrue(retry.matches("retry: [0-9]+\n\n"), retry);
    assertGoodbye(http);
  }

  private static void assertGoodbye(RawHttp http) throws IOException {
    String goodbye = Objects.requireNonNull(http.block());
    assertTrue(goodbye.contains("event: eventchannel.goodbye\n"), goodbye);
    assertTrue(goodbye.contains("\"code\":1001"), goodbye);
    assertNull(http.block());
    assertTrue(http.endedByFinalChunk());
  }

  /** More is published than fits between the two, so each reader has a write under way. */
  @Test
  void F16_aDrainFinishesWhatIsBeingWrittenAndAdmitsNobodyMeanwhile() throws Exception {
    int events = 12;
    String big = " " + "x".repeat(1_000_000);
    try (ServedFeed server = serve();
        RawHttp reader = server.openStream("?topic=live");
        RawHttp other = server.openStream("?topic=live");
        RawHttp http = RawHttp.connect(server.port(), 4 * 1024);
        RawHttp under = RawHttp.connect(server.port(), 4 * 1024)) {
      http.send("GET", "/feed?topic=big").head();
      http.blockWith("event: eventchannel.position");
      RawWebSocket socket = RawWebSocket.open(under, "/feed?topic=big");
      socket.messageWith("eventchannel.position");
      for (int i = 0; i < events; i++) {
        server.publish("big", Event.message(i + big));
      }
      server.publish("live", Event.message("all is published"));
      for (RawHttp each : List.of(reader, other)) { // one for each loop: it has come so far
        assertNotNull(each.blockWith("data: all is published"));
      }
      CompletableFuture<Void> gone =
          server.endpoint.drain(Duration.ofMinutes(1)).toCompletableFuture();
      assertEndsWithGoodbye(reader);
      assertAdmitsNobody(server.port());

      int seen = 0;
      String block = Objects.requireNonNull(http.block());
      for (; !block.startsWith("retry: "); block = Objects.requireNonNull(http.block())) {
        assertTrue(block.endsWith("\ndata: " + seen++ + big + "\n\n"), "expected " + seen);
      }
      assertTrue(seen < events, "the log waits for the client's return");
      assertGoodbye(http);

      seen = 0;
      String message = socket.message().text();
      for (; !message.contains("eventchannel.goodbye"); message = socket.message().text()) {
        for (String envelope : message.split("\n")) {
          assertTrue(envelope.contains("\"data\":\"" + seen++ + big + "\""), "expected " + seen);
        }
      }
      assertTrue(seen < events, "the log waits for the client's return");
      socket.close(1001);
      socket.frame(true, RawWebSocket.CLOSE, new byte[] {3, (byte) 0xE9});
      gone.get(20, TimeUnit.SECONDS);
      assertEquals(0, server.endpoint.connections());
    }
  }

  /** Ours are told by a status; a plain {@code EventSource} would give up for good on one. */
  private static void assertAdmitsNobody(int port) throws IOException {
    for (String[] headers : new String[][] {UPGRADE, {"EventChannel-Version: 1"}}) {
      try (RawHttp http = RawHttp.connect(port)) {
        RawHttp.Head head = http.send("GET", "/feed", headers).head();
        assertEquals(503, head.status());
        int seconds = Integer.parseInt(Objects.requireNonNull(head.header("Retry-After")));
        assertTrue(seconds >= 1 && seconds <= 60, head.toString());
      }
    }
    try (RawHttp http = RawHttp.connect(port)) {
      assertEquals(200, http.send("GET", "/feed").head().status());
      String all = http.body();
      assertTrue(
          all.matches("(?s)retry: \\d+\n\nevent: eventchannel.goodbye\n.*\"code\":1013.*"), all);
    }
  }

  @Test
  void WS_04_whatTheApplicationClosesWithIsOnTheWireOfEitherTransport() throws Exception {
    try (ServedFeed server = serve()) {
      for (int code : new int[] {1000, 3000, 4001, 4999}) {
        String reason = "bye \"ü€😀\" " + code;
        try (RawWebSocket socket = server.openSession("")) {
          RecordingServer.next(application.opened).close(code, reason);
          assertEquals(reason, socket.close(code).closeReason());
          assertEquals(CloseReason.local(code, reason), RecordingServer.next(application.closed));
        }
        try (RawHttp http = server.openStream("")) {
          RecordingServer.next(application.opened).close(code, reason);
          String goodbye = Objects.requireNonNull(http.block());
          assertEquals(
              "event: eventchannel.goodbye\ndata: {\"code\":"
                  + code
                  + ",\"reason\":\"bye \\\"ü€😀\\\" "
                  + code
                  + "\",\"delay\":0}\n\n",
              goodbye);
          assertNull(http.block());
          assertTrue(http.endedByFinalChunk());
          assertEquals(CloseReason.local(code, reason), RecordingServer.next(application.closed));
        }
      }
      server.awaitConnections(0);
    }
  }

  @Test
  void WS_08_closesFromEitherSideAreOneEnd() throws Exception {
    try (ServedFeed server = serve()) {
      try (RawWebSocket socket = server.openSession("")) {
        socket
            .awaitSent()
            .frame(true, RawWebSocket.CLOSE, new byte[] {0x0F, (byte) 0xA1, 'b', 'y', 'e'});
        socket.close(4001);
        assertEquals(CloseReason.closeCode(4001, "bye"), RecordingServer.next(application.closed));
      }
      RecordingServer.next(application.opened);
      try (RawWebSocket socket = server.openSession("")) {
        EventChannel channel = RecordingServer.next(application.opened);
        channel.close();
        channel.close();
        socket.close(1000);
        assertEquals(CloseReason.Kind.LOCAL, RecordingServer.next(application.closed).kind());
      }
      server.awaitConnections(0);
      assertEquals(0, application.closed.size());
    }
  }

  // ---- peers that vanish, and peers that do not read

  @Test
  void F05_theServerFreesStreamsAndSessionsWhoseClientsHaveReset() throws Exception {
    try (ServedFeed server = serve(endpoint -> endpoint.heartbeat(Duration.ofMillis(200)))) {
      for (int i = 0; i < 10; i++) {
        server.openStream("").reset();
        server.openSession("").http().reset();
      }
      for (int i = 0; i < 20; i++) {
        assertEquals(CloseReason.Kind.NETWORK, RecordingServer.next(application.closed).kind());
      }
      server.awaitConnections(0);
    }
  }

  @Test
  void WS_15_WS_21_aPeerThatNeverAnswersAPingIsLostAndToldWithACode() throws Exception {
    try (ServedFeed server = serve(endpoint -> endpoint.heartbeat(Duration.ofMillis(200)));
        RawWebSocket socket = server.openSession("")) {
      assertEquals(RawWebSocket.PING, ping(socket).opcode);
      assertEquals(
          CloseReason.Kind.HEARTBEAT_TIMEOUT, RecordingServer.next(application.closed).kind());
      socket.close(1001); // a code that lets it come back
      server.awaitConnections(0);
    }
  }

  @Test
  void SSE_S_20_readersThatStallDelayNobodyAndAreCutOff() throws Exception {
    int each = 10;
    SlowConsumerPolicy policy =
        SlowConsumerPolicy.stayInLog().withStallTimeout(Duration.ofSeconds(2));
    try (ServedFeed server =
            ServedFeed.start(
                this::start,
                feed -> feed.slowConsumerPolicy(policy),
                endpoint -> endpoint.listener(application));
        RawHttp reader = server.openStream("?topic=live")) {
      List<RawHttp> stalled = new ArrayList<>();
      List<RawWebSocket> sockets = new ArrayList<>();
      for (int i = 0; i < each; i++) {
        RawHttp http = RawHttp.connect(server.port(), 4 * 1024);
        http.send("GET", "/feed?topic=big").head();
        stalled.add(http);
        http = RawHttp.connect(server.port(), 4 * 1024);
        sockets.add(RawWebSocket.open(http, "/feed?topic=big"));
        stalled.add(http);
      }
      server.awaitConnections(1 + 2 * each);
      for (int i = 0; i < 8; i++) { // what the kernel does not buffer stays in the container
        server.publish("big", Event.message("x".repeat(1_000_000)));
      }
      for (int i = 0; i < 100; i++) {
        server.publish("live", Event.message("n" + i));
        assertNotNull(reader.blockWith("data: n" + i));
      }
      for (int i = 0; i < 2 * each; i++) {
        assertEquals(
            CloseReason.Kind.WRITE_TIMEOUT, RecordingServer.next(application.closed).kind());
      }
      server.awaitConnections(1);
      server.publish("live", Event.message("after"));
      assertNotNull(reader.blockWith("data: after"));
      for (RawWebSocket socket : sockets) {
        ServedFeed.await(() -> isReset(socket), () -> "the container holds on to a stalled peer");
      }
      for (RawHttp http : stalled) {
        http.close();
      }
    }
  }

  /** Whether the container has let go of a socket, of which its peer may have read nothing. */
  private static boolean isReset(RawWebSocket socket) {
    try {
      socket.frame(true, RawWebSocket.PONG, new byte[0]);
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @Test
  void S24_peersThatPingAndReadNothingHoldNobodyUp() throws Exception {
    // Longer than the test takes, since the honest ones answer no pings either.
    try (ServedFeed server = serve(endpoint -> endpoint.heartbeat(Duration.ofMinutes(5)))) {
      List<RawWebSocket> honest = new ArrayList<>();
      for (int i = 0; i < 8; i++) { // some of them with each of the engine's loops
        honest.add(RawWebSocket.open(server.port(), ServedFeed.PATH));
      }
      AtomicLong pings = new AtomicLong();
      List<RawWebSocket> hostile = new ArrayList<>();
      List<Thread> floods = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        RawWebSocket socket = RawWebSocket.open(server.port(), ServedFeed.PATH);
        hostile.add(socket);
        Thread flood = new Thread(() -> pingWithoutEnd(socket, pings), "pings-" + i);
        flood.start();
        floods.add(flood);
      }
      // Until their sockets are full in both directions, and some more.
      int standing = 0;
      for (int i = 0; standing < 200; i++) {
        long before = pings.get();
        server.publish("a", Event.of("n", "event " + i + "."));
        for (RawWebSocket each : honest) {
          each.messageWith("event " + i + "."); // within the time that a read may take
        }
        standing = pings.get() == before ? standing + 1 : 0;
      }
      for (RawWebSocket each : hostile) {
        each.close();
      }
      for (Thread flood : floods) {
        flood.join(10_000);
      }
      for (RawWebSocket each : honest) {
        each.close();
      }
    }
  }

  private static void pingWithoutEnd(RawWebSocket socket, AtomicLong pings) {
    try {
      while (true) {
        socket.frame(true, RawWebSocket.PING, new byte[125]);
        pings.incrementAndGet();
      }
    } catch (IOException closed) {
      // by the server, which has had enough of it, or by the test
    }
  }

  @Test
  void aReaderThatStallsAndComesBackInTimeMissesNothing() throws Exception {
    try (ServedFeed server = serve()) {
      RawHttp http = RawHttp.connect(server.port(), 4 * 1024);
      http.send("GET", "/feed").head();
      http.blockWith("event: eventchannel.position");
      RawHttp under = RawHttp.connect(server.port(), 4 * 1024);
      RawWebSocket socket = RawWebSocket.open(under, "/feed");
      socket.messageWith("eventchannel.position");
      int count = 400; // 8 MB: more than all buffers on the way
      for (int i = 0; i < count; i++) {
        server.publish(i + " " + "x".repeat(20_000));
      }
      for (int i = 0; i < count; i++) {
        String block = Objects.requireNonNull(http.block());
        assertTrue(block.contains("data: " + i + " x"), "expected " + i);
        assertTrue(socket.message().text().contains("\"data\":\"" + i + " x"), "expected " + i);
      }
      // The last bytes have left without another write to push them.
      http.close();
      socket.close();
    }
  }

  // ---- what comes up

  @Test
  void WS_11_fragmentsArriveWholeWithPingsAnsweredInBetween() throws Exception {
    try (ServedFeed server = serve();
        RawWebSocket socket = server.openSession("")) {
      byte[] message = "{\"event\":\"e\",\"data\":\"h€llo 😀\"}".getBytes(UTF_8);
      for (int opcode : new int[] {RawWebSocket.TEXT, RawWebSocket.BINARY}) {
        for (int i = 0; i < message.length; i++) { // each byte a fragment, so characters are cut
          boolean last = i == message.length - 1;
          socket.frame(last, i == 0 ? opcode : RawWebSocket.CONTINUATION, new byte[] {message[i]});
        }
        assertEquals("h€llo 😀", RecordingServer.next(application.events).data());
        socket.frame(true, RawWebSocket.PING, new byte[] {7});
        assertEquals(RawWebSocket.PONG, socket.answer().opcode);
      }
    }
  }

  @Test
  void WS_12_messagesUpToTheLimitArriveAndOneByteMoreIs1009() throws Exception {
    int limit = 100_000;
    try (ServedFeed server = serve(endpoint -> endpoint.maxUpstreamBytes(limit))) {
      for (int opcode : new int[] {RawWebSocket.TEXT, RawWebSocket.BINARY}) {
        try (RawWebSocket socket = server.openSession("")) {
          String data = "x".repeat(limit - "{\"event\":\"e\",\"data\":\"\"}".length());
          byte[] message = ("{\"event\":\"e\",\"data\":\"" + data + "\"}").getBytes(UTF_8);
          socket.frame(true, opcode, message);
          assertEquals(data, RecordingServer.next(application.events).data());
          socket.frame(true, opcode, new byte[limit + 1]);
          assertTrue(socket.close(1009).closeReason().contains(limit + " bytes"));
          assertEquals(CloseReason.Kind.LIMIT, RecordingServer.next(application.closed).kind());
        }
      }
      server.awaitConnections(0);
    }
  }

  @Test
  void WS_14_sendsFromManyThreadsKeepEachSendersOrder() throws Exception {
    int senders = 4;
    int each = 300;
    try (ServedFeed server = serve(endpoint -> endpoint.maxDirectBytes(16 * 1024 * 1024));
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      EventChannel channel = RecordingServer.next(application.opened);
      List<Thread> threads = new ArrayList<>();
      for (int s = 0; s < senders; s++) {
        String name = "s" + s;
        Thread thread =
            new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    channel.send(Event.of("n", name + " " + i + " " + "x".repeat(i)));
                  }
                });
        thread.start();
        threads.add(thread);
      }
      int[] next = new int[senders];
      for (int seen = 0; seen < senders * each; ) {
        String message = socket.message().text();
        int at = message.indexOf("\"data\":\"s");
        if (at >= 0) {
          String[] words = message.substring(at + 9).split(" ");
          int sender = Integer.parseInt(words[0]);
          assertEquals(next[sender]++, Integer.parseInt(words[1]));
          seen++;
        }
      }
      for (Thread thread : threads) {
        thread.join(10_000);
      }
    }
  }

  @Test
  void postsReachTheListenerByteByByteAndOverAKeptConnection() throws Exception {
    try (ServedFeed server = serve();
        RawHttp stream = RawHttp.connect(server.port());
        RawHttp http = RawHttp.connect(server.port())) {
      String id =
          "EventChannel-Id: " + stream.send("GET", "/feed").head().header("EventChannel-Id");
      for (int seq = 1; seq <= 5; seq++) {
        byte[] body = line(seq, "slow é").getBytes(UTF_8);
        http.send("POST", "/feed", LINES, id, "Content-Length: " + body.length);
        for (byte b : body) {
          http.send(new byte[] {b});
        }
        RawHttp.Head head = http.head();
        assertEquals(204, head.status());
        assertEquals("" + seq, head.header("EventChannel-Ack"));
        assertEquals("slow é", RecordingServer.next(application.events).data());
      }
    }
  }

  @Test
  void aBodyOverTheLimitIs413AndOneThatIsCutHarmsNobody() throws Exception {
    try (ServedFeed server = serve(endpoint -> endpoint.maxUpstreamBytes(1_000));
        RawHttp stream = RawHttp.connect(server.port())) {
      String id =
          "EventChannel-Id: " + stream.send("GET", "/feed").head().header("EventChannel-Id");
      try (RawHttp http = RawHttp.connect(server.port())) {
        assertEquals(413, http.post("/feed", new byte[1_001], LINES, id).head().status());
      }
      try (RawHttp http = RawHttp.connect(server.port())) {
        http.send("POST", "/feed", LINES, id, "Transfer-Encoding: chunked");
        http.send(("3e9\r\n" + "x".repeat(1_001) + "\r\n0\r\n\r\n").getBytes(UTF_8));
        RawHttp.Head head = http.head();
        assertEquals(413, head.status());
        assertTrue(http.body().contains("1000 bytes"));
      }
      for (int i = 0; i < 20; i++) {
        RawHttp leaving = RawHttp.connect(server.port());
        leaving.send("POST", "/feed", LINES, id, "Content-Length: 500");
        leaving.send(line(1, "cut").getBytes(UTF_8));
        if (i % 2 == 0) {
          leaving.reset();
        } else {
          leaving.close();
        }
      }
      try (RawHttp http = RawHttp.connect(server.port())) {
        assertEquals(
            204, http.post("/feed", line(1, "whole").getBytes(UTF_8), LINES, id).head().status());
      }
      assertEquals("whole", RecordingServer.next(application.events).data());
      server.publish("stream lives");
      assertNotNull(stream.blockWith("data: stream lives"));
    }
  }

  // ---- refusals

  @Test
  void SSE_S_18_aRefusalIsAStatusAndOneLineOnBothTransports() throws Exception {
    try (ServedFeed server =
        serve(
            endpoint ->
                endpoint.authorizer(
                    handshake ->
                        Authorization.refuse(
                            Integer.parseInt(String.valueOf(handshake.query("as"))), "because")))) {
      for (int status : new int[] {401, 403, 404}) {
        for (String[] headers : new String[][] {{}, UPGRADE}) {
          try (RawHttp http = RawHttp.connect(server.port())) {
            RawHttp.Head head = http.send("GET", "/feed?as=" + status, headers).head();
            assertEquals(status, head.status(), head.toString());
            assertEquals("1", head.header("EventChannel-Version"));
            assertEquals("because\n", http.body());
          }
        }
      }
      server.awaitConnections(0);
    }
  }

  @Test
  void SSE_S_16_headGivesTheHeadOfAStreamWithoutOneAndOtherMethodsAre405() throws Exception {
    try (ServedFeed server = serve();
        RawHttp http = RawHttp.connect(server.port())) {
      RawHttp.Head head = http.send("HEAD", "/feed").head();
      assertEquals(200, head.status());
      assertTrue(String.valueOf(head.header("Content-Type")).startsWith("text/event-stream"));
      assertEquals(0, server.endpoint.connections());
      // The same connection serves the next request, so there was no body.
      head = http.send("DELETE", "/feed").head();
      assertEquals(405, head.status());
      assertEquals("GET, HEAD, POST, OPTIONS", head.header("Allow"));
    }
  }

  @Test
  void aMalformedUpgradeIsRefusedBeforeTheContainerSeesIt() throws Exception {
    try (ServedFeed server = serve()) {
      String[][] broken = {
        {UPGRADE[0], UPGRADE[1], UPGRADE[2]},
        {UPGRADE[0], UPGRADE[1], UPGRADE[2], "Sec-WebSocket-Key: short"},
        {UPGRADE[0], "Connection: close", UPGRADE[2], UPGRADE[3]}
      };
      for (String[] headers : broken) {
        try (RawHttp http = RawHttp.connect(server.port())) {
          assertEquals(400, http.send("GET", "/feed", headers).head().status());
        }
      }
      try (RawHttp http = RawHttp.connect(server.port())) {
        RawHttp.Head head =
            http.send(
                    "GET", "/feed", UPGRADE[0], UPGRADE[1], UPGRADE[3], "Sec-WebSocket-Version: 8")
                .head();
        assertEquals(426, head.status());
        assertEquals("13", head.header("Sec-WebSocket-Version"));
      }
      server.awaitConnections(0);
    }
  }

  @Test
  void WS_02_theServerSelectsItsFavouriteOfWhatWasOfferedAndNoCompression() throws Exception {
    try (ServedFeed server = serve();
        RawWebSocket socket =
            RawWebSocket.open(
                server.port(),
                "/feed",
                "Sec-WebSocket-Protocol: other, eventchannel.v1.json, eventchannel.v1.bytes",
                "Sec-WebSocket-Extensions: permessage-deflate")) {
      assertEquals("eventchannel.v1.bytes", socket.head().header("Sec-WebSocket-Protocol"));
      assertNull(socket.head().header("Sec-WebSocket-Extensions"));
      assertEquals("1", socket.head().header("EventChannel-Version"));
      assertTrue(socket.messageWith("eventchannel.position").contains("\"id\""));
    }
  }

  /** The next ping; a heartbeat's position may come before it. */
  private static RawWebSocket.Frame ping(RawWebSocket socket) throws IOException {
    RawWebSocket.Frame frame = socket.frame();
    while (frame.opcode == RawWebSocket.TEXT && frame.text().contains("eventchannel.position")) {
      frame = socket.frame();
    }
    assertEquals(RawWebSocket.PING, frame.opcode);
    return frame;
  }

  private static String line(int seq, String data) {
    return "{\"seq\":" + seq + ",\"event\":\"e\",\"data\":\"" + data + "\"}\n";
  }
}
