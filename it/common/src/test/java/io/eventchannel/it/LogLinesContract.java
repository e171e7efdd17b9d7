package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.server.Authorization;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.Handshake;
import java.io.IOException;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What peers write into heads, events and closes, and what of it a log shows. */
abstract class LogLinesContract {
  private static final String LINES = "Content-Type: application/x-ndjson";

  private final RecordingServer application = new RecordingServer();

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  @Test
  void S35_nothingThatAPeerWritesEndsALineOfTheLogOrFillsIt() throws Exception {
    // Some containers refuse the first kind themselves, all let the second one in.
    for (String controls : List.of("\u001b[31m\u0007", "\u0085\u009b31m\u2028\u202e")) {
      try (Printed printed = new Printed()) {
        try (ServedFeed server =
            ServedFeed.start(
                this::start,
                feed -> {},
                e -> e.listener(application).authorizer(LogLinesContract::judge))) {
          sendHostileHeads(server, controls + "forged" + "x".repeat(3_000));
          sendHostileEvents(server, controls + "\r\nforged" + "x".repeat(3_000));
          while (!application.events.isEmpty()) {
            printed.add(application.events.remove().toString());
          }
          for (CloseReason reason : application.closed) {
            printed.add(reason.toString());
          }
        }
        List<String> lines = printed.lines();
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("The authorizer failed on a ")));
        if (controls.charAt(0) > 0x7F) {
          assertTrue(lines.stream().anyMatch(line -> line.contains("Refused a request; ")));
        }
        for (String line : lines) {
          assertFalse(line.matches("(?s).*[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}].*"), line);
          assertTrue(line.length() < 800, line);
        }
      }
    }
  }

  private static Authorization judge(Handshake handshake) {
    if (handshake.query("fail") != null) {
      throw new IllegalStateException("the application's own words");
    }
    return Authorization.allow();
  }

  private static void sendHostileHeads(ServedFeed server, String hostile) throws IOException {
    String escaped = URLEncoder.encode("\r\n" + hostile, UTF_8);
    List<String> targets =
        List.of(
            "/feed?fail=" + escaped,
            "/feed?topic=" + escaped,
            "/feed?envelope=" + escaped,
            "/feed?lastEventId=" + escaped,
            "/feed?" + escaped + "=%zz",
            "/feed;x=" + escaped + "?fail=1",
            "/feed/" + escaped);
    List<String> headers = new ArrayList<>();
    for (String name :
        List.of("Origin", "Last-Event-ID", "EventChannel-Id", "Accept", "User-Agent", "Cookie")) {
      headers.add(name + ": " + (name.equals("Origin") ? "https://" : "") + hostile);
    }
    for (String method : List.of("GET", "UPGRADE", "POST", "OPTIONS")) {
      for (String target : targets) {
        request(server, method, target, "X: y");
      }
      for (String header : headers) {
        request(server, method, "/feed", header);
        request(server, method, "/feed?fail=1", header);
      }
      String upgrade =
          method.equals("UPGRADE") ? String.join("\r\n", RawWebSocket.UPGRADE) : "X: y";
      try (RawHttp http = RawHttp.connect(server.port())) {
        String verb = method.equals("UPGRADE") ? "GET" : method;
        String head = verb + " /feed HTTP/1.1\r\nHost: evil" + hostile + "\r\n" + upgrade;
        http.send((head + "\r\n\r\n").getBytes(UTF_8));
        assertTrue(http.head().status() >= 400);
      }
    }
  }

  private static void request(ServedFeed server, String method, String target, String header)
      throws IOException {
    boolean upgrade = method.equals("UPGRADE");
    String[] headers =
        upgrade
            ? Answer.with(RawWebSocket.UPGRADE, header)
            : new String[] {header, LINES, "Content-Length: 0"};
    try (RawHttp http = RawHttp.connect(server.port())) {
      assertTrue(http.send(upgrade ? "GET" : method, target, headers).head().status() > 100);
    }
  }

  private void sendHostileEvents(ServedFeed server, String hostile) throws Exception {
    String text = HostileContentContract.json(hostile, false);
    String oneLine = text.replace("\\u000d\\u000a", "");
    try (RawHttp stream = RawHttp.connect(server.port());
        RawWebSocket socket = server.openSession("")) {
      String id = stream.send("GET", "/feed").head().channel();
      for (String line :
          List.of(
              "{\"event\":\""
                  + oneLine
                  + "\",\"id\":\""
                  + oneLine
                  + "\",\"data\":\""
                  + text
                  + "\"}",
              "{\"seq\":1,\"event\":\"eventchannel." + oneLine + "\",\"data\":\"x\"}",
              "{\"seq\":2,\""
                  + oneLine.substring(0, 20)
                  + "\":\"\",\"event\":\"e\",\"data\":\"\"}")) {
        assertTrue(Answer.post(server, line.getBytes(UTF_8), LINES, id).status() < 300, line);
        socket.text(line);
      }
      for (String line :
          List.of(
              "{\"event\":\"" + text + "\",\"data\":\"x\"}",
              "{\"event\":\"e\",\"topic\":\"" + text + "\",\"data\":\"x\"}")) {
        assertEquals(400, Answer.post(server, line.getBytes(UTF_8), LINES, id).status());
        try (RawWebSocket other = server.openSession("")) {
          other.text(line);
          other.close(1007);
        }
      }
      assertEquals(400, Answer.post(server, hostile.getBytes(UTF_8), LINES, id).status());
      RecordingServer.next(application.events); // of either connection
      byte[] reason = ("??" + hostile.substring(0, 20)).getBytes(UTF_8);
      reason[0] = 0x03;
      reason[1] = (byte) 0xE9; // 1001
      int closed = application.closed.size();
      socket.frame(true, RawWebSocket.CLOSE, reason);
      ServedFeed.await(() -> application.closed.size() > closed, () -> "no end is told");
    }
    try (RawWebSocket socket = server.openSession("")) {
      socket.text(hostile);
      socket.close(1007);
    }
  }
}
