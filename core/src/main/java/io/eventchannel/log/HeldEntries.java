package io.eventchannel.log;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Entries in the order of their offsets: a ring that grows at its end, shrinks from its front, and
 * is searched by offset in logarithmic time. Not thread-safe.
 */
final class HeldEntries {
  private static final int LEAST_CAPACITY = 4;

  // The length is a power of two. Entry i stands at (first + i) & (length - 1); other slots are
  // null, so that the ring keeps nothing alive that it does not hold.
  private @Nullable HeldEntry[] slots = new HeldEntry[LEAST_CAPACITY];
  private int first;
  private int size;

  int size() {
    return size;
  }

  HeldEntry get(int index) {
    return Objects.requireNonNull(slots[(first + index) & (slots.length - 1)]);
  }

  void addLast(HeldEntry entry) {
    if (size == slots.length) {
      resize(slots.length * 2);
    }
    slots[(first + size) & (slots.length - 1)] = entry;
    size++;
  }

  void removeFirst() {
    slots[first] = null;
    first = (first + 1) & (slots.length - 1);
    size--;
    // A quarter, not half: a ring whose size swings about a power of two must not copy each time.
    if (slots.length > LEAST_CAPACITY && size <= slots.length / 4) {
      resize(slots.length / 2);
    }
  }

  /** Returns the index of the first entry after an offset; the size if there is none. */
  int firstAfter(long offset) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (get(middle).offset <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Drops the entries that are evicted. */
  void compact() {
    int live = 0;
    for (int i = 0; i < size; i++) {
      live += get(i).entry == null ? 0 : 1;
    }
    int capacity = LEAST_CAPACITY;
    while (capacity < live) {
      capacity *= 2;
    }
    @Nullable HeldEntry[] kept = new HeldEntry[capacity];
    int next = 0;
    for (int i = 0; i < size; i++) {
      HeldEntry entry = get(i);
      if (entry.entry != null) {
        kept[next++] = entry;
      }
    }
    slots = kept;
    first = 0;
    size = live;
  }

  private void resize(int capacity) {
    @Nullable HeldEntry[] resized = new HeldEntry[capacity];
    for (int i = 0; i < size; i++) {
      resized[i] = get(i);
    }
    slots = resized;
    first = 0;
  }
}
