package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.tck.RawFrames.Frame;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ScriptedServerTest {
  private static final Duration SHORT = Duration.ofMillis(50);

  @Test
  void aTestLeadsAConnectionByItself() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        Socket client = connect(server)) {
      RawConnection connection = server.accept();
      send(client, "GET /feed?topic=a HTTP/1.1\r\nHost: x\r\nLast-Event-ID: e-5\r\n\r\n");
      RawRequest request = connection.acceptEventStream("EventChannel-Version: 1");
      assertEquals("GET", request.method());
      assertEquals("/feed?topic=a", request.target());
      request.expectHeader("last-event-id", "e-5").expectNoHeader("Origin");
      connection.write("data: 1\n\n");
      connection.close();

      assertEquals(
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nEventChannel-Version: 1\r\n"
              + "Connection: close\r\n\r\ndata: 1\n\n",
          new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      assertEquals(request, server.takeRequest());
      assertEquals(1, server.connectionCount());
    }
  }

  @Test
  void scriptsLeadConnectionsInOrderAndARealClientUnderstandsThem() throws Exception {
    try (ScriptedServer server = new ScriptedServer()) {
      server
          .onConnection(
              connection -> {
                assertEquals("hello", connection.readRequest().body());
                connection.respond(503, "later", "Retry-After: 7", "Connection: close");
              })
          .onEveryConnection(
              connection -> {
                connection.readRequest();
                connection.respond(204, "", "Connection: close");
              });
      HttpClient client = HttpClient.newHttpClient();
      HttpRequest post =
          HttpRequest.newBuilder(server.uri("/feed"))
              .version(HttpClient.Version.HTTP_1_1)
              .POST(HttpRequest.BodyPublishers.ofString("hello"))
              .build();
      var first = client.send(post, BodyHandlers.ofString());
      assertEquals(503, first.statusCode());
      assertEquals("later", first.body());
      assertEquals(List.of("7"), first.headers().allValues("Retry-After"));
      assertEquals(204, client.send(post, BodyHandlers.discarding()).statusCode());
      assertEquals(204, client.send(post, BodyHandlers.discarding()).statusCode());
    }
  }

  @Test
  void aRealWebSocketClientTakesTheUpgradeAndItsFrames() throws Exception {
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            received.add(text.toString());
            socket.request(1);
            return null;
          }

          @Override
          public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            received.add(code + " " + reason);
            return null;
          }
        };
    try (ScriptedServer server = new ScriptedServer()) {
      BlockingQueue<Frame> atServer = new LinkedBlockingQueue<>();
      server.onConnection(
          connection -> {
            connection.acceptWebSocket();
            connection.write(RawFrames.text("tick"));
            atServer.add(connection.readFrame());
            connection.write(RawFrames.close(4001, "fresh credentials"));
            atServer.add(connection.readFrame());
          });
      WebSocket socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .buildAsync(java.net.URI.create("ws://127.0.0.1:" + server.port() + "/"), listener)
              .get(10, TimeUnit.SECONDS);
      assertEquals("tick", received.poll(10, TimeUnit.SECONDS));
      socket.sendText("tock", true).get(10, TimeUnit.SECONDS);
      Frame tock = atServer.poll(10, TimeUnit.SECONDS);
      assertEquals("tock", tock.text());
      assertTrue(tock.masked());
      assertEquals("4001 fresh credentials", received.poll(10, TimeUnit.SECONDS));
      assertEquals(4001, atServer.poll(10, TimeUnit.SECONDS).closeCode());
    }
  }

  @Test
  void finishIsSeenAsTheEndAndResetAsAReset() throws Exception {
    try (ScriptedServer server = new ScriptedServer()) {
      try (Socket client = connect(server)) {
        RawConnection connection = server.accept();
        connection.write("x");
        connection.finish();
        assertEquals('x', client.getInputStream().read());
        assertEquals(-1, client.getInputStream().read());
        client.close();
        connection.awaitEnd();
      }
      try (Socket client = connect(server)) {
        server.accept().reset();
        InputStream in = client.getInputStream();
        assertThrows(SocketException.class, in::read);
      }
    }
  }

  @Test
  void aStalledScriptGoesOnWhenTold() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    try (ScriptedServer server = new ScriptedServer();
        Socket client = connect(server.onConnection(c -> stallThenWrite(c, told)))) {
      assertEquals('1', client.getInputStream().read());
      assertEquals(0, client.getInputStream().available());
      told.countDown();
      assertEquals('2', client.getInputStream().read());
      assertEquals(-1, client.getInputStream().read());
    }
  }

  private static void stallThenWrite(RawConnection connection, CountDownLatch told)
      throws Exception {
    connection.write("1");
    connection.stallUntil(told);
    connection.write("2");
  }

  @Test
  void aScriptThatFailsFailsTheClose() throws Exception {
    ScriptedServer server = new ScriptedServer();
    server.onConnection(
        connection -> connection.readRequest().expectHeader("Last-Event-ID", "e-5"));
    try (Socket client = connect(server)) {
      send(client, "GET / HTTP/1.1\r\nLast-Event-ID: e-4\r\n\r\n");
      assertEquals(-1, client.getInputStream().read());
    }
    AssertionError error = assertThrows(AssertionError.class, server::close);
    assertEquals("1 scripts failed", error.getMessage());
    assertTrue(
        error.getCause().getMessage().startsWith("expected header Last-Event-ID: e-5, got [e-4]"),
        error.getCause()::getMessage);
    server.close();
  }

  @Test
  void whatAClientDoesNotDoFailsWithinThePatience() throws Exception {
    try (ScriptedServer server = new ScriptedServer(SHORT);
        Socket client = connect(server)) {
      RawConnection connection = server.accept();
      assertFailsWith("expected a request within", connection::readRequest);
      assertFailsWith("expected a frame within", connection::readFrame);
      assertFailsWith("expected the client to end", connection::awaitEnd);
      assertFailsWith("was not told to go on", () -> connection.stallUntil(new CountDownLatch(1)));
      assertFailsWith("expected a connection within", server::accept);
      assertFailsWith("expected a request within", server::takeRequest);
      client.close();
      assertFailsWith("but the client closed", connection::readRequest);
    }
  }

  @Test
  void anUpgradeThatIsNoneFails() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        Socket client = connect(server)) {
      send(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertFailsWith("expected a WebSocket upgrade", server.accept()::acceptWebSocket);
    }
  }

  @Test
  void aMalformedRequestFailsAndIsNamed() throws Exception {
    try (ScriptedServer server = new ScriptedServer()) {
      for (String request :
          List.of("GET /\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HT")) {
        try (Socket client = connect(server)) {
          send(client, request);
          client.shutdownOutput();
          IOException error =
              assertThrows(IOException.class, server.accept()::readRequest, request);
          assertTrue(error.getMessage().startsWith("request: "), error::getMessage);
        }
      }
    }
  }

  @Test
  void closeEndsStalledScriptsAndAllThreadsAndIsNoFailure() throws Exception {
    ScriptedServer server = new ScriptedServer();
    String prefix = "scripted-server-" + server.port();
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch stalling = new CountDownLatch(2);
    server
        .onConnection(
            connection -> {
              stalling.countDown();
              connection.stallUntil(never);
            })
        .onConnection(
            connection -> {
              stalling.countDown();
              connection.readRequest();
            });
    try (Socket one = connect(server);
        Socket two = connect(server)) {
      assertTrue(stalling.await(10, TimeUnit.SECONDS));
      assertEquals(3, threads(prefix));
      server.close();
      assertEquals(0, threads(prefix));
      assertEquals(-1, one.getInputStream().read());
      assertEquals(-1, two.getInputStream().read());
    }
  }

  private static long threads(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(prefix))
        .count();
  }

  private interface Action {
    void run() throws Exception;
  }

  private static void assertFailsWith(String part, Action action) {
    AssertionError error = assertThrows(AssertionError.class, action::run);
    assertTrue(error.getMessage().contains(part), error::getMessage);
  }

  private static Socket connect(ScriptedServer server) throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port());
    client.setSoTimeout(10_000);
    return client;
  }

  private static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }
}
