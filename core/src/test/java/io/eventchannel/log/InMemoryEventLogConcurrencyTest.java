package io.eventchannel.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Four publishers against readers and sinks; every promise is checked from what each one saw. */
class InMemoryEventLogConcurrencyTest {
  private static final int PUBLISHERS = 4;
  private static final int EVENTS_EACH = 5_000;
  private static final int EVENTS = PUBLISHERS * EVENTS_EACH;
  private static final long PATIENCE_SECONDS = 60;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch start = new CountDownLatch(1);
  private final List<Future<?>> results = new ArrayList<>();
  private final Map<Long, String> published = new ConcurrentHashMap<>();
  private final AtomicInteger running = new AtomicInteger(PUBLISHERS);

  @AfterEach
  void stop() throws InterruptedException {
    threads.shutdownNow();
    assertTrue(threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS));
  }

  private void go(Callable<?> task) {
    results.add(
        threads.submit(
            () -> {
              start.await();
              return task.call();
            }));
  }

  private void publishAndAwait(InMemoryEventLog log) throws Exception {
    for (int i = 0; i < PUBLISHERS; i++) {
      int publisher = i;
      go(() -> publish(log, publisher));
    }
    start.countDown();
    for (Future<?> result : results) {
      result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Void publish(InMemoryEventLog log, int publisher) {
    try {
      long last = 0;
      for (int i = 0; i < EVENTS_EACH; i++) {
        String data = publisher + ":" + i;
        Event event = Event.message(data).withTopic("t" + publisher);
        Position position = log.append(event).toCompletableFuture().join();
        assertTrue(position.high() > last, "a publisher's events have its order");
        last = position.high();
        assertNull(published.put(last, data));
        if (i % 16 == 0) {
          Page page = read(log, Position.of(position.epoch(), last - 1), TopicFilter.all(), 1);
          assertTrue(
              page.gap() == Gap.Reason.EVICTED || data.equals(page.entries().get(0).event().data()),
              "INV-06: confirmed, but not what a later read found");
        }
      }
      return null;
    } finally {
      running.decrementAndGet();
    }
  }

  private static Page read(InMemoryEventLog log, Position after, TopicFilter filter, int limit) {
    return log.read(after, filter, limit).toCompletableFuture().join();
  }

  /** Reads from the beginning until nothing is published any more; returns data by offset. */
  private Map<Long, String> readAll(InMemoryEventLog log, TopicFilter filter, int limit) {
    Map<Long, String> seen = new ConcurrentHashMap<>();
    Position position = Position.of(log.head().toCompletableFuture().join().epoch(), 0);
    while (true) {
      boolean last = running.get() == 0;
      Page page = read(log, position, filter, limit);
      for (LogEntry entry : page.entries()) {
        assertTrue(entry.position().compareWithin(position) > 0, "INV-04: order");
        position = entry.position();
        assertTrue(filter.test(entry.event().topic()));
        assertNull(seen.put(position.high(), entry.event().data()), "INV-04: once");
      }
      assertTrue(page.next().compareWithin(position) >= 0);
      position = page.next();
      if (last && page.gap() == null && page.entries().isEmpty()) {
        return seen;
      }
    }
  }

  @Test
  void INV_01_offsetsOfManyPublishersHaveNoHoles() throws Exception {
    InMemoryEventLog log = InMemoryEventLog.builder().maxEventsPerTopic(64).build();
    publishAndAwait(log);
    assertEquals(EVENTS, published.size());
    for (long offset = 1; offset <= EVENTS; offset++) {
      assertTrue(published.containsKey(offset), "no event at " + offset);
    }
    assertEquals(EVENTS, log.head().toCompletableFuture().join().high());
  }

  @Test
  void INV_04_readersOfAllAndOfSomeTopicsMissNothingThatIsHeld() throws Exception {
    InMemoryEventLog log = InMemoryEventLog.builder().maxEventsPerTopic(EVENTS_EACH).build();
    Map<TopicFilter, Map<Long, String>> seen = new ConcurrentHashMap<>();
    for (TopicFilter filter :
        List.of(
            TopicFilter.all(), TopicFilter.of(Set.of("t1")), TopicFilter.of(Set.of("t0", "t3")))) {
      go(() -> seen.put(filter, readAll(log, filter, 7)));
    }
    publishAndAwait(log);
    seen.forEach(
        (filter, data) -> {
          Map<Long, String> expected = new ConcurrentHashMap<>(published);
          expected.values().removeIf(value -> !filter.test("t" + value.charAt(0)));
          assertEquals(expected, data);
        });
    assertEquals(3, seen.size());
  }

  @Test
  void INV_05_entriesThatWereReadNeverChange() throws Exception {
    InMemoryEventLog log = InMemoryEventLog.builder().maxEventsPerTopic(8).build();
    List<Map<Long, String>> seen = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      go(
          () -> {
            Map<Long, String> data = readAll(log, TopicFilter.all(), 100);
            synchronized (seen) {
              return seen.add(data);
            }
          });
    }
    publishAndAwait(log);
    // Each saw other parts of a log that ran away under it; none saw another event at an offset.
    for (Map<Long, String> data : seen) {
      data.forEach((offset, value) -> assertEquals(published.get(offset), value));
    }
    assertEquals(3, seen.size());
  }

  @Test
  void INV_06_sinksGetEveryConfirmedEventOnceInOrderAndOneAtATime() throws Exception {
    InMemoryEventLog log = InMemoryEventLog.builder().maxEventsPerTopic(1).build();
    List<CheckingSink> sinks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      CheckingSink sink = new CheckingSink();
      sinks.add(sink);
      log.subscribeTail(sink);
    }
    CheckingSink late = new CheckingSink();
    go(
        () -> {
          assertTrue(sinks.get(0).thousand.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
          return log.subscribeTail(late);
        });
    publishAndAwait(log); // who delivers is a publisher or a subscriber, and all have returned
    sinks.add(late);
    for (CheckingSink sink : sinks) {
      assertEquals(List.of(), sink.faults);
      assertEquals(EVENTS - sink.startedAt, sink.data.size());
      sink.data.forEach((offset, value) -> assertEquals(published.get(offset), value));
    }
    assertEquals(0, sinks.get(0).startedAt);
  }

  private static final class CheckingSink implements TailSink {
    final Map<Long, String> data = new ConcurrentHashMap<>();
    final List<String> faults = new ArrayList<>();
    private final AtomicBoolean inCall = new AtomicBoolean();
    long startedAt = -1;

    // Plain on purpose: the log promises that one call happens before the next.
    private long last;

    final CountDownLatch thousand = new CountDownLatch(1_000);

    @Override
    public void onStart(Position head) {
      startedAt = head.high();
      last = startedAt;
    }

    @Override
    public void onEntry(LogEntry entry) {
      if (!inCall.compareAndSet(false, true)) {
        faults.add("two calls at once");
      }
      if (entry.position().high() != last + 1) {
        faults.add(entry + " after " + last);
      }
      last = entry.position().high();
      data.put(last, entry.event().data());
      inCall.set(false);
      thousand.countDown();
    }

    @Override
    public void onFailure(Throwable cause) {
      faults.add(cause.toString());
    }
  }
}
