package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/**
 * The contract of every {@link EventLog}, as tests. Extend it, say how to make your log, and run it
 * with JUnit:
 *
 * <pre>{@code
 * class MyEventLogTest extends EventLogContract {
 *   @Override protected EventLog createLog() { return new MyEventLog(); }
 *   @Override protected EventLog createLogHolding(int events) { return new MyEventLog(events); }
 *   @Override protected EventLog restart(EventLog log) { log.close(); return new MyEventLog(); }
 * }
 * }</pre>
 *
 * <p>It waits for stages and never assumes that they are complete, so it serves logs in other
 * processes as well; {@code patience()} says for how long. Every log it opens is closed after the
 * test. What a log cannot do ({@code secondHandle}, {@code tellsGapsExactly}) is skipped, with the
 * reason.
 */
public abstract class EventLogContract extends EventLogGapRules {
  /** Creates one; JUnit does. */
  protected EventLogContract() {}

  @Test
  final void emptyLogHasAHeadToReadAfter() {
    EventLog log = openLog();
    Position head = head(log);
    Page page = read(log, head, TopicFilter.all(), 10);
    assertNull(page.gap(), () -> describe(page));
    assertEquals(List.of(), page.entries());
    assertEquals(head, page.next());
    Position first = append(log, "a", "a1");
    assertTrue(head.compareWithin(first) < 0, "the first event is after the head of the empty log");
    assertEquals(List.of("a1"), data(readOn(log, head, TopicFilter.all(), 10)));
  }

  @Test
  final void INV_01_positionsAreIssuedInTheOrderOfTheLog() {
    EventLog log = openLog();
    Position before = head(log);
    for (int i = 0; i < 300; i++) {
      Position position = append(log, i % 5 == 0 ? null : "t" + i % 3, "x");
      assertTrue(
          before.compareWithin(position) < 0,
          "INV-01: " + position + " was issued after " + before);
      assertEquals(position, head(log), "the head after an append");
      before = position;
    }
  }

