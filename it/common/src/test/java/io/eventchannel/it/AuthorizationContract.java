package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.server.Authorization;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.Handshake;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Who may do what, as a container with its default settings lets it happen. */
abstract class AuthorizationContract {
  private static final String OURS = "EventChannel-Version: 1";
  private static final String LINES = "Content-Type: application/x-ndjson";
  private static final byte[] LINE =
      "{\"seq\":1,\"event\":\"e\",\"data\":\"up\"}\n".getBytes(UTF_8);

  private final RecordingServer application = new RecordingServer();

  /** What the authorizer was asked and has not answered yet. */
  private final BlockingQueue<CompletableFuture<Authorization>> asked = new LinkedBlockingQueue<>();

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  private ServedFeed serve(Consumer<ChannelEndpoint.Builder> options) {
    return ServedFeed.start(
        this::start, feed -> {}, endpoint -> options.accept(endpoint.listener(application)));
  }

  private CompletionStage<Authorization> later(Handshake handshake) {
    CompletableFuture<Authorization> answer = new CompletableFuture<>();
    asked.add(answer);
    return answer;
  }

  private CompletableFuture<Authorization> nextAsked() throws InterruptedException {
    return Objects.requireNonNull(asked.poll(10, TimeUnit.SECONDS), "nobody was asked");
  }

  // ---- what may be read

  private volatile Set<String> allowed = Set.of("a", "b");

  @Test
  void S08_whoComesBackReadsNothingOfATopicThatWasTakenAwayMeanwhile() throws Exception {
    try (ServedFeed server =
        serve(
            endpoint ->
                endpoint.authorizer(
                    handshake ->
                        Authorization.allow()
                            .principal("ann")
                            .topics(allowed.toArray(new String[0]))))) {
      String last = server.publish("a", Event.message("1"));
      RawHttp stream = server.openStream("");
      RawWebSocket socket = server.openSession("");
      allowed = Set.of("b");
      assertEquals(2, server.endpoint.reauthorize("ann"));
      server.publish("a", Event.message("2"));
      server.publish("b", Event.message("3"));
      assertExpired(stream);
      socket.close(4001);
      stream.close();
      socket.close();

      try (RawHttp http = RawHttp.connect(server.port())) {
        String topic = "/feed?topic=b&topic=a&lastEventId=" + last;
        assertEquals(403, http.send("GET", topic).head().status());
        assertEquals("topic: not allowed\n", http.body());
      }
      try (RawHttp again = server.stream("", "Last-Event-ID: " + last);
          RawWebSocket too = RawWebSocket.open(server.port(), "/feed?lastEventId=" + last)) {
        assertTrue(dataOf(again).contains("data: 3\n"));
        assertTrue(too.messageWith("\"topic\"").contains("\"data\":\"3\""));
      }
    }
  }

  /** The first block of the application's. */
  private static String dataOf(RawHttp stream) throws IOException {
    String block = Objects.requireNonNull(stream.block());
    while (!block.contains("topic: ")) {
      block = Objects.requireNonNull(stream.block());
    }
    return block;
  }

  private static void assertExpired(RawHttp stream) throws IOException {
    String goodbye = Objects.requireNonNull(stream.block());
    while (!goodbye.contains("eventchannel.goodbye")) {
      assertTrue(!goodbye.contains("topic: "), goodbye);
      goodbye = Objects.requireNonNull(stream.block());
    }
    assertTrue(goodbye.contains("\"code\":4001"), goodbye);
    assertNull(stream.block());
    assertTrue(stream.endedByFinalChunk());
  }

