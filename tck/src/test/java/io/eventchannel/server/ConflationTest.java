package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.eventchannel.Event;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.policy.SlowConsumerPolicy;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConflationTest {
  private static final int EVENTS = 10 * Conflation.MOST_ENTRIES;

  private final AtomicInteger keyCalls = new AtomicInteger();

  private static Position at(long offset) {
    return Position.parse("epoch-" + offset);
  }

  private static Run run(int events, int windowEvents) {
    Run run = new Run(at(0), windowEvents, Long.MAX_VALUE);
    for (int i = 1; i <= events; i++) {
      run.append(
          new LogEntry(at(i), Event.of("tick", "" + i).withTopic(i % 2 == 0 ? "a" : "b")), 0);
    }
    return run;
  }

  private static Conflation conflation(Run run, long from, SlowConsumerPolicy policy) {
    BatchCache.Reading reading =
        new BatchCache.Reading(TopicFilter.of(Set.of("a", "b")), WireFormat.SSE, false);
    EventKeys keys = Objects.requireNonNull(EventKeys.of(policy));
    return new Conflation(run, from, at(from), run.head(), reading, keys);
  }

  private SlowConsumerPolicy counting() {
    return SlowConsumerPolicy.conflate(
        event -> {
          keyCalls.incrementAndGet();
          return event.topic();
        });
  }

  @Test
  void F27_oneCallLooksAtABoundedNumberOfEntriesHoweverMuchIsLeftOut() {
    Conflation conflation = conflation(run(EVENTS, EVENTS), 0, SlowConsumerPolicy.conflate());
    long before = 0;
    int calls = 1;
    for (; conflation.read() == Conflation.Found.MORE; calls++) {
      assertEquals(Conflation.MOST_ENTRIES, conflation.next() - before);
      assertEquals(at(0), conflation.safe(), "what was left out is not told yet");
      before = conflation.next();
    }
    assertEquals(EVENTS / Conflation.MOST_ENTRIES, calls);
    assertEquals(at(EVENTS - 2), conflation.before());
    assertEquals(Conflation.Found.BATCH, conflation.read());
    assertNotNull(conflation.takeBatch());
    assertEquals(at(EVENTS), conflation.safe());
    assertEquals(Conflation.Found.END, conflation.read());
  }

  @Test
  void F27_oneCallAsksForABoundedNumberOfKeys() {
    Conflation conflation = conflation(run(EVENTS, EVENTS), 0, counting());
    for (int i = 1; i < EVENTS / Conflation.MOST_ENTRIES; i++) {
      assertEquals(Conflation.Found.MORE, conflation.read());
      assertEquals(i * Conflation.MOST_ENTRIES, keyCalls.get());
    }
  }

  @Test
  void F27_aConsumerThatTheWindowHasLeftBehindIsAskedForNoKeys() {
    Conflation conflation = conflation(run(EVENTS, 8), 5, counting());
    assertEquals(Conflation.Found.EVICTED, conflation.read());
    assertEquals(0, keyCalls.get());
    assertEquals(at(5), conflation.safe());
  }

  @Test
  void F27_whatTheWindowLosesBeforeTheGapIsToldStaysBehindThePosition() {
    Run run = run(EVENTS, EVENTS);
    Conflation conflation = conflation(run, 0, SlowConsumerPolicy.conflate());
    assertEquals(Conflation.Found.MORE, conflation.read());
    for (int i = 1; i <= EVENTS; i++) {
      run.append(new LogEntry(at(EVENTS + i), Event.of("tick", "").withTopic("c")), 0);
    }
    assertEquals(Conflation.Found.EVICTED, conflation.read());
    assertEquals(at(0), conflation.safe());
  }
}
