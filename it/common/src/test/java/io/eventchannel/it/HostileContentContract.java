package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.server.Authorization;
import io.eventchannel.server.ChannelEndpoint;
import java.io.IOException;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is published, sent and named, of any characters, as a container carries it on. */
abstract class HostileContentContract {
  private static final String LINES = "Content-Type: application/x-ndjson";
  private static final String JSON = "Sec-WebSocket-Protocol: eventchannel.v1.json";
  private static final String BYTES = "Sec-WebSocket-Protocol: eventchannel.v1.bytes";
  private static final List<String> ENDS = List.of("\r", "\n", "\r\n", "\0");

  private static final List<String> CONTENTS =
      List.of(
          "",
          " a ",
          ": a",
          "data: a",
          "a\rb",
          "a\nb",
          "a\r\nb",
          "a\r\n\rb\n\n",
          "\nid: 5\n",
          "\r\rdata: x\r\revent: y\r",
          "a\n\nretry: 1\n\nid: 5\nevent: y\ndata: x\n\n",
          "a\u2028b\u2029c\u0085d\u000be\ff",
          "\ufeff",
          "\ufeffa\ufeffb",
          "\ud800",
          "a\udc00b\ud83d",
          "\ud83d\ude00",
          "a\0b",
          "\u001b[31m\u007f\u009b");

  private final RecordingServer application = new RecordingServer();

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  private ServedFeed serve(Consumer<ChannelEndpoint.Builder> options) {
    return ServedFeed.start(
        this::start, feed -> {}, endpoint -> options.accept(endpoint.listener(application)));
  }

  private static RawWebSocket session(ServedFeed at, String... headers) throws IOException {
    RawWebSocket socket = RawWebSocket.open(at.port(), ServedFeed.PATH, headers);
    socket.messageWith("eventchannel.position");
    return socket;
  }

  // ---- data

  @Test
  void S02_S03_S04_whateverIsPublishedIsOneEventOfTheSameDataOverEveryForm() throws Exception {
    try (ServedFeed server = serve(endpoint -> {});
        RawHttp stream = server.openStream("");
        RawHttp envelopes = server.stream("?envelope=json");
        RawWebSocket plain = session(server);
        RawWebSocket json = session(server, JSON);
        RawWebSocket bytes = session(server, BYTES)) {
      nextBlock(envelopes); // its position
      for (String content : CONTENTS) {
        String id = server.publish(content);
        String lines = wellFormed(content).replace("\r\n", "\n").replace('\r', '\n');
        assertEquals(
            ("id: " + id + "\ntopic: t\ndata: " + lines.replace("\n", "\ndata: ") + "\n\n")
                .replace("data: \n", "data:\n"), // the blank guards one that the line begins with
            nextBlock(stream));
        String block = nextBlock(envelopes);
        String prefix = "id: " + id + "\ndata: ";
        assertTrue(block.startsWith(prefix), block);
        Event event =
            Event.message(wellFormed(content)).withId(id).withTopic("t"); // with its line ends
        assertEquals(event, only(block.substring(prefix.length(), block.length() - 1)));
        for (RawWebSocket socket : List.of(plain, json, bytes)) {
          RawWebSocket.Frame message = socket.message();
          assertEquals(socket == bytes ? RawWebSocket.BINARY : RawWebSocket.TEXT, message.opcode);
          assertEquals(event, only(message.text()));
        }
      }
    }
  }

  /** Reads the next block that is no comment; each of its lines is one of those that there are. */
  private static String nextBlock(RawHttp stream) throws IOException {
    String block = Objects.requireNonNull(stream.block());
    while (block.startsWith(":") || block.startsWith("retry: ")) {
      assertTrue(block.matches("(:.*\n|retry: [0-9]+\n)+\n"), block);
      block = Objects.requireNonNull(stream.block());
    }
    return block;
  }

  private static Event only(String envelopes) {
    byte[] frame = envelopes.getBytes(UTF_8);
    List<Event> events = new ArrayList<>();
    new EnvelopeReader(1 << 20).read(frame, 0, frame.length, (seq, event) -> events.add(event));
    assertEquals(1, events.size(), envelopes);
    return events.get(0);
  }

