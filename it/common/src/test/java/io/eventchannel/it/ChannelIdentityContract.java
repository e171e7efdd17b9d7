package io.eventchannel.it;

import static io.eventchannel.it.Answer.ask;
import static io.eventchannel.it.Answer.post;
import static io.eventchannel.it.Answer.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.policy.RateLimit;
import io.eventchannel.server.Authorization;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.Handshake;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * What ids, principals, topics and numbers are worth to whom, as a container carries them. Who asks
 * is named by the header Authorization, and reads the topic {@code open}.
 */
abstract class ChannelIdentityContract {
  private static final String OURS = "EventChannel-Version: 1";
  private static final String LINES = "Content-Type: application/x-ndjson";
  private static final String ANN = "Authorization: ann";
  private static final String BOB = "Authorization: bob";
  private static final List<String[]> KINDS = List.of(new String[0], RawWebSocket.UPGRADE);

  private final RecordingServer application = new RecordingServer();

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  private ServedFeed serve(Consumer<ChannelEndpoint.Builder> options) {
    return ServedFeed.start(
        this::start,
        feed -> {},
        endpoint ->
            options.accept(
                endpoint.listener(application).authorizer(ChannelIdentityContract::judge)));
  }

  private static Authorization judge(Handshake handshake) {
    Authorization allowed = Authorization.allow().topics("open");
    String name = handshake.header("Authorization");
    return name == null ? allowed : allowed.principal(name);
  }

  /** Opens a stream and returns the header that names its channel. */
  private static String open(RawHttp http, String... headers) throws IOException {
    RawHttp.Head head = http.send("GET", ServedFeed.PATH, headers).head();
    assertEquals(200, head.status(), head.toString());
    http.blockWith("event: eventchannel.position");
    return head.channel();
  }

  // ---- topics

  @Test
  void S09_aForbiddenTopicAndAnAbsentOneGetTheSameAnswerWhateverIsAsked() throws Exception {
    try (ServedFeed server = serve(endpoint -> {})) {
      String last = server.publish("secret", Event.message("x"));
      for (String[] kind : KINDS) {
        for (String query :
            List.of("?topic=%s", "?topic=open&topic=%s", "?topic=%s&lastEventId=" + last)) {
          for (String[] headers :
              List.of(kind, with(kind, OURS, ANN), with(kind, "Last-Event-ID: " + last))) {
            Answer forbidden = ask(server, "GET", "/feed" + query.replace("%s", "secret"), headers);
            Answer absent = ask(server, "GET", "/feed" + query.replace("%s", "absent"), headers);
            assertEquals(403, forbidden.status());
            assertEquals("topic: not allowed\n", forbidden.body);
            assertEquals(absent.said(), forbidden.said());
          }
        }
      }
      assertEquals(
          ask(server, "HEAD", "/feed?topic=absent").said(),
          ask(server, "HEAD", "/feed?topic=secret").said());
    }
  }

  @Test
  void S09_S11_anothersChannelAndOneThatNeverWasGetTheSameAnswerToAPost() throws Exception {
    try (ServedFeed server = serve(endpoint -> {});
        RawHttp stream = RawHttp.connect(server.port());
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed", OURS, ANN)) {
      String unknown = "EventChannel-Id: " + "A".repeat(22);
      for (String foreign : List.of(open(stream, OURS, ANN), socket.head().channel())) {
        for (String[] who : new String[][] {{LINES, BOB}, {LINES}}) {
          Answer answer = post(server, line(1, "forged"), with(who, foreign));
          assertEquals(404, answer.status());
          assertEquals("EventChannel-Id: unknown channel\n", answer.body);
          assertEquals(post(server, line(1, "forged"), with(who, unknown)).said(), answer.said());
        }
        assertEquals(204, post(server, line(1, "mine"), LINES, ANN, foreign).status());
        assertEquals("mine", RecordingServer.next(application.events).data());
      }
      assertEquals(0, application.events.size());
    }
  }