  @Test
  void S34_aConnectionEndsWithItsCredentialsAndGoesOnWithFreshOnes() throws Exception {
    try (ServedFeed server =
        serve(
            endpoint ->
                endpoint.authorizer(
                    handshake ->
                        Authorization.allow()
                            .validUntil(
                                Instant.ofEpochMilli(
                                    Long.parseLong(String.valueOf(handshake.query("until")))))))) {
      String last = server.publish("1");
      long until = System.currentTimeMillis() + 1_500;
      try (RawHttp stream = server.openStream("?until=" + until);
          RawWebSocket socket = server.openSession("?until=" + until)) {
        assertExpired(stream);
        assertEquals("credentials: expired", socket.close(4001).closeReason());
        assertTrue(System.currentTimeMillis() >= until, "not before");
      }
      server.awaitConnections(0);
      server.publish("2");
      String stale = "/feed?until=" + until + "&lastEventId=" + last;
      try (RawHttp http = RawHttp.connect(server.port())) {
        assertEquals(401, http.send("GET", stale).head().status());
      }
      String fresh = "?until=" + (until + 3_600_000) + "&lastEventId=" + last;
      try (RawHttp stream = server.stream(fresh);
          RawWebSocket socket = RawWebSocket.open(server.port(), "/feed" + fresh)) {
        assertTrue(dataOf(stream).contains("data: 2\n"));
        assertTrue(socket.messageWith("\"topic\"").contains("\"data\":\"2\""));
      }
    }
  }

  // ---- answers that come later

