package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Gap;
import io.eventchannel.tck.History.Kind;
import io.eventchannel.tck.History.Violation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HistoryTest {
  private static final EventChannel CHANNEL = new StillChannel("one");
  private static final CloseReason REASON = CloseReason.of(CloseReason.Kind.LOCAL, "done");

  private final History history = new History(42);
  private final HistoryListener listener = history.listener("client-1");

  @Test
  void whatCameOnceAndInOrderIsClean() throws Exception {
    publish("a", 1, 5);
    receive("a", 1, 2, 3, 4, 5);
    history.assertClean();
    listener.awaitReceived(5, Duration.ofSeconds(1));
    assertEquals(5, history.receivedCount());
    assertEquals("seed 42: 5 events published, 1 listeners, no violation", history.report());
  }

  @Test
  void anEventMayComeBeforeThePublisherRecordsIt() {
    receive("a", 1, 2);
    publish("a", 1, 2);
    history.assertClean();
  }

  @Test
  void aHoleIsALossAndTheReportNamesSeedAndPlace() {
    publish("a", 1, 5);
    receive("a", 1, 2, 5);
    AssertionError error = assertThrows(AssertionError.class, history::assertClean);
    assertEquals(
        "seed 42: 5 events published, 1 listeners, violations {LOST=1}, first: LOST at client-1: 2"
            + " events never came, from a-3 (number 3) to a-4 (number 4), after a-2 (number 2)",
        error.getMessage());
  }

  @Test
  void aLossAtEitherEndIsFoundUnlessTheEndIsOpen() {
    publish("a", 1, 5);
    receive("a", 2, 3);
    assertKinds(Kind.LOST, Kind.LOST);
    listener.startingAnywhere();
    assertKinds(Kind.LOST);
    listener.endingAnywhere();
    history.assertClean();
  }

  @Test
  void aListenerThatGotNothingHasLostEverything() {
    publish("a", 1, 5);
    assertKinds(Kind.LOST);
  }

  @Test
  void whatLiesBeforeTheStartIsNotOwedAndMustNotCome() {
    publish("a", 1, 5);
    listener.startingAfter("a-3");
    receive("a", 4, 5);
    history.assertClean();
    receive("a", 3);
    assertKinds(Kind.DUPLICATE);
  }

  @Test
  void anEventThatComesLateIsReorderedAndNotLost() {
    publish("a", 1, 5);
    receive("a", 1, 3, 4, 2, 5);
    assertKinds(Kind.REORDERED);
  }

  @Test
  void aWrongNumberAnUnknownIdAndNoIdArePhantoms() {
    publish("a", 1, 2);
    receive("a", 1, 2);
    listener.onEvent(CHANNEL, Event.message("7").withId("a-2"));
    listener.onEvent(CHANNEL, Event.message("3").withId("a-3"));
    listener.onEvent(CHANNEL, Event.message("2"));
    assertKinds(Kind.PHANTOM, Kind.PHANTOM, Kind.PHANTOM);
  }

  @Test
  void aGapExcusesWhatItCoversAndNothingElse() {
    publish("a", 1, 9);
    receive("a", 1, 2);
    gap(Gap.Reason.EVICTED, "a-2", "a-5");
    receive("a", 6, 7, 8, 9);
    history.assertClean();
  }

  @Test
  void aGapThatEndsBeforeTheNextEventLeavesALoss() {
    publish("a", 1, 9);
    receive("a", 1, 2);
    gap(Gap.Reason.EVICTED, "a-2", "a-5");
    receive("a", 7, 8, 9);
    assertKinds(Kind.LOST);
  }

  @Test
  void aGapThatBeginsBehindWhatCameLeavesALoss() {
    publish("a", 1, 9);
    receive("a", 1, 2);
    gap(Gap.Reason.EVICTED, "a-4", "a-5");
    receive("a", 6, 7, 8, 9);
    assertKinds(Kind.LOST);
  }

  @Test
  void aGapThatClaimsAnEventWhichThenComesIsFalse() {
    publish("a", 1, 9);
    receive("a", 1, 2);
    gap(Gap.Reason.EVICTED, "a-2", "a-5");
    receive("a", 4, 5, 6, 7, 8, 9);
    assertKinds(Kind.FALSE_GAP);
  }

  @Test
  void aGapWithoutAnythingMissingIsFalse() {
    publish("a", 1, 3);
    receive("a", 1, 2);
    gap(Gap.Reason.EVICTED, "a-2", "a-2");
    receive("a", 3);
    assertKinds(Kind.FALSE_GAP);
  }

  @Test
  void aGapToldTwiceIsFalseOnce() {
    publish("a", 1, 9);
    receive("a", 1, 2);
    gap(Gap.Reason.EVICTED, "a-2", "a-5");
    gap(Gap.Reason.EVICTED, "a-2", "a-5");
    receive("a", 6, 7, 8, 9);
    assertKinds(Kind.FALSE_GAP);
  }

  @Test
  void aGapAtTheEndExcusesWhatItNames() {
    publish("a", 1, 5);
    receive("a", 1, 2);
    gap(Gap.Reason.EVICTED, "a-2", "a-5");
    history.assertClean();
  }

  @Test
  void aGapAtTheEndThatNamesNothingIsNoExcuse() {
    publish("a", 1, 5);
    receive("a", 1, 2);
    gap(Gap.Reason.UNKNOWN, "a-2", null);
    assertKinds(Kind.LOST);
  }

  @Test
  void aNewEpochNeedsAGapEvenWhenNothingIsMissing() {
    publish("a", 1, 2);
    publish("b", 1, 2);
    receive("a", 1, 2);
    gap(Gap.Reason.EPOCH, "a-2", "b-0");
    receive("b", 1, 2);
    history.assertClean();
  }

  @Test
  void aNewEpochWithoutAGapIsUnreported() {
    publish("a", 1, 2);
    publish("b", 1, 2);
    receive("a", 1, 2);
    receive("b", 1, 2);
    assertKinds(Kind.UNREPORTED_GAP);
  }

  @Test
  void whatTheLogNoLongerHeldIsAnUnreportedGapAndTheRestALoss() {
    publish("a", 1, 9);
    history.evictedThrough("a-5");
    receive("a", 1, 2, 8, 9);
    assertKinds(Kind.UNREPORTED_GAP, Kind.LOST);
  }

  @Test
  void topicsNarrowWhatIsOwed() {
    for (int i = 1; i <= 6; i++) {
      history.published("a-" + i, i, i % 2 == 0 ? "even" : "odd");
    }
    listener.ofTopics("even");
    receive("a", 2, 4, 6);
    history.assertClean();
    receive("a", 3);
    assertKinds(Kind.PHANTOM);
  }

  @Test
  void aPositionOfAnotherTopicBoundsAGap() {
    for (int i = 1; i <= 9; i++) {
      history.published("a-" + i, i, i % 3 == 0 ? "third" : "other");
    }
    listener.ofTopics("third");
    receive("a", 3);
    gap(Gap.Reason.EVICTED, "a-4", "a-7");
    receive("a", 9);
    history.assertClean();
  }

  @Test
  void callsAtOnceAreFoundAndBothAreCounted() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    History slow =
        new History(
            1,
            event -> {
              if (event.data().equals("1")) {
                inside.countDown();
                await(leave);
              }
              return Long.parseLong(event.data());
            });
    slow.published("a-1", 1);
    HistoryListener watched = slow.listener("client-1");
    Thread first =
        new Thread(() -> watched.onEvent(CHANNEL, Event.message("1").withId("a-1")), "first");
    first.start();
    await(inside);
    watched.onConnectionLost(CHANNEL, REASON, Duration.ZERO);
    leave.countDown();
    first.join();
    assertEquals(List.of(Kind.CONCURRENT), slow.check().stream().map(Violation::kind).toList());
  }

  @Test
  void callsAfterTheLastAreFound() {
    publish("a", 1, 1);
    receive("a", 1);
    listener.onClosed(CHANNEL, REASON);
    listener.onClosed(CHANNEL, REASON);
    listener.onOpen(CHANNEL);
    assertTrue(listener.isClosed());
    assertKinds(Kind.AFTER_CLOSE, Kind.AFTER_CLOSE);
  }

  @Test
  void anIdIssuedTwiceAndAnUnknownEvictionAreRefused() {
    publish("a", 1, 1);
    assertThrows(IllegalArgumentException.class, () -> history.published("a-1", 2));
    assertThrows(IllegalArgumentException.class, () -> history.evictedThrough("a-2"));
  }

  @Test
  void waitingForEventsThatDoNotComeFails() {
    AssertionError error =
        assertThrows(AssertionError.class, () -> listener.awaitReceived(1, Duration.ofMillis(1)));
    assertEquals("client-1: expected 1 events within PT0.001S, got 0", error.getMessage());
  }

  private void publish(String epoch, int from, int to) {
    for (int i = from; i <= to; i++) {
      history.published(epoch + "-" + i, i);
    }
  }

  private void receive(String epoch, int... numbers) {
    for (int number : numbers) {
      listener.onEvent(CHANNEL, Event.message("" + number).withId(epoch + "-" + number));
    }
  }

  private void gap(Gap.Reason reason, String missedAfter, String resumedAt) {
    listener.onGap(CHANNEL, new Gap(reason, missedAfter, resumedAt));
  }

  private void assertKinds(Kind... kinds) {
    List<Violation> violations = history.check();
    assertEquals(
        List.of(kinds), violations.stream().map(Violation::kind).toList(), violations::toString);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }
}
