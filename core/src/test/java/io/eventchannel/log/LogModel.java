package io.eventchannel.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.LimitExceededException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * One seeded run of random operations on an {@link InMemoryEventLog}, each compared with plain
 * lists: every event ever appended, and those still held by a retention that is written down in the
 * simplest way. Whether a reader missed something is asked of the first list, not of any mark.
 */
final class LogModel {
  private static final String[] TOPICS = {"a", "b", "c", "d", "e", "f", "g", "h"};

  private final Random random;
  private final int maxEventsPerTopic;
  private final long maxBytesPerTopic;
  private final long maxBytes;
  private final int maxTopics;
  private final long maxAge;
  private final int busyTopics;

  private InMemoryEventLog log;
  private String epoch = "";
  private long now;

  // Of the present epoch; the event at index i has offset i + 1.
  private final List<Appended> appended = new ArrayList<>();
  private final List<Appended> held = new ArrayList<>();
  private final List<String> topicsByLastAppend = new ArrayList<>();
  private long forgottenMark;

  // Over all epochs.
  private final Map<String, String> dataOfIds = new HashMap<>();
  private final List<Position> issued = new ArrayList<>();
  int gaps;
  int pages;
  int falseGaps;

  private record Appended(long offset, String topic, String data, long weight, long time) {}

  LogModel(long seed) {
    random = new Random(seed);
    maxEventsPerTopic = 1 + random.nextInt(12);
    maxBytes = History.OVERHEAD * (2 + random.nextInt(40));
    maxBytesPerTopic = Math.min(maxBytes, History.OVERHEAD * (2 + random.nextInt(20)));
    maxTopics = random.nextInt(3) > 0 ? TOPICS.length + 1 : 1 + random.nextInt(TOPICS.length);
    maxAge = 1 + random.nextInt(100);
    busyTopics = 1 + random.nextInt(TOPICS.length);
    restart();
  }

  void run(int operations) {
    for (int i = 0; i < operations; i++) {
      int choice = random.nextInt(100);
      if (choice < 45) {
        append();
      } else if (choice < 85) {
        read();
      } else if (choice < 95) {
        now += random.nextInt(20);
        expire();
      } else if (choice < 98) {
        checkHead();
      } else if (choice < 99) {
        checkHeld();
      } else {
        restart();
      }
    }
    checkHeld();
  }

  private void restart() {
    if (log != null) {
      log.close();
    }
    now = random.nextLong(); // a clock of any origin, also one that is about to overflow
    log =
        InMemoryEventLog.builder()
            .maxEventsPerTopic(maxEventsPerTopic)
            .maxBytesPerTopic(maxBytesPerTopic)
            .maxBytes(maxBytes)
            .maxTopics(maxTopics)
            .maxAge(Duration.ofNanos(maxAge), () -> now)
            .random(random)
            .build();
    appended.clear();
    held.clear();
    topicsByLastAppend.clear();
    forgottenMark = 0;
    String before = epoch;
    epoch = await(log.head()).epoch();
    assertNotEquals(before, epoch, "a restart begins a new epoch");
    checkHead();
  }

  private void append() {
    String topic = random.nextInt(10) == 0 ? null : TOPICS[random.nextInt(busyTopics)];
    if (random.nextInt(8) == 0) {
      topic = TOPICS[random.nextInt(TOPICS.length)];
    }
    String data = "x".repeat(random.nextInt(random.nextInt(10) == 0 ? 4_000 : 50));
    Event event = Event.of("n" + issued.size(), data).withTopic(topic).withId("brought along");
    // Reckoned with the ID of the head, which may be a digit shorter than its own will be.
    Event withIdOfHead = event.withId(await(log.head()).id());
    long weight = History.OVERHEAD + (long) withIdOfHead.weight();

    Position position;
    try {
      position = await(log.append(event));
    } catch (CompletionException refused) {
      assertTrue(refused.getCause() instanceof LimitExceededException, refused.toString());
      assertTrue(weight > maxBytesPerTopic, "refused " + weight + " of " + maxBytesPerTopic);
      return;
    }
    assertTrue(weight <= maxBytesPerTopic, "took " + weight + " of " + maxBytesPerTopic);
    assertEquals(Position.of(epoch, appended.size() + 1), position, "INV-01");
    assertNull(dataOfIds.put(position.id(), event.type()), "INV-02");
    issued.add(position);
    retain(new Appended(position.high(), topic, event.type(), weight, now));
  }

  private void retain(Appended event) {
    expire();
    String topic = String.valueOf(event.topic);
    if (!topicsByLastAppend.remove(topic) && topicsByLastAppend.size() == maxTopics) {
      String forgotten = topicsByLastAppend.remove(0);
      Predicate<Appended> ofForgotten = e -> String.valueOf(e.topic).equals(forgotten);
      held.removeIf(ofForgotten);
      for (Appended gone : appended) {
        if (ofForgotten.test(gone)) {
          forgottenMark = Math.max(forgottenMark, gone.offset);
        }
      }
    }
    topicsByLastAppend.add(topic);
    appended.add(event);
    held.add(event);
    while (true) {
      List<Appended> ofTopic =
          held.stream().filter(e -> String.valueOf(e.topic).equals(topic)).toList();
      if (ofTopic.size() <= maxEventsPerTopic && weigh(ofTopic) <= maxBytesPerTopic) {
        break;
      }
      held.remove(ofTopic.get(0));
    }
    while (weigh(held) > maxBytes) {
      held.remove(0);
    }
  }

  private static long weigh(List<Appended> events) {
    return events.stream().mapToLong(Appended::weight).sum();
  }

  private void expire() {
    held.removeIf(event -> now - event.time > maxAge);
  }

