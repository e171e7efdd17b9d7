package io.eventchannel.server;

import static io.eventchannel.server.SubscriptionTest.data;
import static io.eventchannel.server.spi.Outlet.WriteResult.DONE;
import static io.eventchannel.server.spi.Outlet.WriteResult.PENDING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.policy.SlowConsumerPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What each policy does about a consumer that is behind, and that nobody else notices. */
class SlowConsumerTest {
  private static final Duration LAG = Duration.ofSeconds(1);
  private static final int LONG_TIME = 3;

  private static Scene scene(SlowConsumerPolicy policy) {
    return scene(policy, 16_384, 100_000);
  }

  private static Scene scene(SlowConsumerPolicy policy, int windowEvents, int logEvents) {
    return new Scene(
        InMemoryEventLog.builder().maxEventsPerTopic(logEvents).build(),
        feed -> feed.slowConsumerPolicy(policy).windowEvents(windowEvents),
        endpoint -> {});
  }

  /** Publishes one event, the write of which does not end. */
  private static String stall(Scene scene, FakeOutlet slow) {
    slow.taken();
    Scene.answering(slow, PENDING);
    String id = scene.publish("a", "first");
    scene.run();
    assertEquals(List.of("tick " + id + " first"), slow.taken());
    return id;
  }

  private static void goOn(Scene scene, FakeOutlet slow) {
    Scene.answering(slow, DONE);
    slow.finish();
    scene.run();
  }

  private static String gap(String after, String until, String at) {
    return "eventchannel.gap "
        + at
        + " {\"reason\":\"slow\",\"after\":\""
        + after
        + "\",\"until\":\""
        + until
        + "\"}";
  }

  private static String evicted(String after, String at) {
    return "eventchannel.gap " + at + " {\"reason\":\"evicted\",\"after\":\"" + after + "\"}";
  }

  private static String tick(String id, String data) {
    return "tick " + id + " " + data;
  }

  @Test
  void F27_aConsumerThatStaysInTheLogGetsAllOfItAndAGapForWhatItNoLongerHolds() {
    Scene scene = scene(SlowConsumerPolicy.stayInLog(), 8, 100);
    FakeOutlet fast = scene.sse();
    FakeOutlet slow = scene.sse();
    String first = stall(scene, slow);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      ids.add(scene.publish("a", "" + i));
      scene.run();
    }
    scene.pass(Duration.ofSeconds(20));
    assertEquals(151, data(fast).size(), "the others have all of it meanwhile");
    goOn(scene, slow);

