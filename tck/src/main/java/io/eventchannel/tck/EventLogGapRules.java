package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Gap;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The part of the contract that says what a reader is told who may have missed something. */
abstract class EventLogGapRules extends EventLogTailRules {
  @Test
  final void INV_04_aReaderOfWhatIsEvictedGetsAGapAndNeverASilentHole() {
    EventLog log = openLogHolding(10);
    List<Position> positions = new ArrayList<>(List.of(head(log)));
    positions.addAll(appendMany(log, "a", 50));
    List<String> afterGap = List.of();
    for (int from = 50; from >= 0; from--) {
      Position after = positions.get(from);
      Page page = read(log, after, topics("a"), MANY);
      if (page.gap() == null) {
        assertTrue(afterGap.isEmpty(), "after a gap no older position is none: " + after);
        assertEquals(positions.subList(from + 1, 51), positions(page.entries()), "INV-04");
        continue;
      }
      assertEquals(Gap.Reason.EVICTED, page.gap(), () -> describe(page));
      assertTrue(page.next().compareWithin(after) > 0, () -> "a gap leads on: " + describe(page));
      List<String> here = data(readOn(log, page.next(), topics("a"), MANY));
      if (afterGap.isEmpty()) {
        // The newest position that is a gap: after it comes all that the next one could still read.
        List<Position> oldest = positions(readOn(log, positions.get(from + 1), topics("a"), MANY));
        assertEquals(oldest.size(), here.size(), "after a gap comes the oldest entry held");
        afterGap = here;
      }
      assertEquals(afterGap, here, "every gap leads to the oldest entry held");
    }
    assertTrue(!afterGap.isEmpty(), "of 50 events a log that holds 10 evicted none");
    if (tellsGapsExactly()) {
      assertTrue(afterGap.size() >= 10, "a log that holds 10 events has only " + afterGap);
    }
  }

  @Test
  final void INV_04_aPageBehindAGapIsWhatReadingOnGives() {
    EventLog log = openLogHolding(10);
    Position foreign = head(openLog());
    Position start = head(log);
    append(log, "quiet", "q1");
    appendMany(log, "busy", 40);
    append(log, "quiet", "q2");
    int brought = 0;
    for (Position after : List.of(start, foreign)) {
      for (TopicFilter filter :
          List.of(topics("busy"), topics("quiet", "busy"), TopicFilter.all())) {
        for (int limit : new int[] {1, 3, MANY}) {
          Page gap = read(log, after, filter, limit);
          Page following = gap.following();
          if (following == null) {
            continue;
          }
          brought++;
          String behind = "INV-04: behind the gap after " + after + " of " + filter;
          assertTrue(following.entries().size() <= limit, behind + " more than " + limit);
          List<LogEntry> all = new ArrayList<>(following.entries());
          all.addAll(readOn(log, following.next(), filter, MANY));
          List<LogEntry> expected = readOn(log, gap.next(), filter, MANY);
          assertEquals(positions(expected), positions(all), behind);
          assertEquals(data(expected), data(all), behind);
        }
      }
    }
    Assumptions.assumeTrue(brought > 0, "this log brings no page with a gap");
  }

  @Test
  final void INV_04_aPageBehindAGapIsOfTheMomentOfTheGap() {
    EventLog log = openLogHolding(10);
    Position start = head(log);
    Queue<Position> appended = new ConcurrentLinkedQueue<>();
    AtomicBoolean enough = new AtomicBoolean();
    appended.addAll(appendMany(log, "a", 40));
    Thread publisher =
        new Thread(
            () -> {
              while (!enough.get()) {
                appended.add(append(log, "a", "more"));
              }
            },
            "publisher");
    Map<List<Object>, Page> gaps = new HashMap<>(); // each that is different once
    boolean last;
    do { // first before the others begin, and last when they have appended much
      last = appended.size() >= 240;
      Page gap = read(log, start, TopicFilter.all(), 5);
      Page following = gap.following();
      if (following != null) {
        gaps.put(List.of(gap.next(), positions(following.entries())), gap);
      }
      if (publisher.getState() == Thread.State.NEW) {
        publisher.start();
      }
    } while (!last && publisher.isAlive());
    enough.set(true);
    join(List.of(publisher));
    List<Position> positions = List.copyOf(appended);
    assertTrue(positions.size() >= 240, "an append failed");
    Assumptions.assumeTrue(!gaps.isEmpty(), "this log brings no page with a gap");
    for (Page gap : gaps.values()) {
      int from = 0;
      while (from < positions.size() && positions.get(from).compareWithin(gap.next()) <= 0) {
        from++;
      }
      List<Position> here = positions(Objects.requireNonNull(gap.following()).entries());
      assertEquals(
          positions.subList(from, Math.min(positions.size(), from + here.size())),
          here,
          () -> "INV-04: lost in silence between a gap and its page, after " + gap.next());
    }
  }

