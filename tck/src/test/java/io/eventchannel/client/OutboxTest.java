package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.eventchannel.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What was sent and is not decided. */
class OutboxTest {
  private final Outbox outbox = new Outbox(3, 100_000);

  private Outbox.Entry add(String data) {
    Outbox.Entry entry = outbox.add(Event.message(data));
    assertNotNull(entry);
    return entry;
  }

  @Test
  void numbersCountUpFrom1OnEachConnection() {
    add("a");
    add("b");
    assertEquals(1, handOver().seq());
    assertEquals(2, handOver().seq());
    assertNull(outbox.handOver());
    outbox.connectionLost();
    add("c");
    assertEquals(1, handOver().seq());
  }

  private Outbox.Entry handOver() {
    Outbox.Entry entry = outbox.handOver();
    assertNotNull(entry);
    return entry;
  }

  @Test
  void theCountIsBoundedOverWhatWaitsAndWhatIsHandedOver() {
    add("a");
    handOver();
    add("b");
    add("c");
    assertNull(outbox.add(Event.message("d")));
    outbox.acknowledged(1);
    add("d");
  }

  @Test
  void theBytesAreBoundedAndFreedHoweverAnEntryLeaves() {
    Event large = Event.message("x".repeat(20_000));
    Outbox wide = new Outbox(100, 3L * large.weight());
    for (int i = 0; i < 3; i++) {
      assertNotNull(wide.add(large));
    }
    assertNull(wide.add(Event.message("")), "even the smallest has no place");
    wide.handOver();
    wide.handOver();
    wide.refused(2);
    assertEquals(2L * large.weight(), wide.bytes());
    wide.acknowledged(1);
    assertEquals(large.weight(), wide.bytes());
    wide.dropWaiting();
    assertEquals(0, wide.bytes());
    wide.add(large);
    wide.handOver();
    wide.connectionLost();
    wide.add(large);
    wide.dropAllWaiting();
    assertEquals(0, wide.bytes());
  }

  @Test
  void anEventOverTheBoundNeverFits() {
    assertNull(outbox.add(Event.message("x".repeat(100_001))));
    assertEquals(0, outbox.bytes());
  }

  @Test
  void anAcknowledgementTakesAllUpToItsNumberOnce() {
    Outbox.Entry first = add("a");
    Outbox.Entry second = add("b");
    add("c");
    handOver();
    handOver();
    assertEquals(List.of(first, second), outbox.acknowledged(2));
    assertEquals(List.of(), outbox.acknowledged(2));
    assertEquals(List.of(), outbox.acknowledged(-1));
    assertEquals(
        List.of(), outbox.acknowledged(Long.MAX_VALUE), "what waits was never on the wire");
    assertNotNull(outbox.peekWaiting());
  }

  @Test
  void aRefusalTakesItsOwnOnce() {
    add("a");
    Outbox.Entry second = add("b");
    handOver();
    handOver();
    assertSame(second, outbox.refused(2));
    assertNull(outbox.refused(2));
    assertNull(outbox.refused(3));
    assertEquals(1, outbox.acknowledged(2).size());
  }

  @Test
  void aLostConnectionTakesWhatItHadAndLeavesWhatWaits() {
    Outbox.Entry handedOver = add("a");
    handOver();
    Outbox.Entry waiting = add("b");
    assertEquals(List.of(handedOver), outbox.connectionLost());
    assertSame(waiting, outbox.peekWaiting());
    assertEquals(List.of(waiting), outbox.dropAllWaiting());
    assertNull(outbox.peekWaiting());
  }
}
