package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import org.junit.jupiter.api.Test;

/** What waits for a listener, and how much of it may. */
class InboundQueueTest {
  private static final CloseReason REASON = CloseReason.of(CloseReason.Kind.LOCAL, "closed");

  private static Inbound small() {
    return Inbound.opened();
  }

  private static Inbound ofChars(int chars) {
    return Inbound.event(Event.message("x".repeat(chars)), null);
  }

  @Test
  void INV_35_itIsFullAtTheCountAndUntilHalfIsHandled() {
    InboundQueue queue = new InboundQueue(4, Long.MAX_VALUE);
    assertFalse(queue.add(small()));
    assertFalse(queue.add(small()));
    assertFalse(queue.add(small()));
    assertTrue(queue.add(small()), "the one that fills it says so");
    assertFalse(queue.add(small()), "said once");
    assertEquals(5, queue.count(), "what was read already still fits");
    assertFalse(queue.handled(queue.take()));
    assertFalse(queue.handled(queue.take()));
    assertTrue(queue.isFull());
    assertTrue(queue.handled(queue.take()), "half is free");
    assertFalse(queue.isFull());
    assertFalse(queue.handled(queue.take()));
  }

  @Test
  void INV_35_itIsFullAtTheBytesAndUntilHalfOfThemAreHandled() {
    Inbound entry = ofChars(100);
    InboundQueue queue = new InboundQueue(100, 4L * entry.weight());
    for (int i = 0; i < 3; i++) {
      assertFalse(queue.add(entry));
    }
    assertTrue(queue.add(entry));
    assertEquals(4L * entry.weight(), queue.bytes());
    assertFalse(queue.handled(queue.take()));
    assertTrue(queue.handled(queue.take()));
  }

  @Test
  void anEntryThatIsBeingHandledStillCounts() {
    InboundQueue queue = new InboundQueue(1, Long.MAX_VALUE);
    assertTrue(queue.add(small()));
    Inbound taken = queue.take();
    assertNotNull(taken);
    assertTrue(queue.isFull());
    assertNull(queue.take());
    assertTrue(queue.handled(taken));
    assertEquals(0, queue.count());
    assertEquals(0, queue.bytes());
  }

  @Test
  void oneEntryOverTheBoundPassesAlone() {
    InboundQueue queue = new InboundQueue(100, 10);
    assertTrue(queue.add(ofChars(1000)));
    assertTrue(queue.handled(queue.take()));
  }

  @Test
  void positionsAndLossesWeighTooSoThatControlAloneCannotFillTheMemory() {
    assertTrue(Inbound.position("x".repeat(1000)).weight() > 2000);
    assertTrue(
        Inbound.lost(CloseReason.closeCode(1001, "x".repeat(100)), java.time.Duration.ZERO).weight()
            > 200);
    InboundQueue queue = new InboundQueue(Integer.MAX_VALUE, 10_000);
    int added = 0;
    while (!queue.isFull()) {
      queue.add(Inbound.position("e-1"));
      added++;
    }
    assertTrue(added < 10_000 / 64 + 1, added + " positions in 10,000 bytes");
  }

  @Test
  void droppingLeavesTheTerminalCallAndWhatIsBeingHandled() {
    InboundQueue queue = new InboundQueue(100, Long.MAX_VALUE);
    Inbound handling = ofChars(10);
    queue.add(handling);
    queue.add(ofChars(20));
    Inbound last = Inbound.closed(REASON);
    queue.add(last);
    assertSame(handling, queue.take());
    queue.dropAllButTerminal();
    assertEquals(2, queue.count());
    assertEquals((long) handling.weight() + last.weight(), queue.bytes());
    queue.dropAllButTerminal(); // again changes nothing
    assertFalse(queue.handled(handling));
    assertSame(last, queue.take());
    assertNull(queue.take());
  }
}
