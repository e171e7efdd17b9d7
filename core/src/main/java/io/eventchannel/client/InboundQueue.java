package io.eventchannel.client;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the listener, in order: events, gaps, positions, changes of state. It outlives
 * connections, so what was received is delivered even when its connection is long gone. Guarded by
 * the channel's lock.
 *
 * <p>It is bounded in bytes and count, the entry that is being handled included. At the bound it is
 * full, and stays so until half of both is free; meanwhile the channel neither reads nor connects.
 * Entries still fit when it is full: what had been read before the reading stopped, at most one
 * buffer or frame.
 */
final class InboundQueue {
  private final int maxCount;
  private final long maxBytes;
  private final ArrayDeque<Inbound> entries = new ArrayDeque<>();
  private int count;
  private long bytes;
  private boolean full;

  InboundQueue(int maxCount, long maxBytes) {
    this.maxCount = maxCount;
    this.maxBytes = maxBytes;
  }

  /** Adds an entry. Returns whether the queue has become full with it. */
  boolean add(Inbound entry) {
    entries.add(entry);
    count++;
    bytes += entry.weight();
    if (full || (count < maxCount && bytes < maxBytes)) {
      return false;
    }
    full = true;
    return true;
  }

  /** Takes the next entry, which still counts until {@link #handled}; null when there is none. */
  @Nullable Inbound take() {
    return entries.poll();
  }

  /** Frees the place of an entry. Returns whether the queue has just ceased to be full. */
  boolean handled(Inbound entry) {
    count--;
    bytes -= entry.weight();
    if (!full || count > maxCount / 2 || bytes > maxBytes / 2) {
      return false;
    }
    full = false;
    return true;
  }

  /** Drops all that nobody will hear any more, but the terminal call. */
  void dropAllButTerminal() {
    Inbound last = entries.peekLast();
    for (Inbound entry : entries) {
      if (!entry.isTerminal()) {
        count--;
        bytes -= entry.weight();
      }
    }
    entries.clear();
    if (last != null && last.isTerminal()) {
      entries.add(last);
    }
  }

  boolean isFull() {
    return full;
  }

  int count() {
    return count;
  }

  long bytes() {
    return bytes;
  }
}