  @Test
  void S08_whatWaitsForTheAuthorizerHoldsNoThreadButForAnUpgrade() throws Exception {
    int many = 300; // more than any of the containers has threads for requests
    try (ServedFeed server = serve(endpoint -> endpoint.asyncAuthorizer(this::later))) {
      List<RawHttp> streams = new ArrayList<>();
      List<CompletableFuture<Authorization>> answers = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        streams.add(RawHttp.connect(server.port()).send("GET", "/feed"));
        answers.add(nextAsked());
      }
      assertEquals(0, server.endpoint.connections());
      try (RawHttp other = RawHttp.connect(server.port())) {
        assertEquals(204, other.send("OPTIONS", "/feed").head().status());
        other.send("GET", "/feed", "Accept: text/html");
        assertEquals(406, other.head().status());
      }
      for (int i = 0; i < many; i++) {
        answers
            .get(i)
            .complete(i % 3 == 0 ? Authorization.refuse(401, "no") : Authorization.allow());
      }
      for (int i = 0; i < many; i++) {
        RawHttp.Head head = streams.get(i).head();
        assertEquals(i % 3 == 0 ? 401 : 200, head.status());
        assertEquals("1", head.header("EventChannel-Version"));
        if (i % 3 == 0) {
          assertEquals("no\n", streams.get(i).body());
          streams.get(i).send("OPTIONS", "/feed"); // the connection serves on
          assertEquals(204, streams.get(i).head().status());
        } else {
          streams.get(i).blockWith("event: eventchannel.position");
        }
      }
      server.publish("all of you");
      for (int i = 0; i < many; i++) {
        if (i % 3 != 0) {
          assertNotNull(streams.get(i).blockWith("data: all of you"));
        }
        streams.get(i).close();
      }
    }
  }

  @Test
  void anUpgradeAndAPostAreAnsweredWhenTheAuthorizerHasAnswered() throws Exception {
    try (ServedFeed server = serve(endpoint -> endpoint.asyncAuthorizer(this::later));
        RawHttp stream = RawHttp.connect(server.port());
        RawHttp post = RawHttp.connect(server.port());
        RawHttp upgrade = RawHttp.connect(server.port())) {
      stream.send("GET", "/feed");
      nextAsked().complete(Authorization.allow());
      String id = "EventChannel-Id: " + stream.head().header("EventChannel-Id");
      for (int i = 0; i < 3; i++) { // over one connection
        post.post("/feed", LINE, LINES, id);
        nextAsked().complete(Authorization.refuse(401, "no"));
        assertEquals(401, post.head().status());
        assertEquals("no\n", post.body());
        post.post("/feed", LINE, LINES, id);
        nextAsked().complete(Authorization.allow());
        assertEquals(204, post.head().status());
      }
      assertEquals("up", RecordingServer.next(application.events).data());
      assertNull(application.events.poll(), "once, since it is one and the same");

      CompletableFuture<RawWebSocket> opening =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return RawWebSocket.open(upgrade, "/feed");
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      CompletableFuture<Authorization> answer = nextAsked();
      assertEquals(1, server.endpoint.connections());
      answer.complete(Authorization.allow());
      opening.get(10, TimeUnit.SECONDS).messageWith("eventchannel.position");
      assertEquals(2, server.endpoint.connections());
    }
  }

  @Test
  void whoIsNotAnsweredInTimeIsToldToComeBack() throws Exception {
    try (ServedFeed server =
            serve(
                endpoint ->
                    endpoint
                        .asyncAuthorizer(this::later)
                        .authorizerTimeout(Duration.ofMillis(200)));
        RawHttp plain = RawHttp.connect(server.port());
        RawHttp ours = RawHttp.connect(server.port());
        RawHttp post = RawHttp.connect(server.port())) {
      plain.send("GET", "/feed");
      assertEquals(200, plain.head().status()); // or a page would never come back
      assertTrue(plain.body().contains("\"code\":1013"));
      RawHttp.Head head = ours.send("GET", "/feed", OURS).head();
      assertEquals(503, head.status());
      assertEquals("2", head.header("Retry-After"));
      assertEquals("the authorizer takes too long\n", ours.body());
      assertEquals(503, post.post("/feed", LINE, LINES, "EventChannel-Id: x").head().status());
      plain.send("OPTIONS", "/feed"); // the connection serves on
      for (int i = 0; i < 3; i++) {
        nextAsked().complete(Authorization.allow()); // too late
      }
      assertEquals(204, plain.head().status());
      try (RawHttp upgrade = RawHttp.connect(server.port())) {
        IOException refused =
            assertThrows(IOException.class, () -> RawWebSocket.open(upgrade, "/feed"));
        assertTrue(String.valueOf(refused.getMessage()).contains("503"), refused.toString());
      }
      assertEquals(0, server.endpoint.connections());
    }
  }

  @Test
  void whoLeavesWhileTheAuthorizerIsAskedLeavesNothingAndHarmsNobody() throws Exception {
    try (ServedFeed server =
        serve(
            endpoint -> endpoint.asyncAuthorizer(this::later).heartbeat(Duration.ofMillis(200)))) {
      for (int round = 0; round < 5; round++) {
        List<RawHttp> leaving = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          leaving.add(RawHttp.connect(server.port()).send("GET", "/feed"));
        }
        RawHttp staying = RawHttp.connect(server.port()).send("GET", "/feed");
        List<CompletableFuture<Authorization>> answers = new ArrayList<>();
        for (int i = 0; i < 21; i++) {
          answers.add(nextAsked());
        }
        for (int i = 0; i < leaving.size(); i++) {
          if (i % 2 == 0) {
            leaving.get(i).reset();
          } else {
            leaving.get(i).close();
          }
        }
        answers.forEach(each -> each.complete(Authorization.allow()));
        assertEquals(200, staying.head().status());
        staying.blockWith("event: eventchannel.position");
        server.awaitConnections(1);
        server.publish("round " + round);
        assertNotNull(staying.blockWith("data: round " + round));
        staying.close();
        server.awaitConnections(0);
      }
    }
  }

  /** The answer meets the request's thread on its way out. */
  @Test
  void anAnswerThatComesAtOnceFromAnotherThreadIsNotLost() throws Exception {
    try (ServedFeed server =
        serve(
            endpoint ->
                endpoint.asyncAuthorizer(
                    handshake -> CompletableFuture.supplyAsync(Authorization::allow)))) {
      for (int i = 0; i < 200; i++) {
        try (RawHttp stream = server.openStream("");
            RawHttp post = RawHttp.connect(server.port())) {
          server.publish("n" + i);
          assertNotNull(stream.blockWith("data: n" + i));
          post.post("/feed", LINE, LINES, "EventChannel-Id: none");
          assertEquals(404, post.head().status());
        }
      }
    }
  }
}