  @Test
  final void INV_01_appendsOfOneThreadKeepTheirOrderWithoutWaiting() {
    EventLog log = openLog();
    Position start = head(log);
    List<CompletionStage<Position>> stages = new ArrayList<>();
    List<String> appended = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      stages.add(log.append(Event.message("e" + i).withTopic("a")));
      appended.add("e" + i);
    }
    List<Position> positions = new ArrayList<>();
    for (CompletionStage<Position> stage : stages) {
      positions.add(await("append", stage));
    }
    List<LogEntry> entries = readOn(log, start, TopicFilter.all(), 50);
    assertEquals(appended, data(entries), "INV-01");
    assertEquals(positions, positions(entries), "INV-01");
  }

  @Test
  final void INV_02_noPositionIsIssuedTwiceNotEvenAfterARestart() {
    EventLog log = openLog();
    Map<String, String> dataOfIds = new HashMap<>();
    for (int restarts = 0; restarts < 5; restarts++) {
      for (int i = 0; i < 20; i++) {
        String data = restarts + ":" + i;
        String other = dataOfIds.put(append(log, "a", data).id(), data);
        assertNull(other, () -> "INV-02: the ID of " + data + " was that of " + other);
      }
      log = opened(restart(log));
    }
  }

  @Test
  final void INV_02_aRestartContinuesTheHistoryOrChangesTheEpoch() {
    EventLog log = openLog();
    Position start = head(log);
    List<Position> before = appendMany(log, "a", 5);
    log = opened(restart(log));
    appendMany(log, "b", 5);
    Page page = read(log, before.get(2), TopicFilter.all(), MANY);
    if (page.gap() == null) {
      assertEquals(List.of("a4", "a5", "b1", "b2", "b3", "b4", "b5"), data(page.entries()));
    } else {
      assertEquals(Gap.Reason.EPOCH, page.gap(), () -> describe(page));
      assertTrue(!head(log).sameEpoch(start), "a history that was lost needs another epoch");
      assertTrue(page.next().sameEpoch(head(log)), "a gap leads into the present epoch");
      List<String> here = data(readOn(log, page.next(), TopicFilter.all(), MANY));
      assertEquals(
          List.of("b1", "b2", "b3", "b4", "b5"),
          here.subList(Math.max(0, here.size() - 5), here.size()),
          "what is held of the new epoch");
    }
  }

  @Test
  final void INV_04_readGivesExactlyTheEntriesAfterAPosition() {
    EventLog log = openLog();
    List<Position> positions = new ArrayList<>(List.of(head(log)));
    List<String> appended = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      positions.add(append(log, "t" + i % 4, "e" + i));
      appended.add("e" + i);
    }
    for (int from = 0; from <= 30; from++) {
      for (int limit : new int[] {1, 2, 7, 29, 30, 31, Integer.MAX_VALUE}) {
        List<LogEntry> entries = readOn(log, positions.get(from), TopicFilter.all(), limit);
        String read = "INV-04: after " + positions.get(from) + " by " + limit;
        assertEquals(appended.subList(from, 30), data(entries), read);
        assertEquals(positions.subList(from + 1, 31), positions(entries), read);
      }
    }
  }

  @Test
  final void INV_04_readOfTopicsGivesTheirEntriesAndNoOthers() {
    EventLog log = openLog();
    List<Position> positions = new ArrayList<>(List.of(head(log)));
    List<String> topics = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String topic = i % 5 == 0 ? null : "t" + i % 5;
      positions.add(append(log, topic, "e" + i));
      topics.add(String.valueOf(topic));
    }
    for (TopicFilter filter :
        List.of(topics("t1"), topics("t1", "t3"), topics("t2", "none"), topics("none"), topics())) {
      for (int from = 0; from <= 40; from++) {
        List<String> expected = new ArrayList<>();
        for (int i = from; i < 40; i++) {
          if (filter.test(topics.get(i))) {
            expected.add("e" + i);
          }
        }
        for (int limit : new int[] {1, 3, 100}) {
          List<LogEntry> entries = readOn(log, positions.get(from), filter, limit);
          assertEquals(
              expected, data(entries), "INV-04: " + filter + " after " + positions.get(from));
        }
      }
    }
  }

  @Test
  final void pageLeadsAsFarAsNothingElseIsMissing() {
    EventLog log = openLog();
    Position start = head(log);
    Position a1 = append(log, "a", "a1");
    append(log, "b", "b1");
    Position a2 = append(log, "a", "a2");
    Position head = append(log, "b", "b2");
    Page page = read(log, start, topics("a"), 1);
    assertEquals(List.of("a1"), data(page.entries()));
    assertTrue(
        page.next().compareWithin(a1) >= 0 && page.next().compareWithin(a2) < 0,
        () -> "next lies from a1 to before a2: " + describe(page));
    assertEquals(head, read(log, start, topics("a"), 10).next(), "nothing more of a: the head");
    assertEquals(head, read(log, start, topics("none"), 10).next(), "nothing at all: the head");
    assertEquals(head, read(log, head, TopicFilter.all(), 10).next(), "at the head: the head");
  }

  @Test
  final void INV_05_entriesCarryWhatWasPublishedAndNeverChange() {
    EventLog log = openLog();
    Position start = head(log);
    List<Event> published =
        List.of(
            Event.of("tick", "{\"a\":1}").withTopic("a"),
            Event.message(""),
            Event.message("Grüße 🌍\nzwei\u0000drei").withTopic("a/b:c"),
            Event.binary("b", new byte[] {0, 1, -1, 127, -128}).withTopic("a"),
            Event.binary("b", new byte[0]),
            Event.message("named").withId("brought-1").withTopic("a"));
    List<Event> expected = new ArrayList<>();
    for (Event event : published) {
      expected.add(event.withId(await("append", log.append(event)).id()));
    }
    for (int reading = 0; reading < 2; reading++) {
      List<Event> events =
          readOn(log, start, TopicFilter.all(), 4).stream().map(LogEntry::event).toList();
      assertEquals(expected, events, "INV-05");
      assertArrayEquals(published.get(3).bytes(), events.get(3).bytes());
      append(log, "a", "later");
      expected.add(readOn(log, start, TopicFilter.all(), 100).get(expected.size()).event());
    }
  }

  @Test
  final void INV_06_whatIsConfirmedIsReadableByEveryLaterRead() {
    EventLog log = openLog();
    Position start = head(log);
    Map<Position, String> confirmed = new ConcurrentHashMap<>();
    Set<String> unread = ConcurrentHashMap.newKeySet();
    List<Thread> publishers = new ArrayList<>();
    for (int p = 0; p < 4; p++) {
      String topic = "p" + p;
      Thread publisher =
          new Thread(
              () -> {
                Position before = start;
                for (int i = 1; i <= 100; i++) {
                  String data = topic + ":" + i;
                  Position position = append(log, topic, data);
                  String other = confirmed.put(position, data);
                  Page page = read(log, before, topics(topic), 10);
                  if (other != null || !data(page.entries()).equals(List.of(data))) {
                    unread.add(data + " at " + position + ": " + describe(page) + ", " + other);
                  }
                  before = position;
                }
              },
              "publisher " + topic);
      publisher.setUncaughtExceptionHandler((thread, failure) -> unread.add(failure.toString()));
      publishers.add(publisher);
      publisher.start();
    }
    join(publishers);
    assertEquals(Set.of(), unread, "INV-06: confirmed, but not what the next read gave");
    Map<Position, String> read = new HashMap<>();
    Map<String, Integer> lastOfTopic = new HashMap<>();
    for (LogEntry entry : readOn(log, start, TopicFilter.all(), 33)) {
      assertNull(read.put(entry.position(), entry.event().data()), "INV-04: read twice");
      int number = Integer.parseInt(entry.event().data().substring(3));
      Integer last = lastOfTopic.put(String.valueOf(entry.event().topic()), number);
      assertEquals(number - 1, last == null ? 0 : last, "the order of one publisher");
    }
    assertEquals(confirmed, read, "INV-06");
  }

  @Test
  final void INV_06_whatIsReadStaysReadable() {
    EventLog log = openLog();
    Position start = head(log);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      log.append(Event.message("e" + i).withTopic("a"));
      List<String> now = data(readThroughGap(log, start, TopicFilter.all()));
      if (!now.containsAll(seen)) {
        fail("INV-06: " + seen + " were read before, and later only " + now);
      }
      seen.addAll(now);
    }
  }

  @Test
  final void limitBelowOneIsRefused() {
    EventLog log = openLog();
    Position head = head(log);
    assertThrows(IllegalArgumentException.class, () -> log.read(head, TopicFilter.all(), 0));
  }
}
