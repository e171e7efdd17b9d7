package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.Authorization;
import io.eventchannel.server.Handshake;
import io.eventchannel.transport.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client whose machine falls asleep: all its threads stand still, its clock goes on, and when it
 * wakes everything is late at once.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class SuspendedClientTest {
  private static final Duration HEARTBEAT =
      Duration.ofSeconds(1); // the deadline is 2.5 s on either side
  private static final int HEARTBEATS_ASLEEP = 4;
  private static final int HEARTBEATS_AFTER = 1;
  private static final int EVENTS_ASLEEP = 60;

  private final AtomicInteger attempts = new AtomicInteger();

  @BeforeAll
  static void signals() {
    boolean posix = java.io.File.separatorChar == '/';
    Assumptions.assumeTrue(posix, "there are no signals to stop a process by");
  }

  @ParameterizedTest
  @ValueSource(strings = {Transport.WEBSOCKET, Transport.SSE})
  void F21_aClientThatStoodStillReconnectsOnceWhenItWakesAndMissesNothing(
      String transport, @TempDir Path folder) throws Exception {
    try (FeedServer server = start();
        RawHttp awake = server.openStream("?topic=none");
        ClientProcess client = start(server, transport, folder)) {
      client.process().suspend();
      int published = publish(server, 1, EVENTS_ASLEEP);
      // The server gives it up: a WebSocket by its pings, a stream by what it does not take.
      server.awaitConnections(1);
      passHeartbeats(HEARTBEATS_ASLEEP, server, awake);
      client.process().resume();
      client.journal.await("event", published);
      // Timers that are late, too, would show in what follows: it needs a connection that lasts.
      published = publish(server, published, 1);
      client.journal.await("event", published);
      passHeartbeats(HEARTBEATS_AFTER, server, awake);

      server.awaitConnections(2);
      assertEquals(IntStream.rangeClosed(1, published).boxed().toList(), client.journal.numbers());
      List<String> lost = client.journal.lines("lost");
      assertEquals(1, lost.size(), lost::toString);
      assertEquals(2, attempts.get(), lost::toString);
      assertEquals(2, client.journal.lines("open").size());
      assertEquals(published + 3, client.journal.lines().size(), "no other call");
    }
  }

  @Test
  void F21_aStreamThatTheServerKeptIsGivenUpAtMostOnceWhenItsClientWakes(@TempDir Path folder)
      throws Exception {
    try (FeedServer server = start();
        RawHttp awake = server.openStream("?topic=none");
        ClientProcess client = start(server, Transport.SSE, folder)) {
      client.process().suspend();
      passHeartbeats(HEARTBEATS_ASLEEP, server, awake);
      // It wakes to a deadline that has passed and to bytes that say otherwise.
      client.process().resume();
      int published = publish(server, 1, 1);
      client.journal.await("event", published);
      passHeartbeats(HEARTBEATS_AFTER, server, awake);

      assertTrue(attempts.get() <= 2, () -> "attempts; " + client.journal.lines("lost"));
      assertEquals(IntStream.rangeClosed(1, published).boxed().toList(), client.journal.numbers());
      assertEquals(attempts.get(), client.journal.lines("open").size());
      assertEquals(attempts.get() - 1, client.journal.lines("lost").size());
    }
  }

  private FeedServer start() {
    return FeedServer.start(
        feed ->
            feed.slowConsumerPolicy(
                SlowConsumerPolicy.stayInLog().withStallTimeout(Duration.ofSeconds(1))),
        endpoint -> endpoint.heartbeat(HEARTBEAT).authorizer(this::count),
        tomcat -> tomcat.connector("socket.txBufSize", "8192"));
  }

  private Authorization count(Handshake handshake) {
    if (handshake.header("EventChannel-Version") != null) {
      attempts.incrementAndGet();
    }
    return Authorization.allow();
  }

  /** Starts a client, which has handled the event 1 when this returns. */
  private static ClientProcess start(FeedServer server, String transport, Path folder)
      throws Exception {
    ClientProcess client =
        ClientProcess.start(
            server.tomcat.uri(FeedServer.PATH + "?topic=n").toString(),
            transport,
            folder.resolve("journal"));
    client.journal.await("open", 1);
    publish(server, 0, 1);
    client.journal.await("event", 1);
    return client;
  }

  /** Publishes events so long that they do not fit into the buffers between server and client. */
  private static int publish(FeedServer server, int from, int count) {
    for (int number = from + 1; number <= from + count; number++) {
      server.publish("n", Event.message(number + " " + "x".repeat(100_000)));
    }
    return from + count;
  }

  /** Returns when from now on the server has sent so many heartbeats to a client that is awake. */
  private static void passHeartbeats(int count, FeedServer server, RawHttp awake) throws Exception {
    server.publish("none", Event.message("now"));
    assertNotNull(awake.blockWith("data: now"));
    for (int i = 0; i < count; i++) {
      assertNotNull(awake.blockOrHeartbeat());
    }
  }
}
