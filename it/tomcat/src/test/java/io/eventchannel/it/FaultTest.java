package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.policy.SlowConsumerPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Peers that vanish, and peers that do not read. */
class FaultTest {
  private static final int SMALL = 4 * 1024;

  private final RecordingServer application = new RecordingServer();

  @Test
  void F05_theServerFreesAStreamWhoseClientHasReset() throws Exception {
    try (FeedServer server =
        FeedServer.start(
            endpoint -> endpoint.listener(application).heartbeat(Duration.ofMillis(100)))) {
      RawHttp stays = server.openStream("");
      for (int i = 0; i < 10; i++) {
        RawHttp leaves = server.stream("");
        leaves.block();
        leaves.reset();
      }
      for (int i = 0; i < 10; i++) {
        assertEquals(CloseReason.Kind.NETWORK, RecordingServer.next(application.closed).kind());
      }
      server.awaitConnections(1);
      server.publish("log untouched");
      assertNotNull(stays.blockWith("data: log untouched"));
      stays.close();
    }
  }

  @Test
  void clientsThatLeaveAtOnceDoNotCutThoseWhoComeAfterThem() throws Exception {
    try (FeedServer server = FeedServer.start()) {
      for (int i = 0; i < 2_000; i++) { // the next connection gets what the last one left behind
        try (RawHttp http = server.stream("")) {
          assertNotNull(http.block(), "stream " + i);
          http.reset();
        }
      }
    }
  }

  @Test
  void F05_theServerFreesASessionWhoseClientHasReset() throws Exception {
    try (FeedServer server =
        FeedServer.start(
            endpoint -> endpoint.listener(application).heartbeat(Duration.ofMillis(100)))) {
      for (int i = 0; i < 10; i++) {
        RawWebSocket leaves = RawWebSocket.open(server.port(), "/feed");
        leaves.messageWith("eventchannel.position");
        leaves.http().reset();
      }
      for (int i = 0; i < 10; i++) {
        assertEquals(CloseReason.Kind.NETWORK, RecordingServer.next(application.closed).kind());
      }
      server.awaitConnections(0);
    }
  }

  @Test
  void SSE_S_20_aReaderThatStallsDelaysNobodyAndIsCut() throws Exception {
    stalls(1, 1, Duration.ofMillis(1_000));
  }

  @Test
  void S26_clientsThatNeverReadHoldNoThreadAndDelayNobody() throws Exception {
    stalls(100, 100, Duration.ofSeconds(4));
  }

  /** Lets clients stall in mid-write, and sees that others are served and that these are cut. */
  private void stalls(int streams, int sessions, Duration stallTimeout) throws Exception {
    try (FeedServer server =
            FeedServer.start(
                feed ->
                    feed.slowConsumerPolicy(
                        SlowConsumerPolicy.stayInLog().withStallTimeout(stallTimeout)),
                endpoint -> endpoint.listener(application),
                tomcat ->
                    tomcat.connector("maxThreads", "8").connector("socket.txBufSize", "8192"));
        RawHttp reader = server.openStream("?topic=live")) {
      int threadsBefore = Thread.activeCount();
      String target =
          "/feed?topic=big&lastEventId=" + server.publish("big", Event.message("before"));
      List<RawHttp> stalled = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        RawHttp http = RawHttp.connect(server.port(), SMALL);
        http.send("GET", target).head();
        stalled.add(http);
      }
      for (int i = 0; i < sessions; i++) {
        RawHttp http = RawHttp.connect(server.port(), SMALL);
        RawWebSocket.open(http, target);
        stalled.add(http);
      }
      server.awaitConnections(1 + streams + sessions);
      long begun = System.nanoTime();
      for (int i = 0; i < 4; i++) { // what the kernel does not buffer stays in the container
        server.publish("big", Event.message("x".repeat(1_000_000)));
      }
      long[] nanos = new long[200];
      for (int i = 0; i < nanos.length; i++) {
        long before = System.nanoTime();
        server.publish("live", Event.message("n" + i));
        assertNotNull(reader.blockWith("data: n" + i));
        nanos[i] = System.nanoTime() - before;
      }
      int connected = server.endpoint.connections();
      if (System.nanoTime() - begun < stallTimeout.toNanos()) { // else all this took too long
        assertEquals(1 + streams + sessions, connected, "none was cut too early");
      }
      Arrays.sort(nanos);
      long p99 = TimeUnit.NANOSECONDS.toMillis(nanos[nanos.length * 99 / 100]);
      assertTrue(p99 < 500, "99 % of events took up to " + p99 + " ms");
      int more = Thread.activeCount() - threadsBefore;
      assertTrue(more <= 40, more + " threads more for " + stalled.size() + " stalled clients");

      for (int i = 0; i < stalled.size(); i++) {
        assertEquals(
            CloseReason.Kind.WRITE_TIMEOUT, RecordingServer.next(application.closed).kind());
      }
      server.awaitConnections(1);
      server.publish("live", Event.message("after"));
      assertNotNull(reader.blockWith("data: after"));
      for (RawHttp http : stalled) {
        http.close();
      }
    }
  }
}
