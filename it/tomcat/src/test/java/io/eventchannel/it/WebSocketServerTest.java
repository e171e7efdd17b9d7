package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a session looks like on the wire. */
class WebSocketServerTest {
  private static final int LIMIT = 256 * 1024;

  private final RecordingServer application = new RecordingServer();

  @Test
  void WS_02_theServerSelectsItsOwnFavouriteOfWhatWasOffered() throws Exception {
    try (FeedServer server = FeedServer.start()) {
      String bytes = "eventchannel.v1.bytes";
      String json = "eventchannel.v1.json";
      assertEquals(bytes, selected(server, json + ", " + bytes));
      assertEquals(bytes, selected(server, "other," + bytes));
      assertEquals(json, selected(server, "other, " + json));
    }
  }

  @Test
  void WS_01_nothingIsSelectedThatWasNotOffered() throws Exception {
    try (FeedServer server = FeedServer.start()) {
      assertNull(selected(server, "other, eventchannel.v2.json"));
      try (RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
        assertNull(socket.head().header("Sec-WebSocket-Protocol"));
      }
    }
  }

  @Test
  void compressionIsNotNegotiatedEvenWhereTheContainerWould() throws Exception {
    try (FeedServer server = FeedServer.start();
        RawWebSocket socket =
            RawWebSocket.open(
                server.port(), "/feed", "Sec-WebSocket-Extensions: permessage-deflate")) {
      assertNull(socket.head().header("Sec-WebSocket-Extensions"));
      assertEquals("1", socket.head().header("EventChannel-Version"));
    }
  }

  @Test
  void withoutASubprotocolAnEventIsATextFrameAndWithBytesABinaryOne() throws Exception {
    try (FeedServer server = FeedServer.start();
        RawWebSocket plain = RawWebSocket.open(server.port(), "/feed");
        RawWebSocket bytes =
            RawWebSocket.open(
                server.port(), "/feed", "Sec-WebSocket-Protocol: eventchannel.v1.bytes")) {
      plain.messageWith("eventchannel.position");
      bytes.messageWith("eventchannel.position");
      server.publish("é\n");
      RawWebSocket.Frame text = plain.message();
      assertEquals(RawWebSocket.TEXT, text.opcode);
      assertTrue(text.text().contains("\"data\":\"é\\n\""), text.text());
      RawWebSocket.Frame binary = bytes.message();
      assertEquals(RawWebSocket.BINARY, binary.opcode);
      assertTrue(binary.text().contains("\"data\":\"é\\n\""), binary.text());
    }
  }

