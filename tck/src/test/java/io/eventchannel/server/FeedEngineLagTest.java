package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.CloseReason;
import io.eventchannel.server.spi.Outlet.WriteResult;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@link FeedEngine#lag}: how far the slowest of those who still take something is behind. */
class FeedEngineLagTest {
  private static final Duration STALL = Duration.ofSeconds(1);

  private final Scene scene = new Scene();

  @Test
  void nobodyIsBehindWhereNobodyListens() {
    publish(3);
    assertEquals(0, lag());
  }

  @Test
  void whoHasEverythingIsNotBehind() {
    scene.sse();
    scene.webSocket();
    assertEquals(0, lag());
    publish(3);
    assertEquals(0, lag());
  }

  @Test
  void whatWasPublishedCountsUntilItWasHandedOver() {
    scene.sse();
    scene.publish("a", "1");
    scene.publish("a", "2");
    assertEquals(2, lag());
    scene.run();
    assertEquals(0, lag());
  }

  @Test
  void whatAnOutletIsBusyWithWasHandedOverAndWhatFollowsWasNot() {
    FakeOutlet busy = scene.sse();
    Scene.answering(busy, WriteResult.PENDING);
    publish(1);
    assertEquals(0, lag());
    publish(4);
    assertEquals(4, lag());
    busy.finish();
    scene.run();
    assertEquals(0, lag());
  }

  @Test
  void theSlowestCountsWhereverItStandsAmongTheOthers() {
    FakeOutlet[] outlets = {scene.sse(), scene.sse(), scene.sse()};
    for (int i = 0; i < outlets.length; i++) {
      FakeOutlet slowest = outlets[i];
      FakeOutlet slow = outlets[(i + 1) % outlets.length];
      Scene.answering(slowest, WriteResult.PENDING);
      publish(1);
      publish(2);
      Scene.answering(slow, WriteResult.PENDING);
      publish(1);
      publish(1); // the other one is behind by this alone
      assertEquals(4, lag());
      for (FakeOutlet outlet : new FakeOutlet[] {slowest, slow}) {
        Scene.answering(outlet, WriteResult.DONE);
        outlet.finish();
      }
      scene.run();
      assertEquals(0, lag());
    }
  }

  @Test
  void whoseWriteTakesSoLongIsLeftOutFromThatMomentOn() {
    FakeOutlet stalled = scene.sse();
    Scene.answering(stalled, WriteResult.PENDING);
    publish(1);
    publish(5);
    scene.pass(STALL.minusNanos(1));
    assertEquals(5, lag());
    scene.pass(Duration.ofNanos(1));
    assertEquals(0, lag());
  }

  @Test
  void theTimeThatMakesAStallIsTheCallers() {
    FakeOutlet stalled = scene.sse();
    Scene.answering(stalled, WriteResult.PENDING);
    publish(1);
    publish(5);
    scene.pass(Duration.ofMillis(300));
    assertEquals(5, scene.feed.engine().lag(Duration.ofMillis(301).toNanos()));
    assertEquals(0, scene.feed.engine().lag(Duration.ofMillis(300).toNanos()));
  }

  @Test
  void theSlowestOfTheOthersCountsWhereOneIsLeftOut() {
    FakeOutlet stalled = scene.sse();
    FakeOutlet slow = scene.sse();
    Scene.answering(stalled, WriteResult.PENDING);
    publish(1);
    publish(5);
    scene.pass(STALL);
    Scene.answering(slow, WriteResult.PENDING);
    publish(1);
    publish(2);
    assertEquals(2, lag());
  }

  @Test
  void whoReadsOnAfterAStallCountsAgain() {
    FakeOutlet stalled = scene.sse();
    Scene.answering(stalled, WriteResult.PENDING);
    publish(1);
    publish(5);
    scene.pass(STALL);
    assertEquals(0, lag());
    stalled.finish();
    scene.run(); // it is handed the five
    publish(2);
    assertEquals(2, lag());
  }

  @Test
  void whoHasEndedIsLeftOut() {
    FakeOutlet gone = scene.sse();
    FakeOutlet slow = scene.sse();
    Scene.answering(gone, WriteResult.PENDING);
    publish(1);
    publish(5);
    Scene.answering(slow, WriteResult.PENDING);
    publish(1);
    publish(1);
    assertEquals(7, lag());
    gone.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
    scene.run();
    assertEquals(1, lag());
    slow.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
    scene.run();
    assertEquals(0, lag());
  }

  private void publish(int events) {
    for (int i = 0; i < events; i++) {
      scene.publish("a", Integer.toString(i));
    }
    scene.run();
  }

  private long lag() {
    return scene.feed.engine().lag(STALL.toNanos());
  }
}
