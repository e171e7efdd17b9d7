package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.Receipt;
import io.eventchannel.codec.ControlData;
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

  private Outbox.Entry handOver() {
    return handOver(outbox);
  }

  private static Outbox.Entry handOver(Outbox from) {
    Outbox.Entry next = from.peek();
    assertNotNull(next);
    from.handOver();
    return next;
  }

  @Test
  void numbersOutliveTheConnectionAndBeginAgainWithTheServersChannel() {
    Outbox.Entry a = add("a");
    Outbox.Entry b = add("b");
    assertFalse(a.isRepeated());
    assertEquals(1, handOver().seq());
    assertEquals(2, handOver().seq());
    assertNull(outbox.peek());
    outbox.connectionLost();
    Outbox.Entry c = add("c");
    assertTrue(a.isRepeated());
    assertSame(a, handOver());
    assertEquals(1, a.seq());
    outbox.connectionLost(); // with one of the two handed over again
    assertEquals(List.of(a), outbox.acknowledged(1));

    outbox.startAfresh();
    assertSame(b, handOver());
    assertEquals(1, b.seq());
    assertEquals(Receipt.AT_LEAST_ONCE, b.receipt());
    assertSame(c, handOver());
    assertEquals(2, c.seq());
    assertEquals(Receipt.ONCE, c.receipt());
  }

  @Test
  void theCountIsBoundedOverAllThatIsUndecided() {
    add("a");
    handOver();
    outbox.connectionLost();
    add("b");
    add("c");
    assertNull(outbox.add(Event.message("d")));
    outbox.acknowledged(1);
    add("d");
  }

  @Test
  void theBytesAreBoundedAndFreedHoweverAnEntryLeaves() {
    Event large = Event.message("x".repeat(20_000));
    Outbox wide = new Outbox(100, 4L * large.weight());
    for (int i = 0; i < 4; i++) {
      assertNotNull(wide.add(large));
    }
    assertNull(wide.add(Event.message("")), "even the smallest has no place");
    handOver(wide);
    handOver(wide);
    wide.acknowledged(1);
    assertEquals(3L * large.weight(), wide.bytes());
    wide.refused(2);
    assertTrue(wide.bytes() < 2L * large.weight() + 1_000, "of a refused event the place is kept");
    wide.connectionLost();
    wide.startAfresh();
    assertEquals(2L * large.weight(), wide.bytes());
    wide.drop();
    assertEquals(large.weight(), wide.bytes());
    wide.dropAllWaiting();
    assertEquals(0, wide.bytes());
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
    assertNotNull(outbox.peek());
  }

  @Test
  void aRefusalTakesItsOwnOnceAndASkipKeepsItsNumber() {
    add("a");
    Outbox.Entry second = add("b");
    handOver();
    handOver();
    assertSame(second, outbox.refused(2));
    assertNull(outbox.refused(2));
    assertNull(outbox.refused(3));
    outbox.connectionLost();
    handOver();
    Outbox.Entry skip = handOver();
    assertEquals(2, skip.seq());
    assertEquals(ControlData.SKIP, skip.event().type());
    assertEquals(2, outbox.acknowledged(2).size());
  }

  @Test
  void aNewChannelOfTheServerNeedsNoSkips() {
    add("a");
    Outbox.Entry b = add("b");
    handOver();
    handOver();
    outbox.refused(1);
    outbox.connectionLost();
    outbox.startAfresh();
    assertSame(b, handOver());
    assertEquals(1, b.seq());
  }

  @Test
  void noMoreAreUndecidedThanAServerRemembersRefusalsOf() {
    Outbox wide = new Outbox(3_000, 1 << 20);
    for (int i = 0; i < 2_000; i++) {
      wide.add(Event.message(""));
    }
    for (int i = 0; i < Outbox.WINDOW; i++) {
      handOver(wide);
    }
    assertNull(wide.peek());
    wide.acknowledged(1);
    assertEquals(Outbox.WINDOW + 1, handOver(wide).seq());
    wide.connectionLost();
    assertEquals(2, handOver(wide).seq());
  }

  @Test
  void noMoreBytesAreUndecidedThanAServerHasRoomFor() {
    Outbox wide = new Outbox(100, 8L << 20);
    Event half = Event.message("x".repeat((int) (Outbox.WINDOW_BYTES / 4) - 40));
    assertTrue(2L * half.weight() <= Outbox.WINDOW_BYTES);
    wide.add(half);
    wide.add(half);
    wide.add(Event.message("x"));
    wide.add(Event.message("x".repeat((int) Outbox.WINDOW_BYTES)));
    handOver(wide);
    handOver(wide);
    assertNull(wide.peek());
    wide.acknowledged(1);
    handOver(wide);
    assertNull(wide.peek(), "alone it would be over the bound");
    wide.connectionLost();
    handOver(wide);
    handOver(wide);
    assertNull(wide.peek());
    wide.acknowledged(3);
    handOver(wide); // but then it is the only one
    assertNull(wide.peek());
  }
}
