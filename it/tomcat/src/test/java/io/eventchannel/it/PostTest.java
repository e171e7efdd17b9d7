package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Upstream events of a client whose stream is SSE. */
class PostTest {
  private final RecordingServer application = new RecordingServer();
  private final FeedServer server =
      FeedServer.start(endpoint -> endpoint.listener(application).maxUpstreamBytes(100_000));

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void eventsReachTheListenerAndTheAnswerAcknowledgesThem() throws Exception {
    try (RawHttp stream = RawHttp.connect(server.port());
        RawHttp http = RawHttp.connect(server.port())) {
      String id = stream.send("GET", "/feed").head().header("EventChannel-Id");
      RawHttp.Head head = post(http, id, line(1, "a") + line(2, "é"));
      assertEquals(204, head.status());
      assertEquals("2", head.header("EventChannel-Ack"));
      assertEquals("a", RecordingServer.next(application.events).data());
      assertEquals("é", RecordingServer.next(application.events).data());
      // The same connection again, and the same events: acknowledged, not handed on.
      head = post(http, id, line(2, "é") + line(3, "b"));
      assertEquals("3", head.header("EventChannel-Ack"));
      assertEquals("b", RecordingServer.next(application.events).data());
      head = post(http, id, line(9, "hole"));
      assertEquals(409, head.status());
      assertEquals("3", head.header("EventChannel-Ack"));
      http.body();
      assertEquals(0, application.events.size());
    }
  }

  @Test
  void aBodyThatComesByteByByteIsReadToItsEnd() throws Exception {
    try (RawHttp stream = RawHttp.connect(server.port());
        RawHttp http = RawHttp.connect(server.port())) {
      String id = stream.send("GET", "/feed").head().header("EventChannel-Id");
      byte[] body = line(1, "slow").getBytes(UTF_8);
      http.send(
          "POST",
          "/feed",
          "Content-Type: application/x-ndjson",
          "EventChannel-Id: " + id,
          "Content-Length: " + body.length);
      for (byte b : body) {
        http.send(new byte[] {b});
      }
      assertEquals(204, http.head().status());
      assertEquals("slow", RecordingServer.next(application.events).data());
    }
  }

  @Test
  void aBodyOfExactlyTheLimitIsTakenAndTheConnectionServesOn() throws Exception {
    try (RawHttp stream = RawHttp.connect(server.port());
        RawHttp http = RawHttp.connect(server.port())) {
      String id = stream.send("GET", "/feed").head().header("EventChannel-Id");
      for (int seq = 1; seq <= 5; seq++) {
        int overhead = line(seq, "").length();
        assertEquals(204, post(http, id, line(seq, "x".repeat(100_000 - overhead))).status());
        assertEquals(100_000 - overhead, RecordingServer.next(application.events).data().length());
      }
    }
  }

  @Test
  void aClientThatLeavesInTheMiddleOfItsBodyHarmsNobody() throws Exception {
    try (RawHttp stream = RawHttp.connect(server.port())) {
      String id = stream.send("GET", "/feed").head().header("EventChannel-Id");
      for (int i = 0; i < 50; i++) {
        RawHttp leaving = RawHttp.connect(server.port());
        leaving.send(
            "POST",
            "/feed",
            "Content-Type: application/x-ndjson",
            "EventChannel-Id: " + id,
            "Content-Length: 1000");
        leaving.send(Arrays.copyOf(line(1, "cut").getBytes(UTF_8), 100));
        if (i % 2 == 0) {
          leaving.reset();
        } else {
          leaving.close();
        }
      }
      try (RawHttp http = RawHttp.connect(server.port())) {
        RawHttp.Head head = post(http, id, line(1, "whole"));
        assertEquals("1", head.header("EventChannel-Ack"));
      }
      assertEquals("whole", RecordingServer.next(application.events).data());
      server.publish("stream lives");
      assertTrue(stream.blockWith("data: stream lives").contains("stream lives"));
    }
  }

  private static RawHttp.Head post(RawHttp http, String channelId, String lines) throws Exception {
    return http.post(
            "/feed",
            lines.getBytes(UTF_8),
            "Content-Type: application/x-ndjson",
            "EventChannel-Version: 1",
            "EventChannel-Id: " + channelId)
        .head();
  }

  private static String line(int seq, String data) {
    return "{\"seq\":" + seq + ",\"event\":\"e\",\"data\":\"" + data + "\"}\n";
  }
}
