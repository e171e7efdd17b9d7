package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.eventchannel.Event;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import io.eventchannel.log.TailSink;
import io.eventchannel.log.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The rules of {@link EventLog#subscribeTail} and {@link EventLog#close}. */
abstract class EventLogTailRules extends EventLogFixture {
  private static final int EVENTS_EACH = 500;

  @Test
  final void tailStartsAtTheHead() {
    EventLog log = openLog();
    Position head = appendMany(log, "a", 3).get(2);
    RecordedTail tail = new RecordedTail();
    log.subscribeTail(tail);
    assertEquals(head, tail.awaitStart(), "the tail is to start at the head");
    Position next = append(log, "a", "a4");
    assertEquals(List.of(next), positions(tail.awaitEntries(1)));
    tail.assertSound();
  }

  @Test
  final void tailBringsTheEntriesOfAllTopicsInOrderAndWithoutHoles() {
    EventLog log = openLog();
    RecordedTail tail = new RecordedTail();
    log.subscribeTail(tail);
    Position start = tail.awaitStart();
    List<String> appended = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      append(log, i % 7 == 0 ? null : "t" + i % 3, "e" + i);
      appended.add("e" + i);
    }
    List<LogEntry> entries = tail.awaitEntries(200);
    assertEquals(appended, data(entries), "what the tail brought");
    assertEquals(positions(readOn(log, start, TopicFilter.all(), 64)), positions(entries));
    for (LogEntry entry : entries) {
      assertEquals(entry.position().id(), entry.event().id(), "the ID of an entry's event");
    }
    tail.assertSound();
  }

  @Test
  final void INV_01_tailHasTheOrderOfTheLogUnderManyPublishers() {
    EventLog log = openLog();
    List<RecordedTail> tails = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      RecordedTail tail = new RecordedTail();
      tails.add(tail);
      log.subscribeTail(tail);
    }
    Position start = head(log);
    tails.forEach(RecordedTail::awaitStart);
    publishConcurrently(log, log);
    List<Position> expected = positions(readOn(log, start, TopicFilter.all(), 100));
    assertEquals(2 * EVENTS_EACH, expected.size(), "entries in the log");
    for (RecordedTail tail : tails) {
      assertEquals(expected, positions(tail.awaitEntries(expected.size())));
      tail.assertSound();
    }
  }

  @Test
  final void tailThatIsSubscribedAmongAppendsHasNoHoleAfterItsStart() {
    EventLog log = openLog();
    List<RecordedTail> tails = new ArrayList<>();
    Position beginning = head(log);
    Thread publisher = new Thread(() -> appendMany(log, "a", EVENTS_EACH), "publisher");
    publisher.start();
    for (int i = 0; i < 10; i++) {
      RecordedTail tail = new RecordedTail();
      log.subscribeTail(tail);
      tail.awaitStart();
      tails.add(tail);
    }
    join(List.of(publisher));
    Position last = append(log, "a", "last");
    List<Position> all = positions(readOn(log, beginning, TopicFilter.all(), 99));
    for (RecordedTail tail : tails) {
      List<Position> seen = new ArrayList<>();
      while (seen.isEmpty() || !seen.get(seen.size() - 1).equals(last)) {
        seen.addAll(positions(tail.awaitEntries(1)));
      }
      assertEquals(all.subList(all.size() - seen.size(), all.size()), seen, "no holes");
      Position before = seen.size() == all.size() ? null : all.get(all.size() - seen.size() - 1);
      Position start = tail.awaitStart();
      assertTrue(
          before == null || before.compareWithin(start) <= 0,
          "entry " + before + " is after the start " + start + ", but did not come");
      assertTrue(start.compareWithin(seen.get(0)) < 0, "the first entry is after the start");
      tail.assertSound();
    }
  }

  @Test
  final void tailBringsWhatAnotherProcessAppends() {
    EventLog log = openLog();
    EventLog other = secondHandle(log);
    Assumptions.assumeTrue(other != null, "this log cannot be shared");
    assertNotNull(other);
    opened(other);
    RecordedTail tail = new RecordedTail();
    log.subscribeTail(tail);
    Position start = tail.awaitStart();
    publishConcurrently(log, other);
    List<LogEntry> entries = tail.awaitEntries(2 * EVENTS_EACH);
    assertEquals(positions(readOn(log, start, TopicFilter.all(), 100)), positions(entries));
    assertEquals(positions(readOn(other, start, TopicFilter.all(), 100)), positions(entries));
    tail.assertSound();
  }

  @Test
  final void closedSubscriptionBringsNothingThatIsAppendedLater() throws Exception {
    EventLog log = openLog();
    RecordedTail closed = new RecordedTail();
    RecordedTail open = new RecordedTail();
    AutoCloseable subscription = log.subscribeTail(closed);
    log.subscribeTail(open);
    append(log, "a", "a1");
    closed.awaitEntries(1);
    subscription.close();
    subscription.close();
    appendMany(log, "b", 20);
    open.awaitEntries(21);
    if (!closed.entries.isEmpty() || !closed.failures.isEmpty()) {
      fail("after its subscription was closed the sink got " + closed.entries + closed.failures);
    }
  }

  @Test
  final void sinkThatThrowsIsToldAndTheOthersGoOn() {
    EventLog log = openLog();
    LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    RuntimeException thrown = new IllegalArgumentException("thrown by the sink, on purpose");
    log.subscribeTail(
        new TailSink() {
          @Override
          public void onStart(Position head) {}

          @Override
          public void onEntry(LogEntry entry) {
            throw thrown;
          }

          @Override
          public void onFailure(Throwable cause) {
            failures.add(cause);
          }
        });
    RecordedTail sound = new RecordedTail();
    log.subscribeTail(sound);
    appendMany(log, "a", 5);
    assertEquals(5, sound.awaitEntries(5).size());
    try {
      Throwable failure = failures.poll(patience().toNanos(), TimeUnit.NANOSECONDS);
      assertEquals(thrown, failure, "the sink that threw is to get its own exception");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      fail("interrupted");
    }
    append(log, "a", "a6");
    sound.awaitEntries(1);
    assertEquals(0, failures.size(), "a sink is told of its end once");
  }

  @Test
  final void sinksAreCalledUnderNoLockOfTheLog() {
    EventLog log = openLog();
    LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    log.subscribeTail(
        new TailSink() {
          @Override
          public void onStart(Position head) {
            askFromAnotherThread("onStart");
          }

          @Override
          public void onEntry(LogEntry entry) {
            askFromAnotherThread("onEntry");
          }

          @Override
          public void onFailure(Throwable cause) {}

          private void askFromAnotherThread(String call) {
            Thread asking = new Thread(() -> log.head(), "asking for the head");
            asking.start();
            try {
              join(List.of(asking));
              answers.add(call + ": free");
            } catch (AssertionError locked) {
              answers.add(call + ": " + locked.getMessage());
            }
          }
        });
    append(log, "a", "a1");
    try {
      assertEquals("onStart: free", answers.poll(2 * patience().toMillis(), TimeUnit.MILLISECONDS));
      assertEquals("onEntry: free", answers.poll(2 * patience().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      fail("interrupted");
    }
  }

  @Test
  final void closedLogFailsItsStagesAndItsSinks() {
    EventLog log = openLog();
    Position position = append(log, "a", "a1");
    RecordedTail tail = new RecordedTail();
    log.subscribeTail(tail);
    tail.awaitStart();
    log.close();
    log.close();
    assertIllegalState("onFailure", tail.awaitFailure());
    assertIllegalState("append", awaitFailure("append", log.append(Event.message("x"))));
    assertIllegalState("read", awaitFailure("read", log.read(position, TopicFilter.all(), 1)));
    assertIllegalState("head", awaitFailure("head", log.head()));
    RecordedTail late = new RecordedTail();
    log.subscribeTail(late);
    assertIllegalState("onFailure of a late sink", late.awaitFailure());
    tail.assertSound();
  }

  private static void assertIllegalState(String call, Throwable failure) {
    if (!(failure instanceof IllegalStateException)) {
      fail(call + " after close: expected IllegalStateException, got " + failure, failure);
    }
  }

  private void publishConcurrently(EventLog first, EventLog second) {
    List<Throwable> failures = new ArrayList<>();
    List<Thread> publishers = new ArrayList<>();
    for (EventLog handle : List.of(first, second)) {
      String topic = "p" + publishers.size();
      Thread publisher =
          new Thread(() -> appendMany(handle, topic, EVENTS_EACH), "publisher " + topic);
      publisher.setUncaughtExceptionHandler(
          (thread, failure) -> {
            synchronized (failures) {
              failures.add(failure);
            }
          });
      publishers.add(publisher);
      publisher.start();
    }
    join(publishers);
    synchronized (failures) {
      assertEquals(List.of(), failures, "failures of the publishers");
    }
  }
}