    List<String> said = slow.taken();
    assertTrue(said.get(0).startsWith("eventchannel.position " + first), "of the heartbeat");
    assertEquals(evicted(first, ids.get(49)), said.get(1));
    for (int i = 50; i < 150; i++) {
      assertEquals(tick(ids.get(i), "" + i), said.get(i - 48));
    }
    assertEquals(102, said.size());
    assertEquals(151, data(fast).size());
  }

  @Test
  void F27_aConsumerThatStallsAtAGapGetsWhatCameWithItAndThenAnother() {
    Scene scene = scene(SlowConsumerPolicy.stayInLog(), 8, 10);
    FakeOutlet slow = scene.sse();
    String first = stall(scene, slow);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      ids.add(scene.publish("a", "" + i));
    }
    scene.run();
    slow.finish();
    scene.run();
    assertEquals(List.of(evicted(first, ids.get(19))), slow.taken(), "and its write does not end");
    for (int i = 30; i < 60; i++) {
      ids.add(scene.publish("a", "" + i));
    }
    scene.run();
    goOn(scene, slow);

    List<String> expected = new ArrayList<>();
    for (int i = 20; i < 30; i++) { // what came with the gap
      expected.add(tick(ids.get(i), "" + i));
    }
    expected.add(evicted(ids.get(29), ids.get(49)));
    for (int i = 50; i < 60; i++) {
      expected.add(tick(ids.get(i), "" + i));
    }
    assertEquals(expected, slow.taken());
  }

  @Test
  void F27_aConsumerBehindForTheLagTimeoutIsClosedAndResumesWithoutLoss() {
    Scene scene = scene(SlowConsumerPolicy.disconnect().withLagTimeout(LAG));
    FakeOutlet fast = scene.sse();
    FakeOutlet slow = scene.webSocket(); // one event a write
    String last = stall(scene, slow);
    for (int i = 0; i < 20; i++) {
      scene.publish("a", "" + i);
    }
    scene.run();
    for (int i = 0; i < 10 && slow.closeCode == 0; i++) {
      scene.pass(Duration.ofMillis(300));
      if (slow.pending) {
        slow.finish(); // it takes one after the other, far too slowly
        scene.run();
      }
    }
    assertEquals(4000, slow.closeCode);
    assertEquals(0, fast.closeCode);
    List<String> said = slow.taken();
    assertEquals("close 4000 slow consumer", said.get(said.size() - 1));
    int had = slow.applicationEvents().size();
    assertTrue(had > 1 && had < 21, () -> "had " + had);

    last = slow.applicationEvents().get(had - 1).id();
    FakeOutlet back = scene.webSocket("lastEventId=" + last);
    List<String> all = new ArrayList<>(data(slow));
    all.addAll(data(back));
    assertEquals(data(fast), all);
  }

  @Test
  void F27_aConsumerThatTakesEverythingInItsTimeIsNotSlowHoweverBusyTheFeed() {
    Scene strict = scene(SlowConsumerPolicy.disconnect().withLagTimeout(LAG));
    Scene keyed = scene(SlowConsumerPolicy.conflate().withLagTimeout(LAG));
    FakeOutlet[] busy = {strict.sse(), keyed.sse()};
    for (FakeOutlet outlet : busy) {
      Scene.answering(outlet, PENDING); // each write takes a while, and then there is news
    }
    for (int i = 0; i < 200; i++) {
      for (Scene scene : List.of(strict, keyed)) {
        scene.publish("a", "" + i);
        scene.publish("a", "more");
        scene.run();
        scene.pass(Duration.ofMillis(100));
      }
      for (FakeOutlet outlet : busy) {
        outlet.finish(); // never at rest: what was published last waits
      }
    }
    goOn(strict, busy[0]);
    goOn(keyed, busy[1]);

    assertEquals(400, data(busy[0]).size());
    assertEquals(0, busy[0].closeCode);
    assertEquals(400, data(busy[1]).size());
  }

  @Test
  void F27_aConsumerBehindForTheLagTimeoutGetsTheNewestOfEachTopicAfterOneGap() {
    Scene scene = scene(SlowConsumerPolicy.conflate());
    FakeOutlet fast = scene.sse();
    FakeOutlet slow = scene.sse();
    String first = stall(scene, slow);
    String a1 = scene.publish("a", "1");
    scene.publish("b", "2");
    String none = scene.feed.publish(Event.of("tick", "3")).toCompletableFuture().join();
    scene.publish("a", "4");
    String b5 = scene.publish("b", "5");
    String none2 = scene.feed.publish(Event.of("tick", "6")).toCompletableFuture().join();
    String a7 = scene.publish("a", "7");
    scene.run();
    scene.pass(LAG);
    goOn(scene, slow);

    String b2 = scene.ids.get(2);
    assertEquals(first, scene.ids.get(0));
    assertEquals(a1, scene.ids.get(1));
    assertEquals(
        List.of(
            gap(first, a7, b2), tick(none, "3"), tick(b5, "5"), tick(none2, "6"), tick(a7, "7")),
        slow.taken());
    assertEquals(List.of("first", "1", "2", "3", "4", "5", "6", "7"), data(fast));

    String next = scene.publish("a", "8");
    String after = scene.publish("a", "9");
    scene.run();
    assertEquals(List.of(tick(next, "8"), tick(after, "9")), slow.taken(), "it has caught up");
  }

  @Test
  void F27_beforeTheLagTimeoutNothingIsLeftOut() {
    Scene scene = scene(SlowConsumerPolicy.conflate());
    FakeOutlet slow = scene.sse();
    stall(scene, slow);
    for (int i = 0; i < 5; i++) {
      scene.publish("a", "" + i);
    }
    scene.run();
    scene.pass(LAG.minusMillis(50));
    goOn(scene, slow);

    assertEquals(List.of("first", "0", "1", "2", "3", "4"), data(slow));
  }

  @Test
  void F27_whereEachEventHasItsOwnKeyNothingIsLeftOutAndNoGapIsTold() {
    Scene scene = scene(SlowConsumerPolicy.conflate());
    FakeOutlet slow = scene.sse();
    stall(scene, slow);
    String b = scene.publish("b", "1");
    String c = scene.publish("c", "2");
    scene.run();
    scene.pass(LAG);
    goOn(scene, slow);

    assertEquals(List.of(tick(b, "1"), tick(c, "2")), slow.taken());
  }

  @Test
  void F27_whatComesWhileAConflationIsWrittenIsConflatedAfterItUntilAllIsHad() {
    Scene scene = scene(SlowConsumerPolicy.conflate());
    FakeOutlet slow = scene.webSocket(); // one event a write
    String first = stall(scene, slow);
    String a1 = scene.publish("a", "1");
    String a2 = scene.publish("a", "2");
    String b3 = scene.publish("b", "3");
    scene.run();
    scene.pass(LAG);
    slow.finish(); // the gap is on its way
    scene.run();
    assertEquals(List.of(gap(first, b3, a1)), slow.taken());
    String a4 = scene.publish("a", "4");
    String a5 = scene.publish("a", "5");
    goOn(scene, slow);

    assertEquals(
        List.of(tick(a2, "2"), tick(b3, "3"), gap(b3, a5, a4), tick(a5, "5")), slow.taken());
    assertEquals(
        List.of("first", "2", "3", "5"), data(slow), "a conflation ends where it said it would");
  }

  @Test
  void F27_aKeyFunctionSaysWhatReplacesWhatAndNullKeeps() {
    Scene scene =
        scene(
            SlowConsumerPolicy.conflate(
                event -> event.data().startsWith("keep") ? null : event.data().substring(0, 1)));
    FakeOutlet slow = scene.sse();
    String first = stall(scene, slow);
    String x1 = scene.publish("a", "x1");
    String keep1 = scene.publish("a", "keep1");
    String y1 = scene.publish("a", "y1");
    String keep2 = scene.publish("b", "keep2");
    String x2 = scene.publish("c", "x2");
    String y2 = scene.publish("a", "y2");
    scene.run();
    scene.pass(LAG);
    goOn(scene, slow);

    assertTrue(y1.compareTo(x1) > 0);
    assertEquals(
        List.of(
            gap(first, y2, x1),
            tick(keep1, "keep1"),
            tick(keep2, "keep2"),
            tick(x2, "x2"),
            tick(y2, "y2")),
        slow.taken());
  }

  @Test
  void F27_aKeyFunctionThatThrowsKeepsTheEventAndEndsNothing() {
    AtomicInteger calls = new AtomicInteger();
    Scene scene =
        scene(
            SlowConsumerPolicy.conflate(
                event -> {
                  calls.incrementAndGet();
                  throw new IllegalStateException("made up");
                }));
    FakeOutlet slow = scene.sse();
    stall(scene, slow);
    scene.publish("a", "1");
    scene.publish("a", "2");
    scene.run();
    scene.pass(LAG);
    goOn(scene, slow);

    assertEquals(List.of("first", "1", "2"), data(slow));
    assertEquals(2, calls.get());
    assertEquals(1, scene.endpoint.connections());
  }

  @Test
  void F27_aConsumerBehindTheWindowGetsTheNewestOfEachTopicOfEachPage() {
    Scene scene = scene(SlowConsumerPolicy.conflate(), 4, 100_000);
    FakeOutlet slow = scene.sse();
    String first = stall(scene, slow);
    int count = 1_000;
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(scene.publish(i % 2 == 0 ? "a" : "b", "" + i));
      scene.run();
    }
    scene.pass(LAG);
    goOn(scene, slow);

    List<String> said = slow.taken();
    assertTrue(
        said.get(0).contains("\"reason\":\"slow\",\"after\":\"" + first + "\""), said.get(0));
    List<String> had = data(slow);
    assertTrue(had.size() < 30, () -> "of " + count + " events " + had);
    assertEquals(List.of("998", "999"), had.subList(had.size() - 2, had.size()));
    assertFalse(String.join(" ", said).contains("evicted"));
  }

  @Test
  void F27_aConsumerBehindTheLogGetsTheNewestOfEachTopicOfThePageBehindTheGap() {
    Scene scene = scene(SlowConsumerPolicy.conflate(), 4, 20);
    FakeOutlet slow = scene.sse();
    String first = stall(scene, slow);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ids.add(scene.publish(i % 2 == 0 ? "a" : "b", "" + i));
      scene.run();
    }
    scene.pass(LAG);
    goOn(scene, slow);

    List<String> said = slow.taken();
    String oldest = ids.get(59); // of each of the topics twenty are held
    assertEquals(evicted(first, oldest), said.get(0));
    assertEquals(gap(oldest, ids.get(75), ids.get(73)), said.get(1)); // of a page of sixteen
    assertEquals(List.of(tick(ids.get(74), "74"), tick(ids.get(75), "75")), said.subList(2, 4));
    assertEquals("99", data(slow).get(data(slow).size() - 1));
    assertTrue(data(slow).size() < 10, said::toString);
  }

  @Test
  void F27_onlyAnEventThatCannotTravelIsLeftOfItsTopicAndThatIsToldAsWell() {
    Scene scene = scene(SlowConsumerPolicy.conflate());
    FakeOutlet slow = scene.sse();
    String first = stall(scene, slow);
    String a1 = scene.publish("a", "1");
    String raw =
        scene.feed.publish("a", Event.binary("raw", new byte[3])).toCompletableFuture().join();
    String b2 = scene.publish("b", "2");
    scene.run();
    scene.pass(LAG);
    goOn(scene, slow);

    assertEquals(
        List.of(
            gap(first, b2, a1),
            "eventchannel.gap " + raw + " {\"reason\":\"binary\",\"after\":\"" + a1 + "\"}",
            tick(b2, "2")),
        slow.taken());
  }

  @Test
  void F27_whileTheKeysOfAWideWindowAreAskedForOthersHaveTheirTurns() {
    int count = 12 * Conflation.MOST_ENTRIES;
    AtomicInteger calls = new AtomicInteger();
    List<Runnable> halfWay = new ArrayList<>();
    Scene scene =
        scene(
            SlowConsumerPolicy.conflate(
                event -> {
                  if (calls.incrementAndGet() == count / 2) {
                    halfWay.get(0).run();
                  } else if (calls.get() == count) {
                    halfWay.get(1).run();
                  }
                  return event.topic();
                }));
    FakeOutlet other = scene.sse("topic=b");
    FakeOutlet slow = scene.sse("topic=a");
    stall(scene, slow);
    for (int i = 0; i < count; i++) {
      scene.publish("a", "" + i);
    }
    scene.run();
    scene.pass(LAG);
    List<Integer> connections = new ArrayList<>();
    halfWay.add(() -> other.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "made up")));
    halfWay.add(() -> connections.add(scene.endpoint.connections()));
    goOn(scene, slow);

    assertEquals(List.of("first", "" + (count - 1)), data(slow));
    assertEquals(List.of(1), connections, "the other has not had its turn");
    assertEquals(count, calls.get(), "each event is asked for once");
  }

  @Test
  void F27_aHeartbeatInTheMiddleOfAConflationTellsNoPositionBehindWhatIsUntold() {
    Scene scene = scene(SlowConsumerPolicy.conflate().withStallTimeout(Duration.ofMinutes(1)));
    FakeOutlet slow = scene.webSocket("EventChannel-Version: 1");
    slow.taken();
    Scene.answering(slow, PENDING);
    String first = scene.publish("a", "first");
    scene.run();
    String a1 = scene.publish("a", "1");
    String a2 = scene.publish("a", "2");
    scene.run();
    scene.pass(Duration.ofSeconds(5L * LONG_TIME)); // a heartbeat is due now
    slow.taken();
    goOn(scene, slow);

    assertEquals(
        List.of("eventchannel.position " + first, gap(first, a2, a1), tick(a2, "2")), slow.taken());
  }

  @Test
  void WS_21_aSilentPeerAndASlowWriterEndAtTheirBoundsAndTheApplicationIsToldWhich() {
    List<CloseReason> told = new ArrayList<>();
    EventChannelListener application =
        new EventChannelListener() {
          @Override
          public void onClosed(EventChannel channel, CloseReason reason) {
            told.add(reason);
          }
        };
    Scene scene =
        new Scene(
            InMemoryEventLog.create(),
            feed ->
                feed.slowConsumerPolicy(
                    SlowConsumerPolicy.disconnect()
                        .withLagTimeout(Duration.ofSeconds(20))
                        .withStallTimeout(Duration.ofSeconds(8))),
            endpoint -> endpoint.heartbeat(Duration.ofSeconds(2)).listener(application));
    FakeOutlet silent = scene.webSocket("topic=none");
    silent.answersPings = false;
    FakeOutlet stalled = scene.webSocket("topic=a");
    Scene.answering(stalled, PENDING);
    scene.publish("a", "1");
    scene.run();

    scene.pass(Duration.ofMillis(4_900));
    assertEquals(List.of(), told);
    scene.pass(Duration.ofMillis(2_500)); // two and a half heartbeats since the last beat at most
    assertTrue(silent.aborted);
    assertEquals(
        List.of(CloseReason.Kind.HEARTBEAT_TIMEOUT), told.stream().map(CloseReason::kind).toList());
    assertFalse(stalled.aborted);
    scene.pass(Duration.ofSeconds(2));
    assertTrue(stalled.aborted);
    assertEquals(CloseReason.Kind.WRITE_TIMEOUT, told.get(1).kind());

    FakeOutlet slow = scene.webSocket("topic=b");
    Scene.answering(slow, PENDING);
    for (int i = 0; i < 100; i++) {
      scene.publish("b", "" + i);
    }
    scene.run();
    for (int i = 0; i < 20 && slow.closeCode == 0; i++) {
      scene.pass(Duration.ofSeconds(2));
      if (slow.pending) {
        slow.finish(); // each write is in time, and yet it does not come to the end of them
        scene.run();
      }
    }
    assertEquals(4000, slow.closeCode);
    assertEquals(4000, told.get(2).code());
  }
}