  @Test
  final void INV_04_aGapInOneOfSeveralTopicsIsToldOnce() {
    EventLog log = openLogHolding(10);
    Position start = head(log);
    append(log, "quiet", "q1");
    appendMany(log, "busy", 40);
    append(log, "quiet", "q2");
    for (TopicFilter filter : List.of(topics("busy", "quiet"), TopicFilter.all())) {
      Page page = read(log, start, filter, MANY);
      assertEquals(Gap.Reason.EVICTED, page.gap(), () -> filter + ": " + describe(page));
      List<String> here = data(readOn(log, page.next(), filter, MANY));
      assertTrue(here.contains("busy40") && here.contains("q2"), here.toString());
    }
  }

  @Test
  final void INV_04_aReaderOfAQuietTopicGetsNoGapForABusyOne() {
    Assumptions.assumeTrue(tellsGapsExactly(), "this log may report a gap too many");
    EventLog log = openLogHolding(10);
    Position start = head(log);
    append(log, "quiet", "q1");
    appendMany(log, "busy", 40);
    assertEquals(List.of("q1"), data(readOn(log, start, topics("quiet"), 10)));
    assertEquals(List.of(), readOn(log, start, topics("silent"), 10));
  }

  @Test
  final void INV_04_aPositionAtTheHeadHasMissedNothing() {
    EventLog log = openLogHolding(2);
    Position head = appendMany(log, "a", 20).get(19);
    for (TopicFilter filter : List.of(topics("a"), topics("b"), TopicFilter.all())) {
      Page page = read(log, head, filter, 10);
      assertNull(page.gap(), () -> filter + ": " + describe(page));
      assertEquals(List.of(), page.entries());
      assertEquals(head, page.next());
    }
    append(log, "a", "next");
    assertEquals(List.of("next"), data(readOn(log, head, topics("a"), 10)));
  }

  @Test
  final void INV_04_aPositionOfAnotherEpochIsAGapBeforeTheOldestEntryHeld() {
    EventLog log = openLog();
    Position foreign = head(openLog());
    assertTrue(!foreign.sameEpoch(head(log)), "INV-02: two logs have one epoch");
    Page empty = read(log, foreign, TopicFilter.all(), 10);
    assertEquals(Gap.Reason.EPOCH, empty.gap(), () -> describe(empty));
    appendMany(log, "a", 5);
    append(log, "b", "b1");
    Page page = read(log, Position.of("foreign", 3, 3), TopicFilter.all(), 10);
    assertEquals(Gap.Reason.EPOCH, page.gap(), () -> describe(page));
    assertEquals(
        List.of("a1", "a2", "a3", "a4", "a5", "b1"),
        data(readOn(log, page.next(), TopicFilter.all(), 2)));
    Page ofTopic = read(log, foreign, topics("b"), 10);
    assertEquals(Gap.Reason.EPOCH, ofTopic.gap(), () -> describe(ofTopic));
    assertEquals(List.of("b1"), data(readOn(log, ofTopic.next(), topics("b"), 2)));
  }

  @Test
  final void INV_04_aPositionThatWasNeverIssuedIsAGapThatLeadsToTheHead() {
    EventLog log = openLog();
    Position head = appendMany(log, "a", 5).get(4);
    for (Position future :
        List.of(
            Position.of(head.epoch(), head.high() + 1_000_000_000L),
            Position.of(head.epoch(), Long.MAX_VALUE, Long.MAX_VALUE))) {
      Page page = read(log, future, TopicFilter.all(), 10);
      assertEquals(Gap.Reason.UNKNOWN, page.gap(), () -> describe(page));
      assertEquals(head, page.next());
      Page following = page.following();
      assertTrue(
          following == null || following.entries().isEmpty(), "an event of before the position");
    }
  }
}