  @Test
  void S10_S09_aResumeShowsWhatLiveDeliveryShowsAndNoGapSpeaksOfTheRest() throws Exception {
    try (ServedFeed server = serve(endpoint -> {})) {
      String first = server.publish("open", Event.message("0"));
      server.publish("secret", Event.message("hidden"));
      server.publish("open", Event.message("1"));
      server.publish(Event.message("hidden, of no topic").data());
      String query = "?lastEventId=" + first;
      try (RawHttp stream = server.stream(query);
          RawWebSocket socket = RawWebSocket.open(server.port(), "/feed" + query)) {
        String replayed = stream.blockWith("data: 1");
        assertTrue(replayed.contains("topic: open\n"), replayed);
        socket.messageWith("\"data\":\"1\"");
        server.publish("secret", Event.message("hidden"));
        server.publish("open", Event.message("2"));
        String live = Objects.requireNonNull(stream.blockOrHeartbeat());
        if (live.contains("eventchannel.position")) { // one may come; one for each would tell
          live = Objects.requireNonNull(stream.blockOrHeartbeat());
        }
        assertTrue(live.endsWith("topic: open\ndata: 2\n\n"), live);
        String message = socket.messageOrHeartbeat().text();
        if (message.contains("eventchannel.position")) {
          message = socket.messageOrHeartbeat().text();
        }
        assertTrue(message.contains("\"data\":\"2\""), message);
      }
      server.publish("secret", Event.message("hidden"));
      for (String none : List.of("nonsense", "x-" + Long.MAX_VALUE, first + "9")) {
        String gap = server.stream("?lastEventId=" + none).blockWith("event: eventchannel.gap");
        assertTrue(
            gap.matches(
                "id: [^\n]+\nevent: eventchannel.gap\ndata: \\{\"reason\":\"(unknown\"|epoch\",\"after\":\""
                    + none
                    + "\")\\}\n\n"),
            gap);
      }
      // Behind it there was only what is hidden, and that is no gap.
      String end = server.publish("open", Event.message("3"));
      server.publish("secret", Event.message("hidden"));
      try (RawHttp stream = server.stream("?lastEventId=" + end)) {
        server.publish("open", Event.message("4"));
        String seen = "";
        while (!seen.contains("data: 4")) {
          seen += stream.block();
        }
        assertFalse(seen.contains("gap") || seen.contains("hidden"), seen);
      }
    }
  }

  // ---- ids

  @Test
  void S12_anIdThatAClientProposesIsNotAdoptedOverEitherTransport() throws Exception {
    try (ServedFeed server = serve(endpoint -> {})) {
      for (String proposed : List.of("A".repeat(22), "admin", "x".repeat(64), "0")) {
        String header = "EventChannel-Id: " + proposed;
        for (String[] kind : KINDS) {
          Answer answer = ask(server, "GET", "/feed", with(kind, OURS, ANN, header));
          assertNotEquals(header, answer.head.channel());
          assertTrue(answer.head.channel().matches("EventChannel-Id: [A-Za-z0-9]{22}"));
          assertEquals(null, answer.header("EventChannel-Ack"), "no channel was there");
        }
        Answer answer =
            ask(server, "GET", "/feed?EventChannel-Id=" + proposed + "&channel=" + proposed);
        assertNotEquals(header, answer.head.channel());
        assertEquals(404, post(server, line(1, "x"), LINES, ANN, header).status());
      }
      assertEquals(0, application.events.size());
    }
  }

  @Test
  void S11_aRightIdIsWorthNothingToAnotherPrincipalOverEitherTransport() throws Exception {
    try (ServedFeed server = serve(endpoint -> {});
        RawHttp stream = RawHttp.connect(server.port());
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed", OURS, ANN)) {
      String ofStream = open(stream, OURS, ANN);
      String ofSocket = socket.head().channel();
      for (String stolen : List.of(ofStream, ofSocket)) {
        for (String[] thief : new String[][] {{OURS, BOB}, {OURS}}) {
          for (String[] kind : KINDS) {
            Answer answer = ask(server, "GET", "/feed", with(with(kind, thief), stolen));
            assertNotEquals(stolen, answer.head.channel());
            assertEquals(null, answer.header("EventChannel-Ack"));
          }
        }
      }
      while (!application.opened.isEmpty()) {
        EventChannel channel = application.opened.remove();
        channel.send(Event.of("direct", "for " + channel.id())); // fails on those that are gone
      }
      String mine = "data: for " + ofStream.substring("EventChannel-Id: ".length());
      assertTrue(stream.blockWith(mine).contains("event: direct\n"));
      socket.messageWith("for " + ofSocket.substring("EventChannel-Id: ".length()));

      socket.http().reset(); // and to whom it belongs it is a way back, over either transport
      Answer foreign = ask(server, "GET", "/feed", OURS, BOB, ofSocket);
      assertNotEquals(ofSocket, foreign.head.channel());
      Answer own = ask(server, "GET", "/feed", OURS, ANN, ofSocket);
      assertEquals(ofSocket, own.head.channel());
      assertEquals("0", own.header("EventChannel-Ack"));
    }
  }

  // ---- numbers

