package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.jakarta.HastyServlets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a POST that takes too long gets, at a deadline of a second. */
class PostDeadlineTest {
  private static final String ORIGIN = "Origin: https://app.example";

  private final CountDownLatch stuck = new CountDownLatch(1);

  private final FeedServer server =
      FeedServer.start(
          feed -> {},
          endpoint ->
              endpoint
                  .allowedOrigins("https://app.example")
                  .maxUpstreamBytes(10_000)
                  .listener(
                      new EventChannelListener() {
                        @Override
                        public void onEvent(EventChannel channel, Event event) {
                          if (event.data().equals("stuck")) {
                            await(stuck);
                          }
                        }

                        @Override
                        public void onClosed(EventChannel channel, CloseReason reason) {}
                      }),
          tomcat -> {});

  private final TomcatServer hasty =
      TomcatServer.builder()
          .servlet("/hasty", HastyServlets.withPostDeadline(server.endpoint, 1_000))
          .start();

  @AfterEach
  void close() {
    stuck.countDown();
    server.close();
    hasty.close();
  }

  @Test
  void S27_aBodyThatTricklesIsAnsweredAtTheDeadlineAndItsConnectionEnds() throws Exception {
    try (RawHttp stream = server.openStream("");
        RawHttp http = RawHttp.connect(hasty.port())) {
      String id = streamId();
      begin(http, id, 1_000);
      long start = System.nanoTime();
      Thread trickle = new Thread(() -> trickle(http));
      trickle.start();
      RawHttp.Head head = http.head();
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

      assertEquals(408, head.status());
      assertEquals("1", head.header("EventChannel-Version"));
      assertEquals("0", head.header("EventChannel-Ack"));
      assertEquals("https://app.example", head.header("Access-Control-Allow-Origin"));
      assertEquals("close", head.header("Connection"));
      assertEquals("body: expected all of it within 1000 ms\n", http.body());
      assertTrue(millis < 8_000, millis + " ms");
      trickle.join(10_000);
      server.publish("lives");
      assertTrue(stream.blockWith("data: lives").contains("lives"));
    }
  }

  @Test
  void anApplicationThatTakesTooLongIsToldWithWhatItHasTaken() throws Exception {
    try (RawHttp http = RawHttp.connect(hasty.port())) {
      String id = streamId();
      byte[] body = (line(1, "quick") + line(2, "stuck")).getBytes(UTF_8);
      begin(http, id, body.length);
      http.send(body);
      RawHttp.Head head = http.head();

      assertEquals(503, head.status());
      assertEquals("1", head.header("EventChannel-Ack"));
      assertEquals("https://app.example", head.header("Access-Control-Allow-Origin"));
    }
  }

  @Test
  void aBodyOverTheLimitIsToldWithWhatWasTakenBefore() throws Exception {
    for (String length : new String[] {"Content-Length: 20000", "Transfer-Encoding: chunked"}) {
      try (RawHttp http = RawHttp.connect(hasty.port())) {
        http.send(
            "POST",
            "/hasty",
            ORIGIN,
            "Content-Type: application/x-ndjson",
            "EventChannel-Id: " + streamId(),
            length);
        if (length.endsWith("chunked")) {
          http.send(("4e20\r\n" + "x".repeat(20_000) + "\r\n0\r\n\r\n").getBytes(UTF_8));
        }
        RawHttp.Head head = http.head();
        assertEquals(413, head.status());
        assertEquals("0", head.header("EventChannel-Ack"));
        assertEquals("https://app.example", head.header("Access-Control-Allow-Origin"));
      }
    }
  }

  private String streamId() throws Exception {
    RawHttp open = RawHttp.connect(server.port());
    return open.send("GET", FeedServer.PATH).head().header("EventChannel-Id");
  }

  private static void begin(RawHttp http, String id, int length) throws Exception {
    http.send(
        "POST",
        "/hasty",
        ORIGIN,
        "Content-Type: application/x-ndjson",
        "EventChannel-Id: " + id,
        "Content-Length: " + length);
  }

  /** Sends a byte now and then until the server has had enough. */
  private static void trickle(RawHttp http) {
    CountDownLatch never = new CountDownLatch(1);
    try {
      for (int i = 0; i < 200; i++) {
        http.send(new byte[] {' '});
        if (never.await(20, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (java.io.IOException | InterruptedException e) {
      return; // it has
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String line(int seq, String data) {
    return "{\"seq\":" + seq + ",\"event\":\"e\",\"data\":\"" + data + "\"}\n";
  }
}
