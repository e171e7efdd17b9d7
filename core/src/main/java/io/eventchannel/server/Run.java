package io.eventchannel.server;

import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of the log's tail without a hole, in one epoch: a ring of entries, numbered by an index
 * that begins at 0.
 *
 * <p>One writer (the tail of the log, whose calls are serial) and any number of readers without a
 * lock. What a reader may rely on, and why:
 *
 * <ul>
 *   <li>The writer puts a slot into the ring, then links the topic's slot before it, then publishes
 *       {@link #head} (volatile). A reader that saw a head therefore finds every entry below it,
 *       and every link between entries below it, unless they were evicted since.
 *   <li>A slot is immutable in all that says what it is, its index included. A reader compares that
 *       index with the one it asked for, so an overwritten place reads as evicted and never as
 *       another entry. Hence a cursor is an index, never a reference, and pins nothing.
 *   <li>{@link #base} rises before a place is emptied or used again, so an index at or above a base
 *       read <em>after</em> the slot was not evicted when the slot was read.
 * </ul>
 */
final class Run {
  /** The end of what is published: the next index, and the position everything up to it has. */
  static final class Head {
    final long index;
    final Position position;

    Head(long index, Position position) {
      this.index = index;
      this.position = position;
    }
  }

  /** One entry. */
  static final class Slot {
    static final long NONE = Long.MAX_VALUE;

    final long index;
    final Position before;
    final Position position;
    final EncodedEvent event;
    final long cameAt;

    // Index of the next entry of the same topic, written once, before the head passes that entry.
    private volatile long nextOfTopic = NONE;
    private final AtomicInteger charged;

    Slot(long index, Position before, Position position, EncodedEvent event, long cameAt) {
      this.index = index;
      this.before = before;
      this.position = position;
      this.event = event;
      this.cameAt = cameAt;
      this.charged = new AtomicInteger(event.weight());
    }

    /** The index of the next entry of this topic, or {@link #NONE} while there is none. */
    long nextOfTopic() {
      return nextOfTopic;
    }

    @Nullable String topic() {
      return event.event().topic();
    }
  }

  /** The position is not in this run, or this run cannot tell. */
  static final long ELSEWHERE = -1;

  private static final int EVICTED = -1;

  private final int maxEvents;
  private final long maxBytes;
  private final int mask;
  private final AtomicReferenceArray<@Nullable Slot> ring;
  private final AtomicLong bytes = new AtomicLong();

  // Written by the writer alone, read by all.
  private volatile long base;
  private volatile Head head;

  // The writer's own.
  private final Map<String, Slot> newestOfTopic = new HashMap<>();

  /** Creates an empty run whose first entry follows {@code start}. */
  Run(Position start, int maxEvents, long maxBytes) {
    this.maxEvents = maxEvents;
    this.maxBytes = maxBytes;
    int capacity = maxEvents <= 1 ? 1 : Integer.highestOneBit(maxEvents - 1) << 1;
    this.mask = capacity - 1;
    this.ring = new AtomicReferenceArray<>(capacity);
    this.head = new Head(0, start);
  }

  /** Whether the entry can be the next one of this run: a later position of the same epoch. */
  boolean follows(LogEntry entry) {
    Position newest = head.position;
    return newest.sameEpoch(entry.position()) && newest.compareWithin(entry.position()) < 0;
  }

  /**
   * Adds the next entry and evicts what no longer fits; only for the writer.
   *
   * @param now when it came; 0 if nobody wants to know
   */
  void append(LogEntry entry, long now) {
    Head end = head;
    EncodedEvent event = new EncodedEvent(entry.event());
    Slot slot = new Slot(end.index, end.position, entry.position(), event, now);
    bytes.addAndGet(event.weight());
    // The newest entry always stays, whatever it weighs, or a feed of large events had no tail.
    while (base < end.index && (end.index - base >= maxEvents || bytes.get() > maxBytes)) {
      evictOldest();
    }
    ring.set((int) (slot.index & mask), slot);
    String topic = slot.topic();
    if (topic != null) {
      Slot last = newestOfTopic.put(topic, slot);
      if (last != null) {
        last.nextOfTopic = slot.index;
      }
    }
    head = new Head(slot.index + 1, slot.position);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void evictOldest() {
    int place = (int) (base & mask);
    Slot oldest = ring.get(place);
    base = base + 1;
    ring.set(place, null);
    if (oldest != null) {
      bytes.addAndGet(-oldest.charged.getAndSet(EVICTED));
      String topic = oldest.topic();
      if (topic != null && newestOfTopic.get(topic) == oldest) {
        newestOfTopic.remove(topic);
      }
    }
  }

  /** Charges the forms in which the entry has been encoded meanwhile. */
  void recharge(Slot slot) {
    int weight = slot.event.weight();
    int before = slot.charged.get();
    while (before != EVICTED && before < weight) {
      if (slot.charged.compareAndSet(before, weight)) {
        bytes.addAndGet(weight - before);
        return;
      }
      before = slot.charged.get();
    }
  }

  /** The end of what can be read now. */
  Head head() {
    return head;
  }

  /** The index of the oldest entry. */
  long base() {
    return base;
  }

  /** What the entries weigh, their encoded forms included. */
  long weight() {
    return bytes.get();
  }

  /** How many topics have an entry here; only for the writer. */
  int topics() {
    return newestOfTopic.size();
  }

  /** Returns the entry of an index below the head, or null if it is evicted. */
  @Nullable Slot slot(long index) {
    Slot slot = ring.get((int) (index & mask));
    return slot != null && slot.index == index ? slot : null;
  }

  /**
   * Returns the index behind a position which this run itself has seen, else {@link #ELSEWHERE}: so
   * a position that nobody issued is left to the verdict of the log.
   */
  long find(Position position) {
    long index = join(position);
    if (index == ELSEWHERE) {
      return ELSEWHERE;
    }
    Head end = head;
    if (end.position.equals(position)) {
      return end.index;
    }
    Slot next = index < end.index ? slot(index) : null;
    return next != null && next.before.equals(position) ? index : ELSEWHERE;
  }

  /**
   * Returns the index of the first entry behind a position that the log has issued, or of the head
   * if the position lies ahead of it; {@link #ELSEWHERE} if it lies before the oldest entry or in
   * another epoch.
   */
  long join(Position position) {
    Head end = head;
    if (!end.position.sameEpoch(position)) {
      return ELSEWHERE;
    }
    if (end.position.compareWithin(position) <= 0) {
      return end.index;
    }
    long low = base;
    long high = end.index; // the entry at high, were there one, lies behind the position
    Slot oldest = low < high ? slot(low) : null;
    if (oldest == null || oldest.before.compareWithin(position) > 0) {
      return ELSEWHERE;
    }
    while (low < high) {
      long middle = (low + high) >>> 1;
      Slot slot = slot(middle);
      if (slot == null) {
        return ELSEWHERE; // evicted under our hands: it is the past by now
      }
      if (slot.position.compareWithin(position) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
