package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.examples.DemoServer;
import io.eventchannel.examples.HelloFeed;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ExamplesTest {
  @Test
  void helloFeedPrintsWhatItPublishes() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream console = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      HelloFeed.main(new String[0]);
    } finally {
      System.setOut(console);
    }
    assertEquals(
        List.of("open over websocket", "hello: Ada", "hello: Grace", "hello: Barbara"),
        printed.toString(StandardCharsets.UTF_8).lines().toList());
  }

  @Test
  void theDemoServesItsPageAndItsMetrics() throws Exception {
    try (DemoServer demo = DemoServer.start(0)) {
      String base = "http://127.0.0.1:" + demo.port();
      HttpClient http = HttpClient.newHttpClient();
      String page =
          http.send(HttpRequest.newBuilder(URI.create(base + "/")).build(), BodyHandlers.ofString())
              .body();
      assertTrue(page.contains("One feed, two transports"), page);
      var feed =
          http.send(
              HttpRequest.newBuilder(URI.create(base + "/feed")).build(), BodyHandlers.ofLines());
      assertEquals(
          "retry: 2000", feed.body().filter(line -> !line.isEmpty()).findFirst().orElse(""));
      assertEquals(
          404,
          http.send(
                  HttpRequest.newBuilder(URI.create(base + "/elsewhere")).build(),
                  BodyHandlers.discarding())
              .statusCode());
    }
  }
}
