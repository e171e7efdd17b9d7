package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BatchCacheTest {
  private static final int EVENTS = 2_000;

  private final BatchCache cache = new BatchCache();
  private final BatchCache.Reading all =
      new BatchCache.Reading(TopicFilter.all(), WireFormat.SSE, false);

  private static Run run() {
    Run run = new Run(at(0), EVENTS, Long.MAX_VALUE);
    Event event = Event.of("tick", "x".repeat(1_000));
    for (int i = 1; i <= EVENTS; i++) {
      run.append(new LogEntry(at(i), event), 0);
    }
    return run;
  }

  private static Position at(long offset) {
    return Position.parse("epoch-" + offset);
  }

  @Test
  void equalReadersShareOneBatch() {
    Run run = run();
    assertSame(
        cache.next(run, 5, at(5), all).batch,
        cache.next(run, 5, at(5), new BatchCache.Reading(TopicFilter.all(), WireFormat.SSE, false))
            .batch);
  }

  @Test
  void readersThatStandEachElsewhereKeepNoMoreThanTheBound() {
    Run run = run();
    for (int i = 0; i < EVENTS; i++) {
      cache.next(run, i, at(i), all);
      assertTrue(cache.bytes() <= BatchCache.MAX_BYTES, "at " + i + ": " + cache.bytes());
    }
  }

  @Test
  void readersOfATopicEachKeepNoMoreBatchesThanTheBound() {
    int topics = 3 * BatchCache.MAX_BATCHES;
    Run run = new Run(at(0), topics, Long.MAX_VALUE);
    for (int i = 1; i <= topics; i++) {
      run.append(new LogEntry(at(i), Event.of("tick", "x").withTopic("topic-" + i)), 0);
    }
    for (int i = 1; i <= topics; i++) {
      TopicFilter one = TopicFilter.of(Set.of("topic-" + i));
      cache.next(run, i - 1, at(i - 1), new BatchCache.Reading(one, WireFormat.SSE, false));
      assertTrue(cache.batches() <= BatchCache.MAX_BATCHES, "at " + i + ": " + cache.batches());
    }
    cache.clear();
    assertEquals(0, cache.batches());
  }
}
