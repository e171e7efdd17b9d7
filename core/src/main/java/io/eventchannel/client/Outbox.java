package io.eventchannel.client;

import io.eventchannel.Event;
import io.eventchannel.Receipt;
import io.eventchannel.codec.ControlData;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the application sent and the server has not decided: first what was handed to the current
 * connection, then what an earlier connection had in hand and the current one has not yet, then
 * what waits for its first. Bounded in bytes and count over all; a full outbox takes nothing more.
 * Guarded by the channel's lock, and completes no future itself.
 *
 * <p>A sequence number belongs to one event as long as the server knows the channel (protocol rule
 * U-8). So the place of an event that was refused is kept until the server has counted its number,
 * and a skip travels in its place.
 */
final class Outbox {
  /** One event, and where its fate is told. */
  static final class Entry {
    private final CompletableFuture<Receipt> fate = new CompletableFuture<>();
    private Event event;
    private Receipt receipt = Receipt.ONCE;
    private long seq;
    private boolean skipped;

    private Entry(Event event) {
      this.event = event;
    }

    Event event() {
      return event;
    }

    /** Its number in the server's channel; 0 before it was handed to a connection. */
    long seq() {
      return seq;
    }

    /** Whether an earlier connection may have delivered it. */
    boolean isRepeated() {
      return seq > 0;
    }

    /** What its sender learns if the server takes it. */
    Receipt receipt() {
      return receipt;
    }

    CompletableFuture<Receipt> fate() {
      return fate;
    }
  }

  /** How many numbers may be undecided at the server (protocol rule U-8). */
  static final int WINDOW = 1024;

  /** What these may weigh together, unless it is a single one. */
  static final long WINDOW_BYTES = 1L << 20;

  private static final Event SKIP = Event.of(ControlData.SKIP, "");

  private final int maxCount;
  private final long maxBytes;
  private final ArrayDeque<Entry> handedOver = new ArrayDeque<>();
  private final ArrayDeque<Entry> again = new ArrayDeque<>();
  private final ArrayDeque<Entry> waiting = new ArrayDeque<>();
  private long bytes;
  private long waitingBytes; // of them, what waits for its first connection
  private long lastSeq;

  Outbox(int maxCount, long maxBytes) {
    this.maxCount = maxCount;
    this.maxBytes = maxBytes;
  }

  /** Adds an event; null if a bound is reached. One that alone is over the bound never fits. */
  @Nullable Entry add(Event event) {
    if (count() >= maxCount || bytes + event.weight() > maxBytes) {
      return null;
    }
    Entry entry = new Entry(event);
    waiting.add(entry);
    bytes += event.weight();
    waitingBytes += event.weight();
    return entry;
  }

  /** The next event for the current connection, which stays; null if there is none now. */
  @Nullable Entry peek() {
    Entry repeated = again.peek();
    if (repeated != null) {
      return repeated; // it was within the window before
    }
    Entry next = waiting.peek();
    return next != null && isWithinWindow(next) ? next : null;
  }

  private boolean isWithinWindow(Entry next) {
    return handedOver.isEmpty()
        || (handedOver.size() < WINDOW
            && bytes - waitingBytes + next.event.weight() <= WINDOW_BYTES);
  }

  /** Takes out what {@link #peek} returned: it was handed over, and has its number. */
  void handOver() {
    Entry entry = again.poll();
    if (entry == null) {
      entry = removeWaiting();
      entry.seq = ++lastSeq;
    }
    handedOver.add(entry);
  }

  /** Takes out what {@link #peek} returned, for good. */
  void drop() {
    Entry entry = again.poll();
    bytes -= (entry != null ? entry : removeWaiting()).event.weight();
  }

  private Entry removeWaiting() {
    Entry entry = waiting.remove();
    waitingBytes -= entry.event.weight();
    return entry;
  }

  /** Takes out all that have a number up to and including this one. */
  List<Entry> acknowledged(long seq) {
    List<Entry> taken = new ArrayList<>();
    take(handedOver, seq, taken);
    take(again, seq, taken);
    return taken;
  }

  private void take(ArrayDeque<Entry> from, long seq, List<Entry> taken) {
    for (Entry next = from.peek(); next != null && next.seq <= seq; next = from.peek()) {
      bytes -= next.event.weight();
      taken.add(from.remove());
    }
  }

  /** Returns the one of this number, whose place is kept; null if it was decided before. */
  @Nullable Entry refused(long seq) {
    Entry entry = find(handedOver, seq);
    entry = entry == null ? find(again, seq) : entry;
    if (entry == null || entry.skipped) {
      return null;
    }
    bytes += SKIP.weight() - entry.event.weight();
    entry.event = SKIP;
    entry.skipped = true;
    return entry;
  }

  private static @Nullable Entry find(ArrayDeque<Entry> in, long seq) {
    for (Entry entry : in) {
      if (entry.seq == seq) {
        return entry;
      }
    }
    return null;
  }

  /** The connection is over: what it had in hand comes again, before anything else. */
  void connectionLost() {
    for (Iterator<Entry> latest = handedOver.descendingIterator(); latest.hasNext(); ) {
      again.addFirst(latest.next());
    }
    handedOver.clear();
  }

  /**
   * A new channel of the server begins; before anything was handed to its connection. What an
   * earlier one may have delivered gets new numbers, from 1, and may be taken twice.
   */
  void startAfresh() {
    lastSeq = 0;
    for (Iterator<Entry> all = again.iterator(); all.hasNext(); ) {
      Entry entry = all.next();
      if (entry.skipped) {
        bytes -= SKIP.weight();
        all.remove();
      } else {
        entry.seq = ++lastSeq;
        entry.receipt = Receipt.AT_LEAST_ONCE;
      }
    }
  }

  /** Whether the server may have something that it has not decided. */
  boolean isUndecided() {
    return !handedOver.isEmpty() || !again.isEmpty();
  }

  /** Takes out all that the server may have. */
  List<Entry> dropAllUndecided() {
    return acknowledged(Long.MAX_VALUE);
  }

  /** Takes out all that wait for their first connection. */
  List<Entry> dropAllWaiting() {
    List<Entry> dropped = new ArrayList<>(waiting);
    waiting.clear();
    bytes -= waitingBytes;
    waitingBytes = 0;
    return dropped;
  }

  int count() {
    return handedOver.size() + again.size() + waiting.size();
  }

  long bytes() {
    return bytes;
  }
}
