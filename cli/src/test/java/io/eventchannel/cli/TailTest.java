package io.eventchannel.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.ScriptedServer;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class TailTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path folder;

  @Test
  void eventsGoToOutputAndStateChangesToError() throws Exception {
    try (ScriptedServer server = new ScriptedServer()) {
      CompletableFuture<Integer> status =
          tail(
              server.uri("/feed").toString(),
              "--transport",
              "sse",
              "--topic",
              "jvm",
              "--header",
              "X-Key: secret");
      RawConnection first = server.accept();
      first.acceptEventStream().expectHeader("X-Key", "secret");
      first.write("retry: 1\nid: e-1\nevent: cpu\ntopic: jvm\ndata: one\ndata: two\u001b[2J\n\n");
      first.finish();
      RawConnection second = server.accept();
      second.readRequest().expectHeader("Last-Event-ID", "e-1");
      second.respond(204, "");
      assertEquals(0, status.get(20, TimeUnit.SECONDS));
      assertEquals("12:00:00.000  e-1  cpu  [jvm]  one\n    two\uFFFD[2J\n", text(out));
      String notes = text(err);
      assertTrue(notes.contains("open over sse\n"), notes);
      assertTrue(notes.contains("lost: END_OF_STREAM"), notes);
      assertTrue(notes.contains("closed: HTTP_STATUS 204"), notes);
    }
  }

  @Test
  void jsonPrintsOneObjectForEachCallback() throws Exception {
    try (ScriptedServer server = new ScriptedServer()) {
      CompletableFuture<Integer> status =
          tail(server.uri("/feed").toString(), "--transport", "sse", "--json");
      RawConnection connection = server.accept();
      connection.acceptEventStream();
      connection.write("retry: 1\nid: e-1\ndata: say \"hi\"\n\n");
      connection.finish();
      RawConnection second = server.accept();
      second.readRequest();
      second.respond(403, "no");
      assertEquals(1, status.get(20, TimeUnit.SECONDS));
      List<String> lines = text(out).lines().toList();
      assertEquals("{\"callback\":\"open\",\"transport\":\"sse\"}", lines.get(0));
      assertEquals(
          "{\"callback\":\"event\",\"id\":\"e-1\",\"type\":\"message\",\"data\":\"say \\\"hi\\\"\"}",
          lines.get(1));
      assertTrue(
          lines.get(2).startsWith("{\"callback\":\"connectionLost\",\"kind\":\"END_OF_STREAM\""),
          lines.get(2));
      assertTrue(
          lines.get(3).startsWith("{\"callback\":\"closed\",\"kind\":\"HTTP_STATUS\",\"code\":403"),
          lines.get(3));
      assertEquals(4, lines.size());
      assertEquals("", text(err));
    }
  }

  @Test
  void theCursorFileLetsTheNextRunGoOnWhereThisOneEnded() throws Exception {
    Path cursor = folder.resolve("cursor");
    try (ScriptedServer server = new ScriptedServer()) {
      String url = server.uri("/feed").toString();
      CompletableFuture<Integer> first =
          tail(
              url,
              "--transport",
              "sse",
              "--last-event-id",
              "e-0",
              "--cursor-file",
              cursor.toString());
      RawConnection connection = server.accept();
      connection.acceptEventStream().expectHeader("Last-Event-ID", "e-0");
      connection.write("retry: 1\nid: e-1\ndata: one\n\n");
      connection.finish();
      RawConnection end = server.accept();
      end.readRequest();
      end.respond(204, "");
      assertEquals(0, first.get(20, TimeUnit.SECONDS));
      assertEquals("e-1\n", Files.readString(cursor));

      CompletableFuture<Integer> second =
          tail(url, "--transport", "sse", "--cursor-file", cursor.toString());
      RawConnection next = server.accept();
      next.readRequest().expectHeader("Last-Event-ID", "e-1");
      next.respond(204, "");
      assertEquals(0, second.get(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void aWrongCommandLineSaysWhatWasExpected() throws Exception {
    assertUsage("expected a command, got nothing");
    assertUsage("unknown command fly", "fly");
    assertUsage("expected one URL, got 0", "tail");
    assertUsage("expected one URL, got 2", "tail", "http://a/", "http://b/");
    assertUsage("expected an http, https, ws or wss URL, got ftp://a/", "tail", "ftp://a/");
    assertUsage("unknown option --fast", "tail", "--fast", "http://a/");
    assertUsage("--topic needs a value", "tail", "http://a/", "--topic");
    assertUsage(
        "--transport: expected auto, websocket or sse, got pigeon",
        "tail",
        "http://a/",
        "--transport",
        "pigeon");
    assertUsage(
        "--header: expected 'NAME: VALUE', got no colon after a name",
        "tail",
        "http://a/",
        "--header",
        "Authorization");
    assertUsage(
        "--topic: expected [A-Za-z0-9._:/-]{1,200}, got 9 other characters",
        "tail",
        "http://a/",
        "--topic",
        "two words");
  }

  @Test
  void helpIsNoError() throws Exception {
    assertEquals(
        0,
        Main.run(
            List.of("tail", "--help"),
            InputStream.nullInputStream(),
            stream(out),
            stream(err),
            NOON));
    assertTrue(text(out).startsWith("usage: eventchannel tail URL"), text(out));
  }

  private void assertUsage(String message, String... words) throws Exception {
    err.reset();
    assertEquals(
        2, Main.run(List.of(words), InputStream.nullInputStream(), stream(out), stream(err), NOON));
    assertEquals("eventchannel: " + message, text(err).lines().findFirst().orElse(""));
  }

  private CompletableFuture<Integer> tail(String... options) {
    String[] words = new String[options.length + 1];
    words[0] = "tail";
    System.arraycopy(options, 0, words, 1, options.length);
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return Main.run(
                List.of(words), InputStream.nullInputStream(), stream(out), stream(err), NOON);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> new Thread(task, "tail").start());
  }

  private static PrintStream stream(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream from) {
    return from.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
