package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TailSink;
import io.eventchannel.log.TopicFilter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class LateEventLogTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final VirtualScheduler scheduler = new VirtualScheduler();
  private final EventLog remote = InMemoryEventLog.create();
  private final List<String> calls = new ArrayList<>();

  private LateEventLog.Builder late(long seed) {
    return LateEventLog.builder(remote, scheduler, seed);
  }

  private static boolean failed(CompletionStage<?> stage) {
    return stage.toCompletableFuture().isCompletedExceptionally();
  }

  private static Throwable failure(CompletionStage<?> stage) {
    CompletableFuture<?> future = stage.toCompletableFuture();
    assertTrue(future.isDone(), "still pending");
    return assertThrows(CompletionException.class, future::join).getCause();
  }

  private List<LogEntry> remoteEntries() {
    Position start = Position.of(remote.head().toCompletableFuture().join().epoch(), 0);
    return remote.read(start, TopicFilter.all(), 100_000).toCompletableFuture().join().entries();
  }

  private TailSink recorder() {
    return new TailSink() {
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
    };
  }

  @Test
  void nothingHappensUntilTimePasses() {
    LateEventLog log = late(1).build();
    CompletionStage<Position> appended = log.append(Event.message("x"));
    CompletionStage<Position> head = log.head();
    assertEquals(List.of(), remoteEntries());
    assertFalse(appended.toCompletableFuture().isDone());
    assertFalse(head.toCompletableFuture().isDone());
    scheduler.advance(Duration.ofMillis(20));
    assertEquals(1, appended.toCompletableFuture().join().high());
    assertTrue(head.toCompletableFuture().isDone());
  }

  @Test
  void answersComeInAnyOrderAndAppendsKeepTheirs() {
    LateEventLog log = late(2).build();
    List<Integer> answered = new ArrayList<>();
    List<String> appended = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      log.append(Event.message("e" + i)).thenRun(() -> answered.add(number));
      appended.add("e" + i);
    }
    scheduler.advance(LONG);
    assertEquals(appended, remoteEntries().stream().map(entry -> entry.event().data()).toList());
    assertEquals(100, answered.size());
    assertFalse(answered.equals(answered.stream().sorted().toList()), "answers are in order");
  }

  @Test
  void sameSeedRunsTheSame() {
    List<String> first = transcript(7);
    assertEquals(first, new LateEventLogTest().transcript(7));
    assertFalse(first.equals(new LateEventLogTest().transcript(8)));
  }

  private List<String> transcript(long seed) {
    LateEventLog log =
        late(seed)
            .appendFailures(0.2)
            .readFailures(0.2)
            .headFailures(0.2)
            .tailFailures(0.01)
            .build();
    log.subscribeTail(recorder());
    for (int i = 0; i < 200; i++) {
      int number = i;
      log.append(Event.message("e" + i))
          .whenComplete((done, failure) -> calls.add("append " + number + (failure == null)));
      log.head().whenComplete((done, failure) -> calls.add("head " + number + (failure == null)));
      scheduler.advance(Duration.ofMillis(1));
    }
    scheduler.advance(LONG);
    return calls;
  }

  @Test
  void INV_06_anAppendThatFailedIsNotInTheLogAndOneThatSucceededIs() {
    LateEventLog log = late(6).appendFailures(0.3).build();
    List<CompletionStage<Position>> stages = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      stages.add(log.append(Event.message("e" + i)));
    }
    scheduler.advance(LONG);
    List<String> confirmed = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      if (failed(stages.get(i))) {
        assertTrue(failure(stages.get(i)) instanceof IOException);
      } else {
        confirmed.add(stages.get(i).toCompletableFuture().join() + " e" + i);
      }
    }
    assertEquals(
        confirmed,
        remoteEntries().stream().map(e -> e.position() + " " + e.event().data()).toList());
    assertTrue(confirmed.size() > 600 && confirmed.size() < 800, confirmed.size() + " succeeded");
  }

  @Test
  void readsAndHeadsFailInTheirShares() {
    LateEventLog log = late(3).readFailures(0.5).headFailures(1).build();
    Position start = remote.head().toCompletableFuture().join();
    List<CompletionStage<Page>> reads = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      reads.add(log.read(start, TopicFilter.all(), 1));
    }
    CompletionStage<Position> head = log.head();
    scheduler.advance(LONG);
    long failures = reads.stream().filter(LateEventLogTest::failed).count();
    assertTrue(failures > 60 && failures < 140, failures + " of 200 reads failed");
    assertEquals("head failed on purpose", failure(head).getMessage());
  }

  @Test
  void tailThatFailsIsToldOnceAndBringsNothingMore() {
    late(4).tailFailures(0.05).build().subscribeTail(recorder());
    for (int i = 1; i <= 500; i++) {
      remote.append(Event.message("e"));
    }
    scheduler.advance(LONG);
    int entries = calls.size() - 2;
    assertEquals("start 0", calls.get(0));
    for (int i = 1; i <= entries; i++) {
      assertEquals(i + " e", calls.get(i));
    }
    assertEquals("failed: tail failed on purpose", calls.get(entries + 1));
    assertTrue(entries > 0 && entries < 500, entries + " entries before the failure");
  }

  @Test
  void appendOfAnotherHandleWakesTheTail() {
    late(1).build().subscribeTail(recorder());
    LateEventLog other = late(2).build();
    other.append(Event.message("from another process"));
    scheduler.advance(LONG);
    assertEquals(List.of("start 0", "1 from another process"), calls);
  }

  @Test
  void closingFailsWhatIsUnderWayAndLeavesTheRemoteLogOpen() {
    LateEventLog log = late(5).build();
    log.subscribeTail(recorder());
    scheduler.advance(LONG);
    CompletionStage<Position> onItsWay = log.append(Event.message("never arrives"));
    log.close();
    assertTrue(failure(onItsWay) instanceof IllegalStateException);
    assertTrue(failure(log.head()) instanceof IllegalStateException);
    scheduler.advance(LONG);
    assertEquals(List.of("start 0", "failed: the handle on the log is closed"), calls);
    assertEquals(List.of(), remoteEntries());
    remote.append(Event.message("still open"));
    assertEquals(1, remoteEntries().size());
    assertEquals(0, scheduler.pendingTasks());
  }

  @Test
  void sharesOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> late(1).appendFailures(1.1));
    assertThrows(IllegalArgumentException.class, () -> late(1).tailFailures(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> late(1).maxDelay(Duration.ofNanos(-1)));
  }
}
