package io.eventchannel.benchmarks;

/**
 * What has come of the numbers {@code first} to {@code first + count - 1} on one connection. An
 * event is late if a later one came before it, and a duplicate if it came before itself. Not
 * thread-safe.
 */
final class SequenceCheck {
  private final long first;
  private final long[] seen;
  private final int count;
  private long highest;
  private int delivered;
  private int late;
  private int duplicates;

  SequenceCheck(long first, int count) {
    this.first = first;
    this.count = count;
    this.seen = new long[(count + Long.SIZE - 1) / Long.SIZE];
    this.highest = first - 1;
  }

  /** Takes note of an event; returns whether it is a new one of these. */
  boolean add(long seq) {
    if (seq < first || seq >= first + count) {
      return false;
    }
    int index = (int) (seq - first);
    long bit = 1L << index; // the shift takes the lowest six bits
    if ((seen[index / Long.SIZE] & bit) != 0) {
      duplicates++;
      return false;
    }
    seen[index / Long.SIZE] |= bit;
    delivered++;
    if (seq < highest) {
      late++;
    } else {
      highest = seq;
    }
    return true;
  }

  /** The highest number that has come; the one before the first if none has. */
  long highest() {
    return highest;
  }

  int delivered() {
    return delivered;
  }

  int lost() {
    return count - delivered;
  }

  int late() {
    return late;
  }

  int duplicates() {
    return duplicates;
  }
}