  /** As UTF-8 can carry it: half a surrogate pair is U+FFFD. */
  private static String wellFormed(String text) {
    StringBuilder result = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> result.appendCodePoint(point >= 0xD800 && point <= 0xDFFF ? 0xFFFD : point));
    return result.toString();
  }

  @Test
  void S02_S04_whateverIsSentIsOneEventOfTheSameDataOverEveryForm() throws Exception {
    try (ServedFeed server = serve(endpoint -> {});
        RawHttp stream = RawHttp.connect(server.port());
        RawWebSocket plain = session(server);
        RawWebSocket json = session(server, JSON);
        RawWebSocket bytes = session(server, BYTES)) {
      String id = stream.send("GET", "/feed").head().channel();
      for (String content : CONTENTS) {
        for (boolean escaped : new boolean[] {true, false}) {
          String line = "{\"event\":\"e\",\"data\":\"" + json(content, escaped) + "\"}\n";
          Event event = Event.of("e", wellFormed(content));
          for (RawWebSocket socket : List.of(plain, json, bytes)) {
            int opcode = socket == bytes ? RawWebSocket.BINARY : RawWebSocket.TEXT;
            socket.frame(true, opcode, line.getBytes(UTF_8));
            assertTaken(event);
          }
          assertEquals(204, Answer.post(server, line.getBytes(UTF_8), LINES, id).status());
          assertTaken(event);
        }
      }
      assertEquals(0, application.events.size());
    }
  }

  private void assertTaken(Event event) throws InterruptedException {
    assertEquals(event, RecordingServer.next(application.events));
  }

  /** The text inside a JSON string: all of it escaped, or no more than must be. */
  static String json(String text, boolean escaped) {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean must = c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c);
      result.append(escaped || must ? String.format("\\u%04x", (int) c) : String.valueOf(c));
    }
    return result.toString();
  }

  // ---- types, ids and topics

  private static List<Event> forgeries() {
    List<Event> events = new ArrayList<>();
    for (String end : ENDS) {
      String forged = "a" + end + "data: forged" + end + end + "b";
      events.add(Event.of(forged, "x"));
      events.add(Event.of("e", "x").withId(forged));
      events.add(Event.of("e", "x").withTopic(forged));
    }
    return events;
  }

  @Test
  void S01_whatCouldForgeAnEventIsRefusedAtPublishAndNobodyReadsAnyOfIt() throws Exception {
    try (ServedFeed server = serve(endpoint -> {});
        RawHttp stream = server.openStream("");
        RawWebSocket socket = server.openSession("")) {
      EventChannel one = RecordingServer.next(application.opened);
      EventChannel two = RecordingServer.next(application.opened);
      for (Event forged : forgeries()) {
        assertThrows(IllegalArgumentException.class, () -> server.feed.publish(forged));
        assertThrows(IllegalArgumentException.class, () -> one.send(forged));
        assertThrows(IllegalArgumentException.class, () -> two.send(forged));
      }
      assertNextIsWhole(server, stream, socket);
    }
  }

  private static void assertNextIsWhole(ServedFeed server, RawHttp stream, RawWebSocket socket)
      throws IOException {
    String id = server.publish("next");
    assertEquals("id: " + id + "\ntopic: t\ndata: next\n\n", nextBlock(stream));
    Event next = Event.message("next").withId(id).withTopic("t");
    assertEquals(next, only(socket.message().text()));
  }

  @Test
  void S01_whatCouldForgeAnEventIsRefusedWhereItComesInAndNobodyReadsAnyOfIt() throws Exception {
    try (ServedFeed server = serve(endpoint -> {});
        RawHttp posting = RawHttp.connect(server.port());
        RawHttp stream = server.openStream("");
        RawWebSocket socket = server.openSession("")) {
      String id = posting.send("GET", "/feed").head().channel();
      List<String> lines = new ArrayList<>();
      lines.add("{\"event\":\"a\ndata: forged\",\"data\":\"x\"}"); // an envelope is one line
      for (Event forged : forgeries()) {
        lines.add(
            "{\"seq\":1,\"event\":\""
                + json(forged.type(), false)
                + "\""
                + field("id", forged.id())
                + field("topic", forged.topic())
                + ",\"data\":\"x\"}\n");
      }
      for (String line : lines) {
        Answer answer = Answer.post(server, line.getBytes(UTF_8), LINES, id);
        assertEquals(400, answer.status(), line);
        assertEquals("0", answer.header("EventChannel-Ack"));
        assertFalse(answer.body.stripTrailing().matches("(?s).*[\\p{Cc}].*"), answer.body);
        try (RawWebSocket sending = RawWebSocket.open(server.port(), "/feed")) {
          sending.text(line);
          assertEquals(answer.body, sending.close(1007).closeReason() + "\n");
        }
      }
      assertEquals(0, application.events.size());
      assertNextIsWhole(server, stream, socket);
      byte[] next = "{\"seq\":1,\"event\":\"e\",\"data\":\"x\"}".getBytes(UTF_8);
      assertEquals(204, Answer.post(server, next, LINES, id).status());
      assertTaken(Event.of("e", "x"));
    }
  }

  private static String field(String name, @Nullable String value) {
    return value == null ? "" : ",\"" + name + "\":\"" + json(value, false) + "\"";
  }

  // ---- topics in a query

  @Test
  void S33_theTopicThatWasAuthorisedIsTheOneThatIsReadHoweverItWasSpelt() throws Exception {
    BlockingQueue<Set<String>> asked = new LinkedBlockingQueue<>();
    try (ServedFeed server =
        serve(
            endpoint ->
                endpoint.authorizer(
                    handshake -> {
                      asked.add(handshake.topics());
                      return Authorization.allow().topics("news", "a/b:c");
                    }))) {
      for (String same : List.of("news", "%6eews", "%6E%65%77%73")) {
        assertReadsNewsAlone(server, "?topic=" + same);
        assertEquals(Set.of("news"), asked.remove(), same);
        assertEquals(Set.of("news"), asked.remove(), same);
      }
      for (String[] kind : new String[][] {{}, RawWebSocket.UPGRADE}) {
        assertEquals(0, asked.size());
        Answer slash = Answer.ask(server, "GET", "/feed?topic=a%2Fb%3ac", kind);
        assertEquals(kind.length == 0 ? 200 : 101, slash.status());
        assertEquals(Set.of("a/b:c"), asked.remove());
        for (String other :
            List.of("News", "NEWS", "news.", "./news", "/news", "news/", "news/../news", "a/b")) {
          assertEquals(403, ask(server, URLEncoder.encode(other, UTF_8), kind), other);
          assertEquals(Set.of(other), asked.remove());
        }
        for (String none :
            List.of(
                "",
                "%20news",
                "news%20",
                "news+",
                "+news",
                "news%2B",
                "%256eews",
                "news%00",
                "news%0a",
                "news%0D%0Atopic:x",
                "news*",
                "n%C3%A9ws",
                "ne%CC%81ws",
                "%EF%BD%8Eews",
                "news%E2%80%8B",
                "news%C0%AF",
                "%c1%aeews",
                "news%",
                "%u006eews",
                "né",
                "news;a",
                "news%09")) {
          assertEquals(400, ask(server, none, kind), none);
        }
        assertEquals(0, asked.size(), "nobody was asked about what is no topic");
      }
    }
  }

  private static int ask(ServedFeed at, String topic, String... kind) throws IOException {
    return Answer.ask(at, "GET", "/feed?topic=" + topic, kind).status();
  }

  private static void assertReadsNewsAlone(ServedFeed server, String query) throws IOException {
    try (RawHttp stream = server.openStream(query);
        RawWebSocket socket = server.openSession(query)) {
      for (String near : List.of("News", "news.", "news/", "/news", "new", "a/b:c")) {
        server.publish(near, Event.message("of another"));
      }
      String id = server.publish("news", Event.message("x"));
      assertEquals("id: " + id + "\ntopic: news\ndata: x\n\n", nextBlock(stream));
      Event event = Event.message("x").withId(id).withTopic("news");
      assertEquals(event, only(socket.message().text()));
    }
  }
}
