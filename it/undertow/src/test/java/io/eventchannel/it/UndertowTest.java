package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.jakarta.HastyServlets;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.Authorization;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What is so on Undertow alone: two threads read and write for all connections, and whoever keeps
 * one of them waiting keeps half of the users waiting.
 */
final class UndertowTest {
  private static final String LINES = "Content-Type: application/x-ndjson";

  private final RecordingServer application = new RecordingServer();

  @Test
  void theAuthorizerNeverRunsOnAnIoThread() throws Exception {
    Queue<String> threads = new ConcurrentLinkedQueue<>();
    try (ServedFeed server =
            ServedFeed.start(
                UndertowServer::start,
                feed -> {},
                endpoint ->
                    endpoint
                        .listener(application)
                        .authorizer(
                            handshake -> {
                              threads.add(Thread.currentThread().getName());
                              return Authorization.allow();
                            }));
        RawWebSocket socket = server.openSession("");
        RawHttp stream = RawHttp.connect(server.port());
        RawHttp http = RawHttp.connect(server.port())) {
      assertNotNull(socket);
      String id =
          "EventChannel-Id: " + stream.send("GET", "/feed").head().header("EventChannel-Id");
      assertEquals(204, http.post("/feed", line(1).getBytes(UTF_8), LINES, id).head().status());
      assertTrue(threads.size() >= 3, threads.toString());
      for (String thread : threads) {
        assertFalse(thread.contains("I/O"), threads.toString());
      }
    }
  }

  @Test
  void S27_bodiesThatTrickleAreCutOffAtTheDeadlineAndHoldNobodyUp() throws Exception {
    try (ServedFeed server =
            ServedFeed.start(
                UndertowServer::start,
                feed -> {},
                endpoint -> endpoint.listener(application).maxUpstreamBytes(1_000));
        UndertowServer hasty =
            UndertowServer.start("/hasty", HastyServlets.withPostDeadline(server.endpoint, 1_000));
        RawHttp stream = RawHttp.connect(server.port())) {
      String id =
          "EventChannel-Id: " + stream.send("GET", "/feed").head().header("EventChannel-Id");
      List<RawHttp> trickling = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 40; i++) { // more than there are threads to keep waiting
        RawHttp http = RawHttp.connect(hasty.port());
        trickling.add(http);
        String length = i % 2 == 0 ? "Content-Length: 900" : "Transfer-Encoding: chunked";
        http.send("POST", "/hasty", LINES, id, length);
        Thread thread = new Thread(() -> trickle(http, length.endsWith("chunked")));
        thread.start();
        threads.add(thread);
      }
      try (RawHttp http = RawHttp.connect(hasty.port())) {
        assertEquals(204, http.post("/hasty", line(1).getBytes(UTF_8), LINES, id).head().status());
      }
      for (RawHttp http : trickling) {
        assertThrows(IOException.class, http::head);
        http.close();
      }
      for (Thread thread : threads) {
        thread.join(10_000);
      }
      server.publish("lives");
      assertNotNull(stream.blockWith("data: lives"));
    }
  }

  @Test
  void S27_anApplicationThatTakesTooLongIsToldAtTheDeadline() throws Exception {
    CountDownLatch stuck = new CountDownLatch(1);
    try (ServedFeed server =
            ServedFeed.start(
                UndertowServer::start,
                feed -> {},
                endpoint ->
                    endpoint
                        .listener(application)
                        .applicationExecutor(
                            task ->
                                new Thread(
                                        () -> {
                                          await(stuck);
                                          task.run();
                                        })
                                    .start()));
        UndertowServer hasty =
            UndertowServer.start("/hasty", HastyServlets.withPostDeadline(server.endpoint, 1_000));
        RawHttp stream = RawHttp.connect(server.port());
        RawHttp http = RawHttp.connect(hasty.port())) {
      String id =
          "EventChannel-Id: " + stream.send("GET", "/feed").head().header("EventChannel-Id");
      RawHttp.Head head = http.post("/hasty", line(1).getBytes(UTF_8), LINES, id).head();
      stuck.countDown();
      assertEquals(503, head.status());
      assertEquals("0", head.header("EventChannel-Ack"));
    }
  }

  @Test
  void S26_theSocketOfAPeerThatDoesNotReadIsClosedWithItsConnection() throws Exception {
    SlowConsumerPolicy policy =
        SlowConsumerPolicy.stayInLog().withStallTimeout(Duration.ofSeconds(1));
    try (ServedFeed server =
        ServedFeed.start(
            UndertowServer::start,
            feed -> feed.slowConsumerPolicy(policy),
            endpoint -> endpoint.listener(application))) {
      RawHttp stream = RawHttp.connect(server.port(), 4 * 1024);
      stream.send("GET", "/feed").head();
      RawHttp socket = RawHttp.connect(server.port(), 4 * 1024);
      RawWebSocket.open(socket, "/feed");
      server.awaitConnections(2);
      for (int i = 0; i < 8; i++) {
        server.publish("big", Event.message("x".repeat(1_000_000)));
      }
      for (int i = 0; i < 2; i++) {
        assertEquals(
            CloseReason.Kind.WRITE_TIMEOUT, RecordingServer.next(application.closed).kind());
      }
      assertEnds(stream);
      assertEnds(socket);
    }
  }

  /** Reads what is on its way, up to the end of the connection, however that comes. */
  private static void assertEnds(RawHttp http) throws IOException {
    try {
      while (http.read() >= 0) {
        // what the kernels held
      }
    } catch (EOFException | SocketException reset) {
      return;
    } finally {
      http.close();
    }
  }

  private static void trickle(RawHttp http, boolean chunked) {
    CountDownLatch never = new CountDownLatch(1);
    try {
      for (int i = 0; i < 400; i++) {
        http.send((chunked ? "1\r\n \r\n" : " ").getBytes(UTF_8));
        if (never.await(20, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (IOException | InterruptedException e) {
      return; // the server has had enough
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String line(int seq) {
    return "{\"seq\":" + seq + ",\"event\":\"e\",\"data\":\"x\"}\n";
  }
}
