package io.eventchannel.server;

import static io.eventchannel.server.spi.Outlet.WriteResult.DEAD;
import static io.eventchannel.server.spi.Outlet.WriteResult.DONE;
import static io.eventchannel.server.spi.Outlet.WriteResult.PENDING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.tck.ManualExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SubscriptionTest {
  private final Scene scene = new Scene();

  @Test
  void aStreamBeginsWithRetryAndPositionAndGoesOnWithEvents() {
    String before = scene.publish("a", "0");
    FakeOutlet stream = scene.sse();
    String id = scene.publish("a", "1");
    scene.run();

    assertEquals(
        List.of("retry 2000", "eventchannel.position " + before, "tick " + id + " 1"),
        stream.taken());
  }

  @Test
  void INV_28_whatIsPublishedBetweenTheAdmissionAndTheConnectionIsDelivered() {
    scene.publish("a", "0");
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    String id = scene.publish("a", "1");
    scene.run();
    FakeOutlet stream = scene.open(admission, new FakeOutlet(admission.format()));

    assertEquals("tick " + id + " 1", stream.taken().get(2));
  }

  @Test
  void SSE_S_15_replayAndLiveFollowOneAnotherStrictlyAfterTheId() {
    scene.publish("a", "1");
    String second = scene.publish("a", "2");
    String third = scene.publish("a", "3");
    FakeOutlet stream = scene.sse("Last-Event-ID: " + second);
    String fourth = scene.publish("a", "4");
    scene.run();

    assertEquals(
        List.of(
            "retry 2000",
            "eventchannel.position " + second,
            "tick " + third + " 3",
            "tick " + fourth + " 4"),
        stream.taken());
  }

  @Test
  void onlyTheAskedTopicsArrive() {
    FakeOutlet one = scene.sse("topic=a");
    FakeOutlet two = scene.sse("topic=a", "topic=b");
    scene.publish("a", "1");
    scene.publish("b", "2");
    scene.publish("c", "3");
    scene.run();

    assertEquals(List.of("1"), data(one));
    assertEquals(List.of("1", "2"), data(two));
  }

  @Test
  void whatIsPublishedAtOnceIsWrittenAtOnceAndSharedByEqualReaders() {
    FakeOutlet one = scene.sse();
    FakeOutlet two = scene.sse();
    FakeOutlet other = scene.webSocket("Sec-WebSocket-Protocol: eventchannel.v1.json");
    for (int i = 0; i < 100; i++) {
      scene.publish("a", "" + i);
    }
    scene.run();

    assertEquals(100, one.applicationEvents().size());
    assertEquals(100, other.applicationEvents().size());
    assertEquals(3, one.batches().size()); // retry, position, the hundred
    assertSame(one.batches().get(2), two.batches().get(2));
  }

  @Test
  void aPeerWithoutSubprotocolGetsOneEventAFrame() {
    FakeOutlet plain = scene.webSocket();
    scene.publish("a", "1");
    scene.publish("a", "2");
    scene.run();

    assertEquals(3, plain.batches().size()); // position, and one for each
    assertEquals(List.of("1", "2"), data(plain));
  }

  @Test
  void binaryEventsOfAJsonPeerTravelInFramesOfTheirOwn() {
    FakeOutlet json = scene.webSocket("Sec-WebSocket-Protocol: eventchannel.v1.json");
    scene.publish("a", "1");
    scene.feed.publish("a", Event.binary("raw", new byte[] {1, 2, 3}));
    scene.publish("a", "2");
    scene.run();

    assertEquals(3, json.applicationEvents().size());
    assertEquals(
        List.of(false, true, false),
        json.batches().stream().skip(2).map(batch -> batch.isBinaryFrame()).toList());
    json.assertSound();
  }

  @Test
  void aBinaryEventThatCannotTravelIsAGapInItsPlace() {
    FakeOutlet stream = scene.sse();
    String before = scene.publish("a", "1");
    String binary =
        scene.feed.publish("a", Event.binary("raw", new byte[3])).toCompletableFuture().join();
    String after = scene.publish("a", "2");
    scene.run();

    stream.taken().subList(0, 2).clear();
    assertEquals(
        List.of(
            "tick " + before + " 1",
            "eventchannel.gap " + binary + " {\"reason\":\"binary\",\"after\":\"" + before + "\"}",
            "tick " + after + " 2"),
        lines(stream, 2));
  }

  @Test
  void aBusyOutletIsWrittenToOnlyWhenItIsReady() {
    FakeOutlet slow = scene.sse();
    Scene.answering(slow, PENDING);
    scene.publish("a", "1");
    scene.run();
    for (int i = 2; i <= 50; i++) {
      scene.publish("a", "" + i);
      scene.run();
    }
    assertEquals(List.of("1"), data(slow));

    Scene.answering(slow, DONE);
    slow.finish();
    scene.run();
    assertEquals(50, slow.applicationEvents().size());
    assertEquals(4, slow.batches().size()); // what waited went out as one write
    slow.assertSound();
  }

  @Test
  void readyMayComeBeforeTheWriteReturns() {
    FakeOutlet eager = scene.sse();
    eager.readyInline = true;
    Scene.answering(eager, PENDING);
    for (int i = 0; i < 1000; i++) {
      scene.publish("a", "" + i);
    }
    scene.run();

    assertEquals(1000, eager.applicationEvents().size());
    eager.assertSound();
  }

  @Test
  void INV_15_aDeadConnectionLeavesNothingBehind() {
    FakeOutlet dead = scene.sse();
    FakeOutlet alive = scene.sse();
    dead.answer(DEAD);
    scene.publish("a", "1");
    scene.run();

    assertTrue(dead.aborted);
    assertEquals(1, scene.endpoint.connections());
    assertEquals(List.of("1"), data(alive));
    dead.assertSound();
  }

  @Test
  void INV_16_registryAndSubscriptionsAgreeWhileConnectionsComeAndGo() {
    Random random = new Random(4711);
    List<FakeOutlet> open = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      if (random.nextInt(3) > 0 || open.isEmpty()) {
        open.add(scene.sse("topic=user:" + i, "topic=all"));
      } else {
        FakeOutlet gone = open.remove(random.nextInt(open.size()));
        gone.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
        gone.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "again"));
      }
      scene.publish(random.nextBoolean() ? "all" : "user:" + random.nextInt(500), "" + i);
      scene.run();
      assertEquals(open.size(), scene.endpoint.connections());
      assertEquals(open.size(), scene.feed.engine().subscriptions());
    }
    for (FakeOutlet outlet : open) {
      outlet.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
    }
    scene.run();
    assertEquals(0, scene.endpoint.connections());
    assertEquals(0, scene.feed.engine().loopFor(new FakeOutlet(WireFormat.SSE)).waitingTopics());
  }

  @Test
  void aWriteThatTakesTooLongIsCutOff() {
    FakeOutlet stuck = scene.sse();
    Scene.answering(stuck, PENDING);
    scene.publish("a", "1");
    scene.run();
    scene.pass(Duration.ofSeconds(28));
    assertFalse(stuck.aborted);
    scene.pass(Duration.ofSeconds(4));

    assertTrue(stuck.aborted);
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void SSE_S_19_aQuietStreamGetsItsPositionEveryHeartbeat() {
    FakeOutlet quiet = scene.sse("EventChannel-Version: 1", "topic=quiet");
    quiet.taken();
    String head = scene.publish("busy", "1");
    scene.run();
    assertEquals(List.of(), quiet.taken());

    scene.pass(Duration.ofSeconds(15));
    assertEquals(List.of("eventchannel.position " + head), quiet.taken());
    scene.pass(Duration.ofSeconds(15));
    assertEquals(List.of("eventchannel.position " + head), quiet.taken());
  }

  @Test
  void theSafePositionNeverOvertakesAnEventThatWaits() {
    FakeOutlet slow = scene.sse("EventChannel-Version: 1", "topic=a");
    String first = scene.publish("a", "1");
    scene.run();
    Scene.answering(slow, PENDING);
    String second = scene.publish("a", "2");
    scene.run();
    String third = scene.publish("a", "3");
    scene.publish("b", "4");
    slow.taken();
    scene.pass(Duration.ofSeconds(16)); // the heartbeat is due, and a write is pending
    assertEquals(List.of(), slow.taken());

    slow.answer(DONE, PENDING);
    slow.finish();
    scene.run();
    assertEquals(List.of("eventchannel.position " + second, "tick " + third + " 3"), slow.taken());
    assertTrue(first.compareTo(second) < 0);
  }

  @Test
  void WS_15_aPeerThatDoesNotAnswerPingsIsClosed() {
    FakeOutlet silent = scene.webSocket();
    silent.answersPings = false;
    scene.pass(Duration.ofSeconds(36));
    assertFalse(silent.aborted);
    assertEquals(2, silent.pings);
    scene.pass(Duration.ofSeconds(3));

    assertTrue(silent.aborted);
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void WS_15_aPongIsNotDemandedWhileAWriteIsUnderWay() {
    FakeOutlet slow = scene.webSocket();
    slow.answersPings = false;
    scene.pass(Duration.ofSeconds(16)); // a ping is out
    Scene.answering(slow, PENDING);
    scene.publish("a", "1");
    scene.run();
    scene.pass(Duration.ofSeconds(28)); // longer than 2.5 heartbeats since it was heard
    assertFalse(slow.aborted);
    Scene.answering(slow, DONE);
    slow.finish();
    scene.run();
    scene.pass(Duration.ofSeconds(18));
    assertFalse(slow.aborted); // of the silence since 0 s, 28 s were our own write's
    scene.pass(Duration.ofSeconds(6));

    assertTrue(slow.aborted);
  }

  @Test
  void WS_15_writesThatEndAtOnceDoNotKeepASilentPeer() {
    FakeOutlet silent = scene.webSocket();
    silent.answersPings = false;
    silent.readyInline = true;
    Scene.answering(silent, PENDING);
    for (int i = 0; i < 40 && !silent.aborted; i++) {
      scene.publish("a", "" + i);
      scene.pass(Duration.ofSeconds(1));
    }

    assertTrue(silent.aborted);
  }

  @Test
  void whateverIsInboundIsASignOfLife() {
    FakeOutlet chatty = scene.webSocket();
    chatty.answersPings = false;
    for (int i = 0; i < 12; i++) {
      chatty.listener.received(new byte[0]);
      scene.pass(Duration.ofSeconds(15));
    }

    assertFalse(chatty.aborted);
  }

  @Test
  void INV_15_aConnectionWhoseTurnFailsEndsAndTheOthersGoOn() {
    FakeOutlet broken = scene.sse();
    FakeOutlet sound = scene.sse();
    broken.beforeWrite =
        () -> {
          throw new StackOverflowError("made up");
        };
    scene.publish("a", "1");
    scene.run();

    assertTrue(broken.aborted);
    assertEquals(1, sound.applicationEvents().size());
    assertEquals(1, scene.endpoint.connections());
  }

  @Test
  void INV_15_aConnectionWhoseTurnFailsOnItsOwnExecutorEndsToo() {
    ManualExecutor own = new ManualExecutor();
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    FakeOutlet broken = new FakeOutlet(admission.format(), own);
    broken.beforeWrite =
        () -> {
          throw new StackOverflowError("made up");
        };
    scene.open(admission, broken);
    own.runAll();
    scene.run();

    assertTrue(broken.aborted);
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void aPeerThatAnswersPingsStays() {
    FakeOutlet alive = scene.webSocket();
    scene.pass(Duration.ofMinutes(5));

    assertFalse(alive.aborted);
    assertEquals(20, alive.pings);
  }

  @Test
  void aPlainStreamEndsAtItsAgeLimitAndOursDoesNot() {
    FakeOutlet plain = scene.sse();
    FakeOutlet ours = scene.sse("EventChannel-Version: 1");
    scene.pass(Duration.ofMinutes(13));

    List<String> said = plain.taken();
    assertEquals(List.of("retry 0", "close 1000"), said.subList(said.size() - 2, said.size()));
    assertEquals(1, scene.endpoint.connections());
    assertEquals(0, ours.closeCode);
  }

  @Test
  void aSlowConsumerIsClosedWhereThePolicySaysSo() {
    Scene strict =
        new Scene(
            InMemoryEventLog.create(),
            feed ->
                feed.slowConsumerPolicy(
                    SlowConsumerPolicy.disconnect().withLagTimeout(Duration.ofSeconds(5))),
            endpoint -> {});
    FakeOutlet slow = strict.webSocket(); // one event a write: it takes half of what comes
    FakeOutlet fast = strict.sse();
    Scene.answering(slow, PENDING);
    for (int i = 0; i < 40; i++) {
      strict.publish("a", "" + i);
      strict.run();
      strict.pass(Duration.ofMillis(500));
      if (slow.pending) {
        strict.publish("a", "more");
        slow.finish();
        strict.run();
      }
    }
    if (slow.pending) {
      slow.finish();
    }
    Scene.answering(slow, DONE);
    strict.run();

    assertEquals(4000, slow.closeCode);
    assertEquals(0, fast.closeCode);
  }

  @Test
  void anOutletWithAnExecutorOfItsOwnIsCalledThereOnly() {
    var own = new io.eventchannel.tck.ManualExecutor();
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "topic=a"));
    FakeOutlet outlet = scene.open(admission, new FakeOutlet(admission.format(), own));
    assertEquals(List.of(), outlet.taken());
    own.runAll();
    scene.publish("b", "0");
    scene.publish("a", "1");
    scene.run();
    assertEquals(2, outlet.taken().size());
    own.runAll();
    scene.run();
    assertEquals(List.of("1"), data(outlet));

    own.refuse();
    scene.publish("a", "2");
    scene.run();
    assertTrue(outlet.aborted);
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void outletsOnOneExecutorShareItsLoopWhichGoesWithTheLastOfThem() {
    ManualExecutor own = new ManualExecutor();
    ManualExecutor another = new ManualExecutor();
    FakeOutlet one = openOn(own);
    FakeOutlet two = openOn(own);
    FakeOutlet three = openOn(another);
    settle(own, another);
    assertEquals(3, scene.feed.engine().loops());
    scene.publish("a", "1");
    scene.publish("a", "2");
    settle(own, another);

    assertEquals(List.of("1", "2"), data(one));
    assertEquals(3, one.batches().size()); // retry, position, the two
    assertSame(one.batches().get(2), two.batches().get(2));
    assertEquals(List.of("1", "2"), data(three));

    one.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
    three.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
    settle(own, another);
    assertEquals(2, scene.feed.engine().loops());
    scene.publish("a", "3");
    settle(own, another);
    assertEquals(List.of("1", "2", "3"), data(two));
  }

  @Test
  void aThreadThatIsNotOursIsLeftBetweenTwoPortions() {
    ManualExecutor own = new ManualExecutor();
    List<FakeOutlet> outlets = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      outlets.add(openOn(own));
    }
    settle(own);
    scene.publish("a", "1");
    assertTrue(own.runOne());
    long served = outlets.stream().filter(each -> !each.applicationEvents().isEmpty()).count();
    assertEquals(64, served);
    settle(own);
    for (FakeOutlet outlet : outlets) {
      assertEquals(List.of("1"), data(outlet));
    }
  }

  private FakeOutlet openOn(ManualExecutor executor) {
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    return scene.open(admission, new FakeOutlet(admission.format(), executor));
  }

  private void settle(ManualExecutor... executors) {
    int ran;
    do {
      scene.run();
      ran = 0;
      for (ManualExecutor executor : executors) {
        ran += executor.runAll();
      }
    } while (ran > 0);
  }

  private static List<String> lines(FakeOutlet outlet, int from) {
    List<String> all = new ArrayList<>();
    for (Event event : outlet.events()) {
      all.add(
          (event.type() + " " + event.id() + " " + (event.isBinary() ? "" : event.data())).trim());
    }
    return all.subList(from - 1, all.size());
  }

  static List<String> data(FakeOutlet outlet) {
    outlet.assertSound();
    return outlet.applicationEvents().stream().map(Event::data).toList();
  }
}