  private void read() {
    TopicFilter filter = randomFilter();
    long after = appended.isEmpty() ? 0 : random.nextInt(appended.size() + 1);
    if (random.nextInt(4) == 0) {
      after = Math.max(0, appended.size() - random.nextInt(4)); // near the head, where clients are
    }
    int limit = 1 + random.nextInt(8);
    Position from = Position.of(epoch, after);
    int kind = random.nextInt(12);
    if (kind == 0 && !issued.isEmpty()) {
      from = issued.get(random.nextInt(issued.size()));
    } else if (kind == 1) {
      from = Position.of(epoch, appended.size() + 1 + random.nextInt(3));
    } else if (kind == 2) {
      from = Position.of(epoch, after, 1 + random.nextInt(3));
    }
    Page page = await(log.read(from, filter, limit));
    if (!from.epoch().equals(epoch)) {
      assertEquals(Gap.Reason.EPOCH, page.gap(), "INV-04");
      checkResumption(page, filter, limit);
    } else if (from.low() != 0 || from.high() > appended.size()) {
      assertEquals(Gap.Reason.UNKNOWN, page.gap(), "INV-04");
      assertEquals(Position.of(epoch, appended.size()), page.next());
    } else {
      checkKnown(from.high(), filter, limit, page);
    }
  }

  private void checkKnown(long after, TopicFilter filter, int limit, Page page) {
    long lost = lastLost(filter);
    if (page.gap() == null) {
      pages++;
      assertTrue(lost <= after, "INV-04: " + lost + " after " + after + " is lost in silence");
      checkPage(after, filter, limit, page);
      return;
    }
    gaps++;
    assertEquals(Gap.Reason.EVICTED, page.gap());
    if (lost <= after) {
      falseGaps++;
      boolean forgottenTopic =
          filter.topics().stream().anyMatch(topic -> !topicsByLastAppend.contains(topic));
      // A topic that came back since it was forgotten also has the mark of the forgotten.
      boolean anyForgotten = forgottenMark > after;
      assertTrue(
          anyForgotten && (forgottenTopic || maxTopics <= TOPICS.length),
          "INV-04: a gap after " + after + " although only " + lost + " is lost");
    }
    assertTrue(page.next().high() > after, "a gap leads forward");
    checkResumption(page, filter, limit);
  }

  /** The offset of the newest event selected that is not held; 0 if there is none. */
  private long lastLost(TopicFilter filter) {
    long lost = 0;
    for (Appended event : appended) {
      if (filter.test(event.topic) && !held.contains(event)) {
        lost = event.offset;
      }
    }
    return lost;
  }

  private void checkResumption(Page gap, TopicFilter filter, int limit) {
    Position next = gap.next();
    assertEquals(epoch, next.epoch());
    long lost = lastLost(filter);
    assertTrue(next.high() >= lost, "INV-04: reading on after a gap would be a gap again");
    if (maxTopics > TOPICS.length) {
      long expected =
          held.stream()
              .filter(e -> e.offset > lost && filter.test(e.topic))
              .mapToLong(e -> e.offset - 1)
              .findFirst()
              .orElse(appended.size());
      assertEquals(expected, next.high(), "a gap leads to the oldest event that can be had");
    }
    Page page = await(log.read(next, filter, limit));
    assertNull(page.gap(), "INV-04: reading on after a gap is no gap");
    checkPage(next.high(), filter, limit, page);
    Page following = Objects.requireNonNull(gap.following());
    checkPage(next.high(), filter, limit, following);
    assertEquals(page.next(), following.next());
  }

  private void checkPage(long after, TopicFilter filter, int limit, Page page) {
    List<Appended> expected =
        held.stream().filter(e -> e.offset > after && filter.test(e.topic)).toList();
    List<Appended> here = expected.subList(0, Math.min(limit, expected.size()));
    assertEquals(
        here.stream().map(e -> epoch + "-" + e.offset + " " + e.data).toList(),
        page.entries().stream().map(e -> e.event().id() + " " + e.event().type()).toList(),
        "INV-04");
    for (LogEntry entry : page.entries()) {
      assertEquals(entry.position().id(), entry.event().id());
      assertEquals(dataOfIds.get(entry.position().id()), entry.event().type(), "INV-02");
    }
    long next = expected.size() > limit ? expected.get(limit).offset - 1 : appended.size();
    assertEquals(Position.of(epoch, next), page.next());
  }

  private void checkHead() {
    assertEquals(Position.of(epoch, appended.size()), await(log.head()), "INV-01");
  }

  /** Reads each topic by itself from a foreign position: what comes is all that is held of it. */
  private void checkHeld() {
    for (String topic : TOPICS) {
      TopicFilter filter = TopicFilter.of(Set.of(topic));
      Position oldest = await(log.read(Position.of("foreign", 1), filter, 1)).next();
      List<LogEntry> entries = await(log.read(oldest, filter, Integer.MAX_VALUE)).entries();
      List<Appended> expected = held.stream().filter(e -> topic.equals(e.topic)).toList();
      assertEquals(
          expected.stream().map(Appended::data).toList(),
          entries.stream().map(e -> e.event().type()).toList(),
          "INV-03");
      assertTrue(entries.size() <= maxEventsPerTopic, "INV-03: count");
    }
  }

  private TopicFilter randomFilter() {
    if (random.nextInt(3) == 0) {
      return TopicFilter.all();
    }
    Set<String> topics = new LinkedHashSet<>();
    for (int count = random.nextInt(4); count >= 0; count--) {
      topics.add(TOPICS[random.nextInt(TOPICS.length)]);
    }
    return TopicFilter.of(topics.stream().collect(Collectors.toSet()));
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }
}
