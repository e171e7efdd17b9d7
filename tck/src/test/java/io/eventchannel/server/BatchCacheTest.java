package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
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
}