  @Test
  void S31_numbersOfOnePrincipalSuppressNothingOfAnother() throws Exception {
    try (ServedFeed server = serve(endpoint -> {});
        RawHttp anns = RawHttp.connect(server.port());
        RawHttp bobs = RawHttp.connect(server.port());
        RawWebSocket annsToo = RawWebSocket.open(server.port(), "/feed", OURS, ANN);
        RawWebSocket bobsToo = RawWebSocket.open(server.port(), "/feed", OURS, BOB)) {
      String ann = open(anns, OURS, ANN);
      String bob = open(bobs, OURS, BOB);
      for (int seq = 1; seq <= 20; seq++) {
        assertEquals(204, post(server, line(seq, "ann"), LINES, ANN, ann).status());
        assertTaken("ann");
        // A number that bob uses next, under his id: it is not counted as his.
        assertEquals(404, post(server, line(seq, "forged"), LINES, ANN, bob).status());
        assertEquals(204, post(server, line(seq, "bob"), LINES, BOB, bob).status());
        assertTaken("bob");
        annsToo.text(text(seq, "ann's"));
        assertTaken("ann's");
        bobsToo.text(text(seq, "bob's"));
        assertTaken("bob's");
        assertEquals(204, post(server, line(seq, "again"), LINES, BOB, bob).status());
      }
      assertEquals(0, application.events.size());
    }
  }

  private void assertTaken(String data) throws InterruptedException {
    assertEquals(data, RecordingServer.next(application.events).data());
  }

  @Test
  void S32_whateverNumbersArriveOnlyTheLatestAreRemembered() throws Exception {
    try (ServedFeed server = serve(endpoint -> endpoint.upstreamRate(RateLimit.none()));
        RawHttp stream = RawHttp.connect(server.port());
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed", OURS, ANN)) {
      String id = open(stream, OURS, ANN);
      StringBuilder absurd = new StringBuilder();
      for (int n = 0; n < 10_000; n++) {
        absurd.append(text(Long.MAX_VALUE - 7L * n, "")).append(n % 2_500 == 2_499 ? "|" : "");
      }
      for (String body : absurd.toString().split("\\|")) {
        Answer answer = post(server, body.getBytes(UTF_8), LINES, ANN, id);
        assertEquals(409, answer.status());
        assertEquals("0", answer.header("EventChannel-Ack"));
      }
      socket.text(text(Long.MAX_VALUE, "x"));
      socket.close(4400);
      for (String number : List.of("0", "-1", "9223372036854775808", "1e3", "1.5", "\"1\"")) {
        String body = text(1, "x").replace(":1,", ":" + number + ",");
        assertEquals(400, post(server, body.getBytes(UTF_8), LINES, ANN, id).status(), number);
      }

      // Ten thousand that are refused: what is remembered of them is told to who asks again.
      for (int first = 1; first <= 10_000; first += 1_000) {
        StringBuilder body = new StringBuilder();
        for (int seq = first; seq < first + 1_000; seq++) {
          body.append(text(seq, "").replace("\"e\"", "\"eventchannel.x\""));
        }
        Answer answer = post(server, body.toString().getBytes(UTF_8), LINES, ANN, id);
        assertEquals(1_000, refusals(server, answer, id, first + 999L).size());
      }
      Answer first = post(server, line(1, "again"), LINES, ANN, id);
      List<String> again = refusals(server, first, id, 10_000);
      assertEquals(1_024, again.size(), "protocol rule U-8");
      String latest = again.get(again.size() - 1);
      assertTrue(latest.contains("\\\"seq\\\":10000,"), "the latest are among them");

      assertEquals(204, post(server, line(10_001, "new"), LINES, ANN, id).status());
      assertTaken("new");
      assertEquals(0, application.events.size());
    }
  }

  /** The refusals of an answer, and of those to what it leaves out, up to a number. */
  private static List<String> refusals(ServedFeed server, Answer first, String id, long upTo)
      throws Exception {
    List<String> refusals = new ArrayList<>();
    Answer answer = first;
    while (true) {
      assertTrue(answer.body.length() <= 65_536, "protocol rule U-4");
      assertFalse(answer.body.isEmpty());
      answer.body.lines().forEach(refusals::add);
      long ack = Long.parseLong(answer.header("EventChannel-Ack"));
      if (ack == upTo) {
        return refusals;
      }
      answer = post(server, line(ack + 1, "again"), LINES, ANN, id);
    }
  }

  private static byte[] line(long seq, String data) {
    return text(seq, data).getBytes(UTF_8);
  }

  private static String text(long seq, String data) {
    return "{\"seq\":" + seq + ",\"event\":\"e\",\"data\":\"" + data + "\"}\n";
  }
}
