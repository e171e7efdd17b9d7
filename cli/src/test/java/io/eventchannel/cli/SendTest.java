package io.eventchannel.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RawRequest;
import io.eventchannel.tck.ScriptedServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class SendTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);
  private static final String OURS = "EventChannel-Version: 1";
  private static final String ID = "EventChannel-Id: c-1";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void anEventGoesOverWebSocketAndItsAcknowledgementEndsTheCommand() throws Exception {
    try (ScriptedServer server = new ScriptedServer()) {
      CompletableFuture<Integer> status =
          send("", url(server), "--event", "chat", "--header", "X-Key: k", "--", "-hi-");
      RawConnection connection = server.accept();
      connection
          .acceptWebSocket(OURS, "Sec-WebSocket-Protocol: eventchannel.v1.json")
          .expectHeader("X-Key", "k");
      connection.write(
          RawFrames.text(
              "{\"event\":\"eventchannel.hello\","
                  + "\"data\":\"{\\\"channel\\\":\\\"c-1\\\",\\\"heartbeat\\\":15000}\"}"));
      String line = new String(connection.readFrame().payload(), StandardCharsets.UTF_8);
      assertEquals("{\"seq\":1,\"event\":\"chat\",\"data\":\"-hi-\"}\n", line);
      assertTrue(!status.isDone(), "ended before the application had it");
      connection.write(
          RawFrames.text("{\"event\":\"eventchannel.ack\",\"data\":\"{\\\"seq\\\":1}\"}"));
      assertEquals(0, status.get(20, TimeUnit.SECONDS));
      assertEquals("", text(out));
      assertEquals("", text(err));
    }
  }

  @Test
  void eachLineOfInputIsAnEventAndOneThatIsRefusedIsToldByItsNumber() throws Exception {
    try (ScriptedServer server = new ScriptedServer()) {
      CompletableFuture<Integer> status =
          send("one\ntwo\nthree", url(server), "--transport", "sse", "-");
      RawConnection stream = server.accept();
      stream.acceptEventStream(OURS, ID);
      RawConnection posts = server.accept();
      List<String> lines = new ArrayList<>();
      while (lines.size() < 3) {
        RawRequest post = posts.readRequest();
        post.body().lines().forEach(lines::add);
        String refusal =
            "{\"event\":\"eventchannel.refused\",\"data\":\"{\\\"seq\\\":2,\\\"reason\\\":\\\"no\\\"}\"}\n";
        boolean two = post.body().contains("two");
        posts.respond(
            two ? 200 : 204, two ? refusal : "", OURS, "EventChannel-Ack: " + lines.size());
      }
      assertEquals(1, status.get(20, TimeUnit.SECONDS));
      assertEquals(
          List.of(
              "{\"seq\":1,\"data\":\"one\"}",
              "{\"seq\":2,\"data\":\"two\"}",
              "{\"seq\":3,\"data\":\"three\"}"),
          lines);
      assertEquals("eventchannel: event 2: no\n", text(err));
    }
  }

  @Test
  void aFeedThatTakesNothingOrIsGivenUpIsStatusOne() throws Exception {
    try (ScriptedServer server = new ScriptedServer()) {
      CompletableFuture<Integer> oneWay = send("", url(server), "--transport", "sse", "x");
      server.accept().acceptEventStream();
      assertEquals(1, oneWay.get(20, TimeUnit.SECONDS));
      assertEquals("eventchannel: event 1: send: the connection goes one way only\n", text(err));
      err.reset();

      CompletableFuture<Integer> refused = send("", url(server), "--transport", "sse", "x");
      RawConnection connection = server.accept();
      connection.readRequest();
      connection.respond(403, "no");
      assertEquals(1, refused.get(20, TimeUnit.SECONDS));
      assertTrue(text(err).contains("closed: HTTP_STATUS 403"), text(err));
    }
  }

  @Test
  void aWrongCommandLineSaysWhatWasExpected() throws Exception {
    assertUsage("expected a URL, and data or -, got 0 words", "send");
    assertUsage("expected a URL, and data or -, got 1 words", "send", "http://a/");
    assertUsage("expected a URL, and data or -, got 3 words", "send", "http://a/", "b", "c");
    assertUsage("unknown option --fast", "send", "--fast", "http://a/", "b");
    assertUsage("--event needs a value", "send", "http://a/", "b", "--event");
    err.reset();
    assertEquals(2, run("", List.of("send", "http://a/", "b", "--event", "eventchannel.ack")));
    assertTrue(text(err).startsWith("eventchannel: --event: "), text(err));
  }

  @Test
  void helpIsNoError() throws Exception {
    assertEquals(0, run("", List.of("send", "--help")));
    assertTrue(text(out).startsWith("usage: eventchannel send URL"), text(out));
    assertEquals(0, run("", List.of("--help")));
    assertTrue(text(out).contains("usage: eventchannel tail URL"), text(out));
  }

  private static String url(ScriptedServer server) {
    return server.uri("/feed").toString();
  }

  private void assertUsage(String message, String... words) throws Exception {
    err.reset();
    assertEquals(2, run("", List.of(words)));
    assertEquals("eventchannel: " + message, text(err).lines().findFirst().orElse(""));
  }

  private CompletableFuture<Integer> send(String input, String... options) {
    List<String> words = new ArrayList<>(List.of("send"));
    words.addAll(List.of(options));
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return run(input, words);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> new Thread(task, "send").start());
  }

  private int run(String input, List<String> words) throws InterruptedException {
    return Main.run(
        words,
        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
        stream(out),
        stream(err),
        NOON);
  }

  private static PrintStream stream(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream from) {
    return from.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
