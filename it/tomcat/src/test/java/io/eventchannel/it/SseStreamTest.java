package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.codec.SseLimits;
import io.eventchannel.codec.SseParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a stream looks like on the wire. */
class SseStreamTest {
  @Test
  void SSE_S_01_aStreamIs200AndEventStreamAndUtf8() throws Exception {
    try (FeedServer server = FeedServer.start();
        RawHttp http = RawHttp.connect(server.port())) {
      RawHttp.Head head = http.send("GET", "/feed", "Accept: text/event-stream").head();
      assertEquals(200, head.status());
      assertTrue(
          List.of("text/event-stream", "text/event-stream;charset=utf-8")
              .contains(String.valueOf(head.header("Content-Type"))),
          head.toString());
      http.blockWith("event: eventchannel.position");
      server.publish("grüße €😀");
      assertNotNull(http.blockWith("data: grüße €😀"));
    }
  }

  @Test
  void SSE_S_02_theHeadForbidsStoringAndTransforming() throws Exception {
    try (FeedServer server = FeedServer.start();
        RawHttp http = RawHttp.connect(server.port())) {
      RawHttp.Head head = http.send("GET", "/feed").head();
      assertEquals("no-store, no-transform", head.header("Cache-Control"));
      assertNull(head.header("ETag"));
      assertNull(head.header("Content-Length"));
      assertNull(head.header("Connection"));
      assertNull(head.header("Content-Encoding"));
    }
  }

  @Test
  void SSE_S_03_theHeadAsksAProxyNotToBuffer() throws Exception {
    try (FeedServer server = FeedServer.start();
        RawHttp http = RawHttp.connect(server.port())) {
      assertEquals("no", http.send("GET", "/feed").head().header("X-Accel-Buffering"));
    }
  }

  @Test
  void SSE_S_04_theHeadLeavesBeforeAnyEventFollowedByRetryAndPosition() throws Exception {
    try (FeedServer server = FeedServer.start();
        RawHttp http = server.stream("")) {
      assertEquals("retry: 2000\n\n", http.block());
      String position = Objects.requireNonNull(http.block());
      assertTrue(position.contains("event: eventchannel.position\n"), position);
      assertTrue(position.contains("id: "), position);
    }
  }

  @Test
  void SSE_S_05_bytesOfOneEventNeverMixWithAnothersOrAHeartbeats() throws Exception {
    int each = 300;
    try (FeedServer server = FeedServer.start(e -> e.heartbeat(Duration.ofMillis(10)));
        RawHttp http = server.stream("")) {
      http.block();
      CountDownLatch go = new CountDownLatch(1);
      List<Thread> publishers = new ArrayList<>();
      for (int p = 0; p < 4; p++) {
        String name = "p" + p;
        Thread publisher =
            new Thread(
                () -> {
                  try {
                    go.await();
                  } catch (InterruptedException e) {
                    return;
                  }
                  for (int i = 0; i < each; i++) {
                    String line = name + " " + i;
                    server.feed.publish("t", Event.message((line + "\n").repeat(i % 40) + line));
                  }
                });
        publisher.start();
        publishers.add(publisher);
      }
      go.countDown();
      int[] next = new int[4];
      for (int seen = 0; seen < 4 * each; ) {
        String block = Objects.requireNonNull(http.blockOrHeartbeat());
        if (block.startsWith(":") || block.contains("event: eventchannel.position\n")) {
          continue; // heartbeats: the first of them may come before there is a position to tell
        }
        List<String> data = data(block);
        String[] first = data.get(0).split(" ");
        int publisher = Integer.parseInt(first[0].substring(1));
        int number = Integer.parseInt(first[1]);
        assertEquals(next[publisher]++, number, block);
        assertEquals(number % 40 + 1, data.size(), block);
        assertEquals(1, data.stream().distinct().count(), block);
        seen++;
      }
      for (Thread publisher : publishers) {
        publisher.join(10_000);
      }
    }
  }

  @Test
  void SSE_S_10_everyLineOfAPaddingCommentHasItsColon() throws Exception {
    try (FeedServer server = FeedServer.start();
        RawHttp http = server.stream("?padding=true")) {
      String block = Objects.requireNonNull(http.block());
      StringBuilder comment = new StringBuilder();
      while (!block.startsWith("retry:")) {
        comment.append(block);
        for (String line : block.split("\n")) {
          assertTrue(line.startsWith(":") || line.startsWith("retry: "), line);
        }
        if (block.contains("retry: ")) {
          break;
        }
        block = Objects.requireNonNull(http.block());
      }
      assertTrue(comment.length() >= 2048, comment.length() + " bytes of padding");
    }
  }

