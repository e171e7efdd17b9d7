package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.log.InMemoryEventLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Where delivery begins, over SSE and WebSocket. */
class ResumeTest {
  @Test
  void SSE_S_14_thePositionComesFromTheHeaderElseFromTheQuery() throws Exception {
    try (FeedServer server = FeedServer.start()) {
      String one = server.publish("1");
      String two = server.publish("2");
      server.publish("3");
      assertEquals(List.of("2", "3"), read(server, "", "Last-Event-ID: " + one));
      assertEquals(List.of("2", "3"), read(server, "?lastEventId=" + one));
      assertEquals(List.of("2", "3"), read(server, "?last_event_id=" + one));
      assertEquals(List.of("3"), read(server, "?lastEventId=" + one, "Last-Event-ID: " + two));
    }
  }

  @Test
  void SSE_S_14_anEmptyPositionIsNone() throws Exception {
    try (FeedServer server = FeedServer.start()) {
      server.publish("1");
      for (String query : List.of("", "?lastEventId=")) {
        try (RawHttp http = server.stream(query, "Last-Event-ID:")) {
          http.block();
          assertTrue(block(http).contains("event: eventchannel.position\n"));
          server.publish("live");
          assertTrue(block(http).contains("data: live\n"));
        }
      }
    }
  }

  @Test
  void SSE_S_14_aPositionThatIsNoIdOfOursIsAGapAndNeverReflected() throws Exception {
    try (FeedServer server = FeedServer.start()) {
      server.publish("1");
      String[] ids = {
        "garbage", "ünïcödé-1", "x".repeat(5_000), "1;data:", "-", "a-99999999999999999999"
      };
      for (String id : ids) {
        try (RawHttp http = server.stream("", "Last-Event-ID: " + id)) {
          http.block();
          String gap = block(http);
          assertTrue(gap.contains("event: eventchannel.gap\n"), gap);
          assertTrue(gap.contains("\"reason\":\"unknown\""), gap);
          assertFalse(gap.contains(id.length() > 1 ? id : "after"), gap);
        }
      }
    }
  }

  @Test
  void SSE_S_15_deliveryGoesOnStrictlyAfterThePositionAndIntoLiveEvents() throws Exception {
    try (FeedServer server = FeedServer.start()) {
      String after = "";
      for (int i = 1; i <= 500; i++) {
        String id = server.publish("" + i);
        after = i == 200 ? id : after;
      }
      try (RawHttp http = server.stream("", "Last-Event-ID: " + after)) {
        Thread publisher =
            new Thread(
                () -> {
                  for (int i = 501; i <= 1_000; i++) {
                    server.publish("" + i);
                  }
                });
        publisher.start();
        for (int i = 201; i <= 1_000; ) {
          String block = block(http);
          assertFalse(block.contains("eventchannel.gap"), block);
          if (block.contains("data: ") && !block.contains("eventchannel.")) {
            assertTrue(block.contains("data: " + i + "\n"), "expected " + i + ", got " + block);
            i++;
          }
        }
        publisher.join(10_000);
      }
    }
  }

  @Test
  void SSE_S_15_aPositionThatIsTooOldIsAGapBeforeTheOldestEventHeld() throws Exception {
    try (FeedServer server =
        FeedServer.start(
            feed ->
                feed.log(InMemoryEventLog.builder().maxEventsPerTopic(10).build()).windowEvents(10),
            endpoint -> {},
            tomcat -> {})) {
      String first = server.publish("1");
      for (int i = 2; i <= 50; i++) {
        server.publish("" + i);
      }
      try (RawHttp http = server.stream("", "Last-Event-ID: " + first)) {
        http.block();
        String gap = block(http);
        assertTrue(gap.contains("event: eventchannel.gap\n"), gap);
        assertTrue(gap.contains("\"reason\":\"evicted\""), gap);
        for (int i = 41; i <= 50; i++) {
          assertTrue(block(http).contains("data: " + i + "\n"));
        }
      }
    }
  }

  @Test
  void aWebSocketResumesFromTheQueryLikeAStream() throws Exception {
    try (FeedServer server = FeedServer.start()) {
      String one = server.publish("1");
      server.publish("2");
      server.publish("3");
      try (RawWebSocket socket = RawWebSocket.open(server.port(), "/feed?lastEventId=" + one)) {
        assertTrue(socket.messageWith("\"data\":\"").contains("eventchannel.position"));
        assertTrue(socket.message().text().contains("\"data\":\"2\""));
        assertTrue(socket.message().text().contains("\"data\":\"3\""));
      }
    }
  }

  /** Opens a stream and reads what it replays, up to and with the event 3. */
  private static List<String> read(FeedServer server, String query, String... headers)
      throws Exception {
    List<String> data = new ArrayList<>();
    try (RawHttp http = server.stream(query, headers)) {
      while (!data.contains("3")) {
        String block = block(http);
        assertFalse(block.contains("eventchannel.gap"), block);
        int at = block.indexOf("data: ");
        if (at >= 0 && !block.contains("eventchannel.")) {
          data.add(block.substring(at + 6, block.indexOf('\n', at)));
        }
      }
    }
    return data;
  }

  private static String block(RawHttp http) throws Exception {
    return Objects.requireNonNull(http.block(), "the stream ended");
  }
}
