package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bound in bytes of the events at hand counts each form in which they were encoded, too. */
class WindowBytesTest {
  private static final Position START = Position.of("e", 0);
  private static final String DATA = "x".repeat(200);
  private static final TopicFilter ALL = TopicFilter.all();
  private static final int HELD = 50;

  private final Run run = new Run(START, 1 << 10, HELD * plain());
  private final BatchCache cache = new BatchCache();

  /** What one event weighs while nobody has read it. */
  private static long plain() {
    return new EncodedEvent(entry(100).event()).weight();
  }

  private static LogEntry entry(long offset) {
    return new LogEntry(Position.of("e", offset), Event.of("tick", DATA));
  }

  /** Appends events whose IDs are of one length. */
  private void append(int events) {
    for (int i = 0; i < events; i++) {
      long offset = 100 + run.head().index;
      run.append(entry(offset), 0);
      assertTrue(offset < 1_000);
    }
  }

  private void readAll(WireFormat format) {
    BatchCache.Reading reading = new BatchCache.Reading(ALL, format, false);
    long index = run.base();
    while (index < run.head().index) {
      BatchCache.Found found = cache.next(run, index, START, reading);
      assertNotNull(found.batch);
      index = found.next;
    }
  }

  private long held() {
    return run.head().index - run.base();
  }

  @Test
  void whatNobodyHasReadWeighsAsMuchAsItsEvents() {
    append(HELD);
    assertEquals(HELD, held());
    assertEquals(HELD * plain(), run.weight());
    append(1);
    assertEquals(HELD, held());
  }

  @Test
  void eachFormInWhichEventsWereReadTakesRoomFromTheNextAppendOn() {
    for (List<WireFormat> formats :
        List.of(
            List.of(WireFormat.SSE),
            List.of(WireFormat.SSE, WireFormat.BYTES),
            List.of(WireFormat.SSE, WireFormat.BYTES, WireFormat.SSE_ENVELOPE))) {
      EncodedEvent encoded = new EncodedEvent(entry(100).event());
      formats.forEach(encoded::bytes);
      long most = HELD * plain() / encoded.weight();
      append(HELD);
      formats.forEach(this::readAll);
      append(1);
      long heldOnes = held();
      assertTrue(run.weight() <= HELD * plain(), run.weight() + " bytes");
      assertEquals(weighed(), run.weight());
      // The newest one is not encoded yet, so one more may have room.
      assertTrue(heldOnes >= most && heldOnes <= most + 1, heldOnes + " of " + most);
    }
  }

  @Test
  void aFormThatSeveralReadIsCountedOnce() {
    append(10);
    readAll(WireFormat.JSON);
    long once = run.weight();
    cache.clear();
    readAll(WireFormat.JSON);
    readAll(WireFormat.BYTES); // the same bytes in another kind of frame
    assertEquals(once, run.weight());
    assertEquals(weighed(), once);
  }

  @Test
  void whatIsEvictedTakesWhatItsFormsWeighedWithIt() {
    append(20);
    readAll(WireFormat.SSE);
    append(500); // unread, all of them
    assertEquals(HELD, held());
    assertEquals(HELD * plain(), run.weight());
    assertNull(run.slot(run.base() - 1));
  }

  private long weighed() {
    long weight = 0;
    for (long i = run.base(); i < run.head().index; i++) {
      weight += run.slot(i).event.weight();
    }
    return weight;
  }
}