  @Test
  void SSE_S_11_retryIsInAsciiDigitsWhateverTheLocale() throws Exception {
    Locale before = Locale.getDefault();
    try {
      for (String language : List.of("ar-EG-u-nu-arab", "fa-IR-u-nu-arabext", "hi-IN-u-nu-deva")) {
        Locale.setDefault(Locale.forLanguageTag(language));
        try (FeedServer server = FeedServer.start(e -> e.retry(Duration.ofMillis(1234)));
            RawHttp http = server.stream("")) {
          assertEquals("retry: 1234\n\n", http.block());
        }
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void SSE_S_12_loneSurrogatesBecomeReplacementCharactersAndAByteOrderMarkArrives()
      throws Exception {
    try (FeedServer server = FeedServer.start();
        RawHttp http = server.openStream("")) {
      server.publish("a\ud800b");
      server.publish("\udc00");
      server.publish("\ufeffbom");
      assertNotNull(http.blockWith("data: a\ufffdb"));
      assertNotNull(http.blockWith("data: \ufffd"));
      assertNotNull(http.blockWith("data: \ufeffbom"));
    }
  }

  @Test
  void SSE_S_13_parsingWhatCameOverTheWireGivesTheEventsAgain() throws Exception {
    Random random = new Random(13);
    String[] pieces = {
      "a", " ", "\n", ":", "data: x", "é", "\ud83d\ude00", "\t", "\u0085", "id: 7", ""
    };
    List<Event> published = new ArrayList<>();
    try (FeedServer server = FeedServer.start();
        RawHttp http = server.stream("")) {
      http.block();
      http.block();
      for (int i = 0; i < 300; i++) {
        StringBuilder data = new StringBuilder();
        for (int n = random.nextInt(12); n > 0; n--) {
          data.append(pieces[random.nextInt(pieces.length)]);
        }
        Event event = Event.of(i % 3 == 0 ? "message" : " type " + i, data.toString());
        published.add(event.withTopic("t").withId(server.publish("t", event)));
      }
      List<Event> parsed = new ArrayList<>();
      SseParser parser = new SseParser(new Events(parsed), SseLimits.ofEvent(1024 * 1024), "");
      while (parsed.size() < published.size()) {
        byte[] block = Objects.requireNonNull(http.block()).getBytes(UTF_8);
        for (int from = 0; from < block.length; ) {
          int length = Math.min(1 + random.nextInt(9), block.length - from);
          parser.feed(block, from, length);
          from += length;
        }
      }
      assertEquals(published, parsed);
    }
  }

  @Test
  void SSE_S_20_aStreamOutlivesTheContainersAsyncTimeout() throws Exception {
    try (FeedServer server =
            FeedServer.start(
                feed -> {},
                endpoint -> endpoint.heartbeat(Duration.ofMillis(100)),
                tomcat -> tomcat.connector("asyncTimeout", "200"));
        RawHttp http = server.stream("")) {
      // Tomcat looks at its timeouts once a second.
      long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2_500);
      while (System.nanoTime() - until < 0) {
        assertNotNull(http.blockOrHeartbeat());
      }
      server.publish("still here");
      assertNotNull(http.blockWith("data: still here"));
    }
  }

  @Test
  void SSE_S_21_aClientWithoutChunksGetsABodyThatEndsWithTheConnection() throws Exception {
    try (FeedServer server = FeedServer.start();
        RawHttp http = RawHttp.connect(server.port())) {
      http.send("GET /feed HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".getBytes(UTF_8));
      RawHttp.Head head = http.head();
      assertEquals(200, head.status());
      assertNull(head.header("Transfer-Encoding"));
      assertEquals("retry: 2000\n\n", http.block());
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
  void SSE_S_23_closingTheEndpointEndsAStreamWithRetryGoodbyeAndFinalChunk() throws Exception {
    try (FeedServer server = FeedServer.start();
        RawHttp http = server.stream("")) {
      assertEndsWithGoodbye(http, server.endpoint::close);
    }
  }

  @Test
  void SSE_S_23_stoppingTheContainerEndsAStreamWithRetryGoodbyeAndFinalChunk() throws Exception {
    try (FeedServer server = FeedServer.start();
        RawHttp http = server.stream("")) {
      assertEndsWithGoodbye(http, server.tomcat::stop);
    }
  }

  private static void assertEndsWithGoodbye(RawHttp http, Runnable end) throws Exception {
    http.block();
    http.block();
    Thread ending = new Thread(end);
    ending.start();
    String retry = Objects.requireNonNull(http.block());
    assertTrue(retry.matches("retry: [0-9]+\n\n"), retry);
    String goodbye = Objects.requireNonNull(http.block());
    assertTrue(goodbye.contains("event: eventchannel.goodbye\n"), goodbye);
    assertTrue(goodbye.contains("\"code\":1001"), goodbye);
    assertNull(http.block());
    assertTrue(http.endedByFinalChunk());
    ending.join(10_000);
    assertFalse(ending.isAlive());
  }

  private static List<String> data(String block) {
    List<String> data = new ArrayList<>();
    for (String line : block.split("\n")) {
      if (line.startsWith("data: ")) {
        data.add(line.substring(6));
      }
    }
    return data;
  }

  /** Keeps the events of a parser. */
  private record Events(List<Event> events) implements SseParser.Sink {
    @Override
    public void onEvent(Event event) {
      if (!event.type().startsWith("eventchannel.")) {
        events.add(event);
      }
    }

    @Override
    public void onLastEventId(String lastEventId) {}

    @Override
    public void onRetry(long millis) {}

    @Override
    public void onComment(String text) {}
  }
}
