package io.eventchannel.server;

import static io.eventchannel.server.SubscriptionTest.data;
import static io.eventchannel.server.spi.Outlet.WriteResult.DONE;
import static io.eventchannel.server.spi.Outlet.WriteResult.PENDING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.tck.LateEventLog;
import io.eventchannel.tck.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class ServerMetricsTest {
  private final RecordedMetrics metrics = new RecordedMetrics();
  private final Scene scene = scene(16_384, clock -> InMemoryEventLog.create());

  private Scene scene(int windowEvents, Function<VirtualScheduler, EventLog> log) {
    return new Scene(log, feed -> feed.windowEvents(windowEvents).metrics(metrics), endpoint -> {});
  }

  private static void publish(Scene scene, int from, int to) {
    for (int i = from; i <= to; i++) {
      scene.publish("a", "" + i);
    }
  }

  @Test
  void aConnectionIsToldWhenItOpensWithWhetherItResumes() {
    String id = scene.publish("a", "1");
    scene.sse();
    scene.webSocket();
    scene.sse("Last-Event-ID: " + id);
    scene.webSocket("lastEventId=" + id);

    assertEquals(
        List.of(
            "connection sse new",
            "connection websocket new",
            "connection sse resumed",
            "connection websocket resumed"),
        metrics.taken("connection"));
  }

  @Test
  void aRefusedOrAbandonedRequestIsNoConnection() {
    scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE)).cancel();
    scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "Origin: https://elsewhere.org"));
    scene.run();

    assertEquals(List.of(), metrics.taken("connection"));
  }

  @Test
  void theEndOfAConnectionIsToldOnceWithItsReason() {
    FakeOutlet cut = scene.sse();
    FakeOutlet left = scene.webSocket();
    metrics.taken("connection");
    cut.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
    cut.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "again"));
    left.listener.closed(CloseReason.closeCode(1001, "away"));
    scene.run();
    scene.sse();
    scene.endpoint.close();
    scene.run();

    assertEquals(
        List.of(
            "connection sse closed NETWORK",
            "connection websocket closed CLOSE_CODE",
            "connection sse new",
            "connection sse closed LOCAL"),
        metrics.taken("connection"));
  }

  @Test
  void aConnectionWhosePeerIsSilentIsToldAsAMissedHeartbeat() {
    FakeOutlet silent = scene.webSocket();
    silent.answersPings = false;
    scene.pass(Duration.ofSeconds(39));

    assertEquals(
        List.of("connection websocket new", "connection websocket closed HEARTBEAT_TIMEOUT"),
        metrics.taken("connection"));
  }

  @Test
  void eachWriteIsToldWithItsEventsAndBytes() {
    FakeOutlet stream = scene.sse();
    FakeOutlet socket = scene.webSocket("Sec-WebSocket-Protocol: eventchannel.v1.json");
    publish(scene, 1, 100);
    scene.run();
    scene.feed.publish("a", Event.binary("raw", new byte[3])); // a gap on the stream
    scene.run();
    scene.pass(Duration.ofSeconds(16)); // heartbeats are writes without events

    List<Batch> written = new ArrayList<>(stream.batches());
    written.addAll(socket.batches());
    assertEquals(written.size(), metrics.writes);
    assertEquals(written.stream().mapToLong(Batch::size).sum(), metrics.bytes);
    assertEquals(100 + 101, metrics.events);
    assertTrue(metrics.taken("written").contains("written websocket 100"));
  }

  @Test
  void anEventSentToOneConnectionIsNoEventOfTheFeed() {
    List<EventChannel> open = new ArrayList<>();
    Scene direct =
        new Scene(
            InMemoryEventLog.create(),
            feed -> feed.metrics(metrics),
            endpoint ->
                endpoint.listener(
                    new EventChannelListener() {
                      @Override
                      public void onOpen(EventChannel channel) {
                        open.add(channel);
                      }

                      @Override
                      public void onEvent(EventChannel channel, Event event) {}
                    }));
    FakeOutlet socket = direct.webSocket();
    open.get(0).send(Event.of("hint", "x"));
    direct.run();

    assertEquals(List.of("x"), data(socket));
    assertEquals(0, metrics.events);
    assertEquals(socket.batches().size(), metrics.writes);
  }

  @Test
  void aGapIsToldWhenTheClientIsToldAndOnce() {
    Scene small = scene(2, clock -> InMemoryEventLog.builder().maxEventsPerTopic(3).build());
    String first = small.publish("a", "1");
    publish(small, 2, 10);
    small.sse("Last-Event-ID: " + first);
    small.sse("Last-Event-ID: nonsense");
    small.webSocket("lastEventId=" + new Scene().publish("a", "x"));
    FakeOutlet stuck = small.sse();
    Scene.answering(stuck, PENDING);
    small.publish("a", "11");
    small.run();
    small.feed.publish("a", Event.binary("raw", new byte[3]));
    small.run();

    assertEquals(
        List.of(
            "gap sse EVICTED",
            "gap sse UNKNOWN",
            "gap websocket EPOCH",
            "gap sse BINARY",
            "gap sse BINARY"),
        metrics.taken("gap"),
        "one is busy and has not been told");
    Scene.answering(stuck, DONE);
    stuck.finish();
    small.run();
    assertEquals(List.of("gap sse BINARY"), metrics.taken("gap"));
  }

  @Test
  void replayIsWhatAReturningConnectionMissedAndNothingMore() {
    String first = scene.publish("a", "1");
    publish(scene, 2, 700);
    FakeOutlet returned = scene.sse("Last-Event-ID: " + first);
    assertEquals(699, metrics.replayed);
    publish(scene, 701, 710);
    scene.run();

    assertEquals(709, data(returned).size());
    assertEquals(699, metrics.replayed);
  }

  @Test
  void replayFromTheLogCountsAsThatFromTheWindow() {
    Scene small = scene(4, clock -> InMemoryEventLog.create());
    String first = small.publish("a", "1");
    publish(small, 2, 700);
    FakeOutlet returned = small.webSocket("lastEventId=" + first);
    publish(small, 701, 710);
    small.run();

    assertEquals(709, data(returned).size());
    assertEquals(699, metrics.replayed);
  }

  @Test
  void whoMissedNothingGetsNoReplay() {
    String last = scene.publish("a", "1");
    scene.sse();
    scene.sse("Last-Event-ID: " + last);
    scene.sse("Last-Event-ID: nonsense");
    String other = scene.publish("b", "2");
    scene.sse("topic=a", "Last-Event-ID: " + last);
    scene.sse("Last-Event-ID: " + other);
    publish(scene, 3, 5);
    scene.run();

    assertEquals(List.of(), metrics.taken("replayed"));
  }

  @Test
  void theLagIsToldWithEachHeartbeatOfEachConnection() {
    scene.sse("EventChannel-Version: 1");
    scene.sse("EventChannel-Version: 1", "topic=quiet");
    FakeOutlet slow = scene.webSocket();
    Scene.answering(slow, PENDING);
    publish(scene, 1, 51);
    scene.pass(Duration.ofSeconds(15));
    assertEquals(
        List.of("lag sse 0", "lag sse 0", "lag websocket 50"),
        metrics.taken("lag").stream().sorted().toList());

    Scene.answering(slow, DONE);
    slow.finish();
    scene.run();
    assertEquals(List.of(), metrics.taken("lag"), "told by the timer's rhythm and no write's");
    scene.pass(Duration.ofSeconds(15));
    assertEquals(
        List.of("lag sse 0", "lag sse 0", "lag websocket 0"),
        metrics.taken("lag").stream().sorted().toList());
  }

  @Test
  void theLagOfAConnectionThatFellOutOfTheWindowIsToldAsMore() {
    Scene small = scene(8, clock -> InMemoryEventLog.create());
    FakeOutlet slow = small.webSocket();
    Scene.answering(slow, PENDING);
    publish(small, 1, 1);
    small.run();
    publish(small, 2, 101);
    small.pass(Duration.ofSeconds(15));
    assertEquals(List.of("lag websocket 100 or more"), metrics.taken("lag"));

    while (data(slow).size() < 2) { // the heartbeat, the ping, and then a page of the log
      slow.finish();
      small.run();
    }
    small.pass(Duration.ofSeconds(15));
    assertEquals(List.of("lag websocket 8 or more"), metrics.taken("lag"));
  }

  @Test
  void aStallIsToldWhenAWriteTakesASecondAndWhenItEnds() {
    FakeOutlet slow = scene.sse();
    Scene.answering(slow, PENDING);
    publish(scene, 1, 1);
    scene.run();
    scene.pass(Duration.ofMillis(900));
    slow.finish();
    scene.run();
    publish(scene, 2, 2);
    scene.run();
    scene.pass(Duration.ofMillis(950));
    assertEquals(List.of(), metrics.taken("stall"));

    scene.pass(Duration.ofMillis(2_050));
    assertEquals(List.of("stall sse began"), metrics.taken("stall"));
    slow.finish();
    scene.run();
    assertEquals(List.of("stall sse ended after 3000"), metrics.taken("stall"));
  }

  @Test
  void aStallEndsWithItsConnection() {
    FakeOutlet cut = scene.sse();
    FakeOutlet stuck = scene.webSocket();
    Scene.answering(cut, PENDING);
    Scene.answering(stuck, PENDING);
    publish(scene, 1, 1);
    scene.run();
    scene.pass(Duration.ofSeconds(4));
    cut.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
    scene.run();
    assertEquals(
        List.of("stall sse began", "stall sse ended after 4000", "stall websocket began"),
        metrics.taken("stall").stream().sorted().toList());
    scene.pass(Duration.ofSeconds(30));

    assertTrue(stuck.aborted);
    List<String> ended = metrics.taken("stall");
    assertEquals(1, ended.size());
    assertTrue(ended.get(0).startsWith("stall websocket ended after 30"), ended.get(0));
    assertTrue(metrics.taken("connection").contains("connection websocket closed WRITE_TIMEOUT"));
  }

  @Test
  void aStallIsToldBeforeItsEndAndThatBeforeTheEndOfItsConnectionWhateverTheTimerIsOvertakenBy() {
    List<Runnable> overtakes = new ArrayList<>();
    List<String> told = new ArrayList<>();
    Scene scene =
        new Scene(
            InMemoryEventLog.create(),
            feed ->
                feed.metrics(
                    new ServerMetrics() {
                      @Override
                      public void onStallBegan(String transport) {
                        overtakes.forEach(Runnable::run);
                        told.add("began");
                      }

                      @Override
                      public void onStallEnded(String transport, long nanos) {
                        told.add("ended");
                      }

                      @Override
                      public void onClosed(String transport, CloseReason reason) {
                        told.add("closed");
                      }
                    }),
            endpoint -> {});
    FakeOutlet cut = scene.sse();
    Scene.answering(cut, PENDING);
    scene.publish("a", "1");
    scene.run();
    overtakes.add(() -> cut.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone")));
    overtakes.add(scene::run);
    scene.pass(Duration.ofSeconds(3));

    assertEquals(List.of("began", "ended", "closed"), told);
  }

  @Test
  void aStallThatEndsBeforeItsLoopCouldTellItsBeginningIsToldWhole() {
    FakeOutlet slow = scene.sse();
    Scene.answering(slow, PENDING);
    publish(scene, 1, 1);
    scene.run();
    scene.clock.advance(Duration.ofSeconds(3)); // the loop stands still meanwhile
    slow.finish();
    scene.run();

    assertEquals(List.of("stall sse began", "stall sse ended after 3000"), metrics.taken("stall"));
  }

  @Test
  void aGapOfASlowConsumerIsToldWhenTheClientIsTold() {
    Scene keyed =
        new Scene(
            InMemoryEventLog.create(),
            feed ->
                feed.metrics(metrics)
                    .slowConsumerPolicy(
                        SlowConsumerPolicy.conflate().withLagTimeout(Duration.ofSeconds(5))),
            endpoint -> {});
    FakeOutlet slow = keyed.webSocket();
    Scene.answering(slow, PENDING);
    publish(keyed, 0, 0);
    keyed.run();
    publish(keyed, 1, 3);
    keyed.pass(Duration.ofSeconds(6));
    assertEquals(List.of(), metrics.taken("gap"), "it is busy and has not been told");
    Scene.answering(slow, DONE);
    slow.finish();
    keyed.run();

    assertEquals(List.of("0", "3"), data(slow));
    assertEquals(List.of("gap websocket SLOW"), metrics.taken("gap"));
  }

  @Test
  void aSlowConsumerAndAnErrorOfOursAreEndsOfThisSideWithTheirCodes() {
    List<CloseReason> ends = new ArrayList<>();
    Scene strict =
        new Scene(
            InMemoryEventLog.create(),
            feed ->
                feed.slowConsumerPolicy(
                        SlowConsumerPolicy.disconnect().withLagTimeout(Duration.ofSeconds(5)))
                    .metrics(
                        new ServerMetrics() {
                          @Override
                          public void onClosed(String transport, CloseReason reason) {
                            ends.add(reason);
                          }
                        }),
            endpoint -> {});
    FakeOutlet slow = strict.webSocket();
    Scene.answering(slow, PENDING);
    publish(strict, 1, 2);
    strict.run();
    strict.pass(Duration.ofSeconds(6));
    slow.finish();
    strict.run();
    FakeOutlet failing = strict.webSocket();
    failing.beforeWrite =
        () -> {
          throw new AssertionError("of this test");
        };
    publish(strict, 3, 3);
    strict.run();
    FakeOutlet left = strict.webSocket();
    left.listener.closed(CloseReason.closeCode(4000, "as the client says"));
    strict.run();

    assertEquals(
        List.of(
            CloseReason.local(4000, "slow consumer"),
            CloseReason.local(1011, "internal error"),
            CloseReason.closeCode(4000, "as the client says")),
        ends);
  }

  @Test
  void publishingIsToldWithTheTimeThatTheLogTook() {
    Scene remote =
        scene(
            16_384,
            clock ->
                LateEventLog.builder(InMemoryEventLog.create(), clock, 1)
                    .maxDelay(Duration.ofMillis(200))
                    .build());
    var id = remote.feed.publish("a", Event.of("tick", "1")).toCompletableFuture();
    assertEquals(List.of(), metrics.taken("published"));
    long millis = 0;
    while (!id.isDone()) {
      remote.pass(Duration.ofMillis(1));
      millis++;
    }

    assertTrue(millis > 1, "the seed makes the log answer late");
    assertEquals(List.of("published " + (millis - 1)), metrics.taken("published"), "rounded down");
  }

  @Test
  void anEventThatTheLogRefusesIsToldAsFailed() {
    InMemoryEventLog log = InMemoryEventLog.create();
    Scene broken = scene(16_384, clock -> log);
    log.close();
    var id = broken.feed.publish("a", Event.of("tick", "1")).toCompletableFuture();

    assertTrue(id.isCompletedExceptionally());
    assertEquals(List.of("failed 0"), metrics.taken("failed"));
    assertEquals(List.of(), metrics.taken("published"));
    assertThrows(
        IllegalArgumentException.class, () -> broken.feed.publish("no topic", Event.message("")));
    assertEquals(List.of(), metrics.taken("failed"), "a mistake of the caller is none of the log");
  }

  @Test
  void theTimeToAConnectionThatWaitedIsToldOnceForEachPassOfALoop() {
    scene.sse();
    scene.sse();
    scene.webSocket();
    scene.webSocket("topic=quiet");
    publish(scene, 1, 3);
    scene.clock.advance(Duration.ofMillis(7));
    scene.run();
    assertEquals(List.of("delivered 7"), metrics.taken("delivered"));

    scene.publish("b", "4");
    scene.clock.advance(Duration.ofMillis(2));
    scene.run();
    assertEquals(List.of("delivered 2"), metrics.taken("delivered"));
    scene.pass(Duration.ofSeconds(16));
    assertEquals(List.of(), metrics.taken("delivered"), "a heartbeat delivers nothing");
  }

  @Test
  void theTimeToAConnectionThatIsBehindIsNotTold() {
    String first = scene.publish("a", "0");
    FakeOutlet slow = scene.sse();
    Scene.answering(slow, PENDING);
    publish(scene, 1, 1);
    scene.run();
    metrics.taken("delivered");
    publish(scene, 2, 50);
    scene.pass(Duration.ofMillis(500));
    Scene.answering(slow, DONE);
    slow.finish();
    scene.run();
    scene.sse("Last-Event-ID: " + first);

    assertEquals(51, metrics.replayed + 1);
    assertEquals(50, data(slow).size());
    assertEquals(List.of(), metrics.taken("delivered"));
  }

  @Test
  void aTurnThatWroteNoEventIsNoDelivery() {
    FakeOutlet plain = scene.sse(); // cannot carry what comes: a gap stands for it
    scene.feed.publish("a", Event.binary("raw", new byte[3]));
    scene.run();
    assertTrue(plain.taken().toString().contains("eventchannel.gap"));
    assertEquals(List.of(), metrics.taken("delivered"));

    scene.publish("a", "1");
    scene.endpoint.close(); // before the loop comes to it: it says goodbye and nothing else
    scene.run();
    assertEquals(List.of(), data(plain));
    assertEquals(List.of(), metrics.taken("delivered"));
  }

  @Test
  void aTurnThatWroteNothingHidesNoDeliveryOfTheSamePass() {
    scene.sse();
    scene.sse("binary=base64");
    FakeOutlet last = scene.sse("topic=a");
    scene.publish("a", "1");
    scene.clock.advance(Duration.ofMillis(4));
    last.beforeWrite =
        () -> {
          throw new AssertionError("of this test");
        };
    scene.run();
    assertEquals(List.of("delivered 4"), metrics.taken("delivered"));
  }

  @Test
  void withoutMetricsNobodyAsksTheClockForAnEvent() {
    Scene plain = new Scene();
    plain.clock.advance(Duration.ofSeconds(1));
    plain.publish("a", "1");
    FeedEngine engine = plain.feed.engine();

    assertFalse(engine.isMetered());
    assertEquals(0, engine.moment());
    Run run = engine.window().run();
    assertEquals(0, run.slot(run.head().index - 1).cameAt);
  }

  @Test
  void metricsThatThrowHurtNobody() {
    ThrowingMetrics throwing = new ThrowingMetrics();
    Scene hurt =
        new Scene(
            clock -> InMemoryEventLog.create(),
            feed -> feed.windowEvents(4).metrics(throwing),
            endpoint -> {});
    String first = hurt.publish("a", "0");
    publish(hurt, 1, 10);
    FakeOutlet stream = hurt.sse();
    FakeOutlet returned = hurt.webSocket("lastEventId=" + first);
    FakeOutlet lost = hurt.sse("Last-Event-ID: nonsense");
    publish(hurt, 11, 11);
    hurt.run();
    Scene.answering(stream, PENDING);
    publish(hurt, 12, 12);
    hurt.run();
    hurt.pass(Duration.ofSeconds(16));
    publish(hurt, 13, 13);
    Scene.answering(stream, DONE);
    stream.finish();
    hurt.run();

    assertEquals(List.of("11", "12", "13"), data(stream));
    assertEquals(13, data(returned).size());
    assertEquals(List.of("11", "12", "13"), data(lost));
    assertEquals(3, hurt.endpoint.connections());
    lost.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
    hurt.run();
    assertEquals(2, hurt.endpoint.connections());
    hurt.feed.close();
    assertEquals(
        List.of(
            "closed",
            "delivered",
            "gap",
            "lag",
            "opened",
            "published",
            "replayed",
            "stall began",
            "stall ended",
            "written"),
        throwing.called());
  }

  @Test
  void whatMetricsThrowIsLoggedTheFirstTimeOnly() {
    List<LogRecord> logged = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord logRecord) {
            logged.add(logRecord);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(GuardedMetrics.class.getName());
    Level before = logger.getLevel();
    logger.setLevel(Level.WARNING);
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
    try {
      ServerMetrics guarded = GuardedMetrics.of(new ThrowingMetrics());
      guarded.onWritten("sse", 1, 1);
      guarded.onWritten("sse", 1, 1);
      guarded.onDelivered(1);
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
      logger.setLevel(before);
    }

    assertEquals(1, logged.size());
    assertEquals("made up", logged.get(0).getThrown().getMessage());
  }

  @Test
  void aPublishThatFailsSaysSoWhenTheMetricsThrow() {
    InMemoryEventLog log = InMemoryEventLog.create();
    ThrowingMetrics throwing = new ThrowingMetrics();
    Scene broken = new Scene(log, feed -> feed.metrics(throwing), endpoint -> {});
    log.close();
    var id = broken.feed.publish("a", Event.of("tick", "1")).toCompletableFuture();

    var thrown = assertThrows(java.util.concurrent.CompletionException.class, id::join);
    assertTrue(thrown.getCause() instanceof IllegalStateException, thrown::toString);
    assertEquals(List.of("publish failed"), throwing.called());
  }
}
