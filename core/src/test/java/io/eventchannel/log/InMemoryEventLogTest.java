package io.eventchannel.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.LimitExceededException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class InMemoryEventLogTest {
  private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static Throwable failure(CompletionStage<?> stage) {
    return assertThrows(CompletionException.class, () -> await(stage)).getCause();
  }

  private static Position append(EventLog log, String topic, String data) {
    return await(log.append(Event.message(data).withTopic(topic)));
  }

  private static Page read(EventLog log, Position after, String... topics) {
    return await(log.read(after, TopicFilter.of(Set.of(topics)), 100));
  }

  private static List<String> data(Page page) {
    List<String> data = new ArrayList<>();
    page.entries().forEach(entry -> data.add(entry.event().data()));
    return data;
  }

  @Test
  void INV_01_offsetsCountFromOneWithoutHoles() {
    InMemoryEventLog log = InMemoryEventLog.builder().maxEventsPerTopic(3).build();
    Position start = await(log.head());
    assertEquals(0, start.high());
    for (int i = 1; i <= 1_000; i++) {
      Position position = append(log, i % 3 == 0 ? null : "t" + i % 5, "x");
      assertEquals(Position.of(start.epoch(), i), position);
      assertEquals(position, await(log.head()));
    }
  }

  @Test
  void INV_02_aNewLogNeverIssuesThePositionsOfAnother() {
    Set<String> ids = new HashSet<>();
    Random random = new Random(2);
    for (int restart = 0; restart < 1_000; restart++) {
      InMemoryEventLog log = InMemoryEventLog.builder().random(random).build();
      for (int i = 0; i < 5; i++) {
        assertTrue(ids.add(append(log, "t", "x").id()));
      }
    }
    assertTrue(ids.add(append(InMemoryEventLog.create(), "t", "x").id()));
  }

  @Test
  void INV_03_countBytesAndAgeBoundWhatIsHeldAndTheOldestGoesFirst() {
    InMemoryEventLog log = InMemoryEventLog.builder().maxEventsPerTopic(3).build();
    Position start = await(log.head());
    for (int i = 1; i <= 5; i++) {
      append(log, "a", "a" + i);
    }
    append(log, "b", "b1");
    assertEquals(List.of("a3", "a4", "a5"), data(read(log, Position.of(start.epoch(), 2), "a")));
    assertEquals(Gap.Reason.EVICTED, read(log, Position.of(start.epoch(), 1), "a").gap());

    long three =
        3 * (History.OVERHEAD + Event.message("a1").withTopic("a").withId(idOf(22)).weight());
    log = InMemoryEventLog.builder().maxBytesPerTopic(three).build();
    for (int i = 1; i <= 5; i++) {
      append(log, "a", "a" + i);
    }
    assertEquals(
        List.of("a3", "a4", "a5"), data(read(log, Position.of(await(log.head()).epoch(), 2), "a")));

    log = InMemoryEventLog.builder().maxBytes(three).build();
    for (int i = 1; i <= 5; i++) {
      append(log, i % 2 == 0 ? "a" : "b", "a" + i);
    }
    Position two = Position.of(await(log.head()).epoch(), 2);
    assertEquals(List.of("a3", "a4", "a5"), data(await(log.read(two, TopicFilter.all(), 9))));
  }

  private static String idOf(int epochLength) {
    return "e".repeat(epochLength) + "-1";
  }

  @Test
  void INV_06_whatIsRefusedIsNeverReadableAndTakesNoPosition() {
    InMemoryEventLog log = InMemoryEventLog.builder().maxBytes(1_000).build();
    Position first = append(log, "a", "small");
    Throwable refused = failure(log.append(Event.message("x".repeat(1_000)).withTopic("a")));
    assertTrue(refused instanceof LimitExceededException, refused.toString());
    assertTrue(refused.getMessage().startsWith("maxBytes: expected"), refused.getMessage());
    assertEquals(first, await(log.head()));
    assertTrue(read(log, first, "a").entries().isEmpty());
    assertEquals(first.high() + 1, append(log, "a", "next").high());

    InMemoryEventLog strict = InMemoryEventLog.builder().maxBytesPerTopic(1_000).build();
    refused = failure(strict.append(Event.binary("b", new byte[1_000])));
    assertTrue(refused.getMessage().startsWith("maxBytesPerTopic: expected"), refused.getMessage());
  }

  @Test
  void INV_08_onlyMonotonicTimeMakesEventsTooOld() {
    InMemoryEventLog log =
        InMemoryEventLog.builder().maxAge(Duration.ofNanos(10), nanoTime::get).build();
    Position start = await(log.head());
    append(log, "a", "a1");
    nanoTime.addAndGet(6); // past the overflow of the counter
    append(log, "a", "a2");
    nanoTime.addAndGet(4);
    assertEquals(List.of("a1", "a2"), data(read(log, start, "a")));
    nanoTime.addAndGet(1);
    Page page = read(log, start, "a");
    assertEquals(Gap.Reason.EVICTED, page.gap());
    assertEquals(List.of("a2"), data(read(log, page.next(), "a")));
    nanoTime.addAndGet(-1_000); // a clock that goes back is none, but must not evict or revive
    assertEquals(Gap.Reason.EVICTED, read(log, start, "a").gap());
    assertEquals(List.of("a2"), data(read(log, page.next(), "a")));
  }

  @Test
  void positionAtTheHeadResumesEvenWhenItsEventIsEvicted() {
    InMemoryEventLog log =
        InMemoryEventLog.builder().maxAge(Duration.ofNanos(10), nanoTime::get).build();
    Position position = append(log, "a", "a1");
    nanoTime.addAndGet(11);
    Page page = read(log, position, "a");
    assertNull(page.gap());
    assertTrue(page.entries().isEmpty());
    append(log, "a", "a2");
    assertEquals(List.of("a2"), data(read(log, position, "a")));
  }

  @Test
  void busyTopicMakesNoGapForTheReadersOfAQuietOne() {
    InMemoryEventLog log = InMemoryEventLog.builder().maxEventsPerTopic(2).build();
    Position start = await(log.head());
    append(log, "quiet", "q1");
    for (int i = 0; i < 1_000; i++) {
      append(log, "busy", "b");
    }
    assertEquals(List.of("q1"), data(read(log, start, "quiet")));
    assertNull(read(log, start, "silent").gap());
    assertEquals(Gap.Reason.EVICTED, read(log, start, "busy", "quiet").gap());
    assertEquals(Gap.Reason.EVICTED, await(log.read(start, TopicFilter.all(), 1)).gap());
  }

  @Test
  void forgottenTopicsLeaveOneMarkForAllWhoAreNotRemembered() {
    InMemoryEventLog log = InMemoryEventLog.builder().maxTopics(2).build();
    Position start = await(log.head());
    append(log, "a", "a1");
    append(log, "b", "b1");
    append(log, "a", "a2");
    Position before = append(log, "c", "c1"); // forgets b, which was silent for longest
    assertEquals(List.of("a1", "a2"), data(read(log, start, "a")));
    assertEquals(List.of("c1"), data(read(log, start, "c")));
    Page page = read(log, start, "b");
    assertEquals(Gap.Reason.EVICTED, page.gap());
    assertEquals(before, page.next());
    append(log, "b", "b2"); // comes back, and still tells of what it lost
    assertEquals(Gap.Reason.EVICTED, read(log, start, "b").gap());
    assertEquals(List.of("b2"), data(read(log, before, "b")));
  }

  @Test
  void pageLeadsAsFarAsNothingElseIsMissing() {
    InMemoryEventLog log = InMemoryEventLog.create();
    Position start = await(log.head());
    append(log, "a", "a1");
    append(log, "b", "b1");
    append(log, "b", "b2");
    append(log, "a", "a2");
    Position head = append(log, "b", "b3");
    Page page = await(log.read(start, TopicFilter.of(Set.of("a")), 1));
    assertEquals(List.of("a1"), data(page));
    assertEquals(3, page.next().high());
    page = await(log.read(page.next(), TopicFilter.of(Set.of("a")), 1));
    assertEquals(List.of("a2"), data(page));
    assertEquals(head, page.next());
  }

  @Test
  void memoryFollowsWhatIsHeldAndNotHowFarItsOffsetsLieApart() {
    History history = new History("e", new Retention(4, 1 << 20, 1 << 20, 1_000, Long.MAX_VALUE));
    for (int i = 0; i < 100_000; i++) {
      history.append(Event.message("q").withTopic(i % 1_000 == 0 ? "q" + i : "busy"), 0);
      assertTrue(history.places() <= 2 * (4 + 100) + 66, history.places() + " places");
    }
    Page page = history.read(Position.of("e", 0), TopicFilter.of(Set.of("q0", "q99000")), 9);
    assertEquals(2, page.entries().size());
  }

  @Test
  void logThatIsOnlyAppendedToFreesWhatIsTooOld() {
    History history = new History("e", new Retention(100, 1 << 20, 1 << 20, 1_000, 10));
    history.append(Event.message("old").withTopic("a"), 0);
    history.append(Event.message("old").withTopic("b"), 1);
    history.append(Event.message("new").withTopic("c"), 12);
    assertEquals(1, history.places());
  }

  @Test
  void closedLogFailsEverythingAndTellsItsSinks() throws Exception {
    InMemoryEventLog log = InMemoryEventLog.create();
    Position position = append(log, "a", "a1");
    RecordingSink sink = new RecordingSink();
    log.subscribeTail(sink);
    log.close();
    log.close();
    assertEquals(List.of("start 1", "failed: the log is closed"), sink.calls);
    assertTrue(failure(log.append(Event.message("x"))) instanceof IllegalStateException);
    assertTrue(failure(log.read(position, TopicFilter.all(), 1)) instanceof IllegalStateException);
    assertTrue(failure(log.head()) instanceof IllegalStateException);
    RecordingSink late = new RecordingSink();
    log.subscribeTail(late).close();
    assertEquals(List.of("failed: the log is closed"), late.calls);
  }

  @Test
  void boundsThatHoldNothingAreRefused() {
    InMemoryEventLog.Builder builder = InMemoryEventLog.builder();
    assertThrows(IllegalArgumentException.class, () -> builder.maxEventsPerTopic(0));
    assertThrows(IllegalArgumentException.class, () -> builder.maxBytesPerTopic(0));
    assertThrows(IllegalArgumentException.class, () -> builder.maxBytes(-1));
    assertThrows(IllegalArgumentException.class, () -> builder.maxTopics(0));
    assertThrows(
        IllegalArgumentException.class, () -> builder.maxAge(Duration.ZERO, nanoTime::get));
    assertThrows(
        IllegalArgumentException.class,
        () -> builder.maxAge(Duration.ofSeconds(Long.MAX_VALUE), nanoTime::get));
    InMemoryEventLog log = builder.build();
    assertThrows(
        IllegalArgumentException.class, () -> log.read(Position.of("e", 0), TopicFilter.all(), 0));
  }

  @Test
  void sinkGetsWhatIsAppendedAfterItsStartInOrder() throws Exception {
    InMemoryEventLog log = InMemoryEventLog.builder().maxEventsPerTopic(1).build();
    append(log, "a", "before");
    RecordingSink sink = new RecordingSink();
    AutoCloseable subscription = log.subscribeTail(sink);
    append(log, "a", "one");
    append(log, null, "two");
    subscription.close();
    subscription.close();
    append(log, "a", "after");
    assertEquals(List.of("start 1", "2 one", "3 two"), sink.calls);
  }

  @Test
  void sinkMayAppendFromItsOwnCall() {
    InMemoryEventLog log = InMemoryEventLog.create();
    RecordingSink sink =
        new RecordingSink() {
          @Override
          public void onEntry(LogEntry entry) {
            super.onEntry(entry);
            if (entry.position().high() < 500) {
              append(log, "a", "again");
            }
          }
        };
    log.subscribeTail(sink);
    append(log, "a", "once");
    assertEquals(501, sink.calls.size());
    assertEquals("500 again", sink.calls.get(500));
  }

  @Test
  void sinkThatThrowsIsToldAndDroppedAndTheOthersGoOn() {
    InMemoryEventLog log = InMemoryEventLog.create();
    RecordingSink broken =
        new RecordingSink() {
          @Override
          public void onEntry(LogEntry entry) {
            super.onEntry(entry);
            throw new IllegalArgumentException("broken");
          }
        };
    RecordingSink sound = new RecordingSink();
    log.subscribeTail(broken);
    log.subscribeTail(sound);
    append(log, "a", "one");
    append(log, "a", "two");
    assertEquals(List.of("start 0", "1 one", "failed: broken"), broken.calls);
    assertEquals(List.of("start 0", "1 one", "2 two"), sound.calls);
  }

  @Test
  void sinkThatLagsByMoreThanTheFeedIsFailedAndNeverSkipped() {
    InMemoryEventLog log = InMemoryEventLog.builder().maxBytes(2_000).build();
    RecordingSink sink =
        new RecordingSink() {
          @Override
          public void onEntry(LogEntry entry) {
            super.onEntry(entry);
            for (int i = 0; i < 20 && entry.position().high() == 1; i++) {
              append(log, "a", "flood");
            }
          }
        };
    log.subscribeTail(sink);
    append(log, "a", "one");
    assertEquals(List.of("start 0", "1 one"), sink.calls.subList(0, 2));
    assertTrue(sink.calls.get(2).startsWith("failed: maxBytes: a sink may lag"), sink.calls.get(2));
    assertEquals(3, sink.calls.size());
  }

  private static class RecordingSink implements TailSink {
    final List<String> calls = new ArrayList<>();

    @Override
    public void onStart(Position head) {
      calls.add("start " + head.high());
    }

    @Override
    public void onEntry(LogEntry entry) {
      calls.add(entry.position().high() + " " + entry.event().data());
    }

    @Override
    public void onFailure(Throwable cause) {
      calls.add("failed: " + cause.getMessage());
    }
  }
}
