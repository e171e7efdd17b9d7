package io.eventchannel.client;

import io.eventchannel.Event;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the application sent and the server has not decided: first what was handed to the current
 * connection, then what waits for one. Bounded in bytes and count over both; a full outbox takes
 * nothing more. Guarded by the channel's lock, and completes no future itself.
 *
 * <p>Sequence numbers count up from 1 on each connection. What was handed to a connection that is
 * lost has an unknown fate and leaves; what waits is handed to the next connection.
 */
final class Outbox {
  /** One event, and where its fate is told. */
  static final class Entry {
    private final Event event;
    private final CompletableFuture<Void> fate = new CompletableFuture<>();
    private long seq;

    private Entry(Event event) {
      this.event = event;
    }

    Event event() {
      return event;
    }

    /** Its number on the connection it was handed to. */
    long seq() {
      return seq;
    }

    CompletableFuture<Void> fate() {
      return fate;
    }
  }

  private final int maxCount;
  private final long maxBytes;
  private final ArrayDeque<Entry> handedOver = new ArrayDeque<>();
  private final ArrayDeque<Entry> waiting = new ArrayDeque<>();
  private long bytes;
  private long lastSeq;

  Outbox(int maxCount, long maxBytes) {
    this.maxCount = maxCount;
    this.maxBytes = maxBytes;
  }

  /** Adds an event; null if a bound is reached. One that alone is over the bound never fits. */
  @Nullable Entry add(Event event) {
    if (handedOver.size() + waiting.size() >= maxCount || bytes + event.weight() > maxBytes) {
      return null;
    }
    Entry entry = new Entry(event);
    waiting.add(entry);
    bytes += event.weight();
    return entry;
  }

  /** Numbers the next waiting event for the current connection; null if none waits. */
  @Nullable Entry handOver() {
    Entry entry = waiting.poll();
    if (entry != null) {
      entry.seq = ++lastSeq;
      handedOver.add(entry);
    }
    return entry;
  }

  /** The next waiting event, which stays; null if none waits. */
  @Nullable Entry peekWaiting() {
    return waiting.peek();
  }

  /** Takes the next waiting event out; null if none waits. */
  @Nullable Entry dropWaiting() {
    Entry entry = waiting.poll();
    if (entry != null) {
      bytes -= entry.event.weight();
    }
    return entry;
  }

  /** Takes out all that were handed over, up to and including this number. */
  List<Entry> acknowledged(long seq) {
    List<Entry> taken = new ArrayList<>();
    for (Entry next = handedOver.peek();
        next != null && next.seq <= seq;
        next = handedOver.peek()) {
      bytes -= next.event.weight();
      taken.add(handedOver.remove());
    }
    return taken;
  }

  /** Takes out the one of this number; null if it was decided before. */
  @Nullable Entry refused(long seq) {
    for (Iterator<Entry> all = handedOver.iterator(); all.hasNext(); ) {
      Entry entry = all.next();
      if (entry.seq == seq) {
        all.remove();
        bytes -= entry.event.weight();
        return entry;
      }
    }
    return null;
  }

  /** The connection is over: takes out all that were handed to it. */
  List<Entry> connectionLost() {
    lastSeq = 0;
    return acknowledged(Long.MAX_VALUE);
  }

  /** Whether something that was handed over is not decided. */
  boolean isUndecided() {
    return !handedOver.isEmpty();
  }

  /** Takes out all that wait. */
  List<Entry> dropAllWaiting() {
    List<Entry> dropped = new ArrayList<>(waiting);
    waiting.clear();
    for (Entry entry : dropped) {
      bytes -= entry.event.weight();
    }
    return dropped;
  }

  long bytes() {
    return bytes;
  }
}