  @Test
  void WS_08_aCloseOfThePeerIsOneEndAndIsAnswered() throws Exception {
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.listener(application))) {
      try (RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
        socket.messageWith("eventchannel.position");
        socket.awaitSent().frame(true, RawWebSocket.CLOSE, closing(4001, "bye"));
        socket.close(4001);
        CloseReason reason = RecordingServer.next(application.closed);
        assertEquals(CloseReason.closeCode(4001, "bye"), reason);
        assertEquals(-1, socket.http().read());
      }
      server.awaitConnections(0);
    }
    assertEquals(0, application.closed.size());
  }

  @Test
  void WS_05_theCodesAnApplicationMayGiveReachTheServerAsGiven() throws Exception {
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.listener(application))) {
      for (int code : new int[] {1000, 1001, 3000, 3999, 4000, 4999}) {
        try (RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
          socket.messageWith("eventchannel.position");
          socket.awaitSent().frame(true, RawWebSocket.CLOSE, closing(code, ""));
          socket.close(code);
          assertEquals(CloseReason.closeCode(code, ""), RecordingServer.next(application.closed));
        }
      }
    }
  }

  @Test
  void WS_05_theCodesThatTheServerGivesAreOnTheWireAsGiven() throws Exception {
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.listener(application))) {
      try (RawWebSocket closed = RawWebSocket.open(server.port(), "/feed")) {
        RecordingServer.next(application.opened).close();
        closed.close(1000);
      }
      try (RawWebSocket malformed = RawWebSocket.open(server.port(), "/feed")) {
        malformed.text("nonsense");
        malformed.close(1007);
      }
      try (RawWebSocket hole = RawWebSocket.open(server.port(), "/feed")) {
        hole.text("{\"seq\":7,\"event\":\"e\",\"data\":\"\"}");
        hole.close(4400);
      }
    }
  }

  @Test
  void WS_08_closingTwiceIsOneEnd() throws Exception {
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.listener(application));
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      EventChannel channel = RecordingServer.next(application.opened);
      channel.close();
      channel.close();
      socket.close(1000);
      server.endpoint.close();
      assertEquals(CloseReason.Kind.LOCAL, RecordingServer.next(application.closed).kind());
      server.awaitConnections(0);
      assertEquals(0, application.closed.size());
    }
  }

  @Test
  void WS_08_aPeerThatNeverAnswersTheCloseIsCutOff() throws Exception {
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.listener(application));
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      RecordingServer.next(application.opened).close();
      socket.close(1000);
      server.awaitConnections(0);
      socket.http().timeout(20_000); // 5 s, and the container looks every 10 s
      assertEquals(-1, socket.http().read());
    }
  }

  @Test
  void WS_08_anAbruptEndIsOneEnd() throws Exception {
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.listener(application))) {
      RawWebSocket socket = RawWebSocket.open(server.port(), "/feed");
      RecordingServer.next(application.opened);
      socket.http().reset();
      assertEquals(CloseReason.Kind.NETWORK, RecordingServer.next(application.closed).kind());
      server.awaitConnections(0);
      assertEquals(0, application.closed.size());
    }
  }

  @Test
  void WS_11_fragmentsArriveWholeWithPingsAnsweredInBetween() throws Exception {
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.listener(application));
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      byte[] message = envelope("h€llo 😀 wörld").getBytes(UTF_8);
      for (int opcode : new int[] {RawWebSocket.TEXT, RawWebSocket.BINARY}) {
        for (int i = 0; i < message.length; i++) { // each byte a fragment, so characters are cut
          boolean last = i == message.length - 1;
          socket.frame(last, i == 0 ? opcode : RawWebSocket.CONTINUATION, new byte[] {message[i]});
          if (i % 8 == 3) {
            socket.frame(true, RawWebSocket.PING, new byte[] {(byte) i});
            RawWebSocket.Frame pong = pong(socket);
            assertArrayEquals(new byte[] {(byte) i}, pong.payload);
            assertEquals(0, application.events.size());
          }
        }
        assertEquals("h€llo 😀 wörld", RecordingServer.next(application.events).data());
      }
      socket.frame(false, RawWebSocket.TEXT, new byte[0]);
      socket.frame(false, RawWebSocket.CONTINUATION, envelope("empty ends").getBytes(UTF_8));
      socket.frame(true, RawWebSocket.CONTINUATION, new byte[0]);
      assertEquals("empty ends", RecordingServer.next(application.events).data());
    }
  }

  @Test
  void WS_12_messagesOfEverySizeUpToTheLimitArriveAtTheServer() throws Exception {
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.listener(application));
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      socket.text("");
      socket.frame(true, RawWebSocket.BINARY, new byte[0]);
      int overhead = envelope("").length();
      for (int size : new int[] {125, 126, 127, 8_192, 8_193, 65_535, 65_536, LIMIT}) {
        String data = "x".repeat(size - overhead);
        socket.text(envelope(data));
        assertEquals(data, RecordingServer.next(application.events).data());
        socket.frame(true, RawWebSocket.BINARY, envelope(data).getBytes(UTF_8));
        assertEquals(data, RecordingServer.next(application.events).data());
      }
    }
  }

  @Test
  void WS_12_messagesOfEverySizeUpToTheLimitArriveAtTheClient() throws Exception {
    try (FeedServer server = FeedServer.start();
        RawWebSocket text = RawWebSocket.open(server.port(), "/feed");
        RawWebSocket bytes =
            RawWebSocket.open(
                server.port(), "/feed", "Sec-WebSocket-Protocol: eventchannel.v1.bytes")) {
      text.messageWith("eventchannel.position");
      bytes.messageWith("eventchannel.position");
      String id = server.publish("");
      int overhead = text.message().payload.length;
      bytes.message();
      for (int size : new int[] {overhead, 125, 126, 127, 8_192, 65_535, 65_536, 1_000_000}) {
        String data = "x".repeat(Math.max(0, size - overhead));
        id = server.publish(data);
        for (RawWebSocket socket : List.of(text, bytes)) {
          String message = socket.message().text();
          assertTrue(message.contains("\"data\":\"" + data + "\""), "size " + size);
          assertTrue(message.contains(id), "size " + size);
        }
      }
    }
  }

  @Test
  void WS_12_oneByteOverTheLimitIs1009HoweverItIsSent() throws Exception {
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.listener(application))) {
      for (int opcode : new int[] {RawWebSocket.TEXT, RawWebSocket.BINARY}) {
        try (RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
          socket.frame(true, opcode, "x".repeat(LIMIT + 1).getBytes(UTF_8));
          assertTrue(socket.close(1009).closeReason().contains(LIMIT + " bytes"));
          assertEquals(CloseReason.Kind.LIMIT, RecordingServer.next(application.closed).kind());
        }
        try (RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
          byte[] half = "x".repeat(LIMIT / 2).getBytes(UTF_8);
          socket.frame(false, opcode, half);
          socket.frame(false, RawWebSocket.CONTINUATION, half);
          socket.frame(false, RawWebSocket.CONTINUATION, new byte[] {'x'});
          assertTrue(socket.close(1009).closeReason().contains(LIMIT + " bytes"));
          assertEquals(CloseReason.Kind.LIMIT, RecordingServer.next(application.closed).kind());
        }
      }
      server.awaitConnections(0);
      assertEquals(0, application.events.size());
    }
  }

  @Test
  void WS_12_endlessEmptyFragmentsAre1009() throws Exception {
    try (FeedServer server =
            FeedServer.start(endpoint -> endpoint.listener(application).maxUpstreamBytes(1_000));
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      socket.frame(false, RawWebSocket.TEXT, new byte[0]);
      for (int i = 0; i < 1_000; i++) {
        socket.frame(false, RawWebSocket.CONTINUATION, new byte[0]);
      }
      socket.close(1009);
    }
  }

  @Test
  void S24_aPeerWhoseSocketTakesLessThanItShouldIsCut() throws Exception {
    // Left alone, a call that waits for its socket may do so for twenty seconds.
    try (FeedServer server =
            FeedServer.start(
                feed -> {},
                endpoint -> {},
                tomcat -> tomcat.connector("socket.txBufSize", "4096"));
        RawHttp http = RawHttp.connect(server.port(), 4 * 1024);
        RawWebSocket stalled = RawWebSocket.open(http, "/feed")) {
      stalled.messageWith("eventchannel.position");
      server.awaitConnections(1);
      for (int i = 0; i < 4; i++) {
        server.publish("x".repeat(8_000));
      }
      server.awaitConnections(0);
    }
  }

  @Test
  void WS_14_sendsFromManyThreadsKeepEachSendersOrder() throws Exception {
    int senders = 8;
    int each = 500;
    try (FeedServer server =
            FeedServer.start(
                endpoint -> endpoint.listener(application).maxDirectBytes(16 * 1024 * 1024));
        RawWebSocket socket =
            RawWebSocket.open(
                server.port(), "/feed", "Sec-WebSocket-Protocol: eventchannel.v1.json")) {
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
      while (Arrays.stream(next).sum() < senders * each) {
        for (String line : socket.message().text().split("\n")) {
          int at = line.indexOf("\"data\":\"s");
          if (at >= 0) {
            String[] words = line.substring(at + 9).split(" ");
            int sender = Integer.parseInt(words[0]);
            assertEquals(next[sender]++, Integer.parseInt(words[1]), line);
          }
        }
      }
      for (Thread thread : threads) {
        thread.join(10_000);
      }
    }
  }

  @Test
  void aQuietSessionIsPingedAndAPeerThatNeverAnswersIsLost() throws Exception {
    try (FeedServer server =
            FeedServer.start(
                endpoint -> endpoint.listener(application).heartbeat(Duration.ofMillis(100)));
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      RawWebSocket.Frame ping = socket.frame();
      while (ping.opcode != RawWebSocket.PING) {
        ping = socket.frame();
      }
      assertEquals(
          CloseReason.Kind.HEARTBEAT_TIMEOUT, RecordingServer.next(application.closed).kind());
      socket.close(1001); // a code that lets it come back
      server.awaitConnections(0);
    }
  }

  @Test
  void stoppingTheContainerClosesSessionsWith1001() throws Exception {
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.listener(application));
        RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      RecordingServer.next(application.opened);
      Thread stop = new Thread(server.tomcat::stop);
      stop.start();
      socket.close(1001);
      stop.join(20_000);
      assertEquals(CloseReason.Kind.LOCAL, RecordingServer.next(application.closed).kind());
    }
  }

  private static String selected(FeedServer server, String offer) throws Exception {
    try (RawWebSocket socket =
        RawWebSocket.open(server.port(), "/feed", "Sec-WebSocket-Protocol: " + offer)) {
      return socket.head().header("Sec-WebSocket-Protocol");
    }
  }

  private static RawWebSocket.Frame pong(RawWebSocket socket) throws Exception {
    RawWebSocket.Frame frame = socket.frame();
    while (frame.opcode != RawWebSocket.PONG) {
      frame = socket.frame();
    }
    return frame;
  }

  private static String envelope(String data) {
    return "{\"event\":\"e\",\"data\":\"" + data + "\"}";
  }

  private static byte[] closing(int code, String reason) {
    byte[] text = reason.getBytes(UTF_8);
    byte[] payload = new byte[2 + text.length];
    payload[0] = (byte) (code >> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, 2, text.length);
    return payload;
  }
}
