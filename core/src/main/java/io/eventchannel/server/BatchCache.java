package io.eventchannel.server;

import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.server.spi.Batch;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches from a run, and keeps them while its loop is busy: subscriptions that stand at the
 * same cursor with the same topics and form share one batch. Used by one thread.
 */
final class BatchCache {
  /** What a cursor finds: at most one of batch, misfit and evicted. */
  static final class Found {
    /** The next write, or null if there is none. */
    final @Nullable Batch batch;

    /** The batch and what follows it, or null if there is none. */
    final @Nullable Step step;

    /** The next event, if it cannot travel in this form. */
    final Run.@Nullable Slot misfit;

    /** Whether the next entry is evicted, so that only the log knows. */
    final boolean evicted;

    /** The index from which to look next, and the position that is safe once this is written. */
    final long next;

    final Position position;

    /** The position just before the first event found, or {@link #position} if there is none. */
    final Position before;

    Found(
        @Nullable Batch batch,
        Run.@Nullable Slot misfit,
        boolean evicted,
        long next,
        Position before,
        Position position) {
      this.batch = batch;
      this.step = batch == null ? null : Step.over(batch, next, position);
      this.misfit = misfit;
      this.evicted = evicted;
      this.next = next;
      this.before = before;
      this.position = position;
    }

    boolean isNothing() {
      return batch == null && misfit == null && !evicted;
    }
  }

  // Copies of events, so memory: readers that stand each elsewhere must not pile them up.
  static final int MAX_BYTES = 4 * 1024 * 1024;

  // A map never shrinks and is swept when the loop comes to rest: one time in which a hundred
  // thousand
  // readers each found a batch of its own must not make all later ones slow.
  static final int MAX_BATCHES = 1024;

  private final Map<Key, Found> found = new HashMap<>();
  private int bytes;

  /**
   * Returns what is next at a cursor.
   *
   * @param at the cursor's position: what is returned as safe if nothing was examined
   */
  Found next(Run run, long from, Position at, Reading reading) {
    Key key = new Key(run, from, reading);
    Found known = found.get(key);
    if (known == null) {
      known = read(run, from, at, reading);
      if (known.batch != null) {
        keep(key, known, known.batch.size());
      }
    }
    return known;
  }

  private void keep(Key key, Found known, int size) {
    if (bytes + size > MAX_BYTES || found.size() == MAX_BATCHES) {
      clear();
    }
    found.put(key, known);
    bytes += size;
  }

  /** How many bytes of batches it holds. */
  int bytes() {
    return bytes;
  }

  /** How many batches it holds. */
  int batches() {
    return found.size();
  }

  /** Forgets all; when the loop comes to rest. */
  void clear() {
    if (!found.isEmpty()) {
      found.clear();
      bytes = 0;
    }
  }

  private static Found read(Run run, long from, Position at, Reading reading) {
    // The head comes first: what is not found below it did not exist when it was read.
    Run.Head head = run.head();
    BatchBuilder builder = BatchBuilder.of(reading);
    Position before = at;
    Position safe = at;
    long index = from;
    while (index < head.index) {
      Run.Slot slot = run.slot(index);
      if (slot == null) {
        if (builder.isEmpty()) {
          return new Found(null, null, true, index, safe, safe);
        }
        return new Found(builder.build(), null, false, index, before, safe);
      }
      if (!reading.wants(slot.topic())) {
        safe = slot.position;
        index++;
        continue;
      }
      if (builder.isEmpty()) {
        before = safe;
      }
      BatchBuilder.Offer offer = builder.offer(slot.event);
      if (offer == BatchBuilder.Offer.UNFIT) {
        return new Found(null, slot, false, index + 1, before, slot.position);
      }
      if (offer == BatchBuilder.Offer.FULL) {
        return new Found(builder.build(), null, false, index, before, safe);
      }
      run.recharge(slot);
      safe = slot.position;
      long following = reading.isSingleTopic() ? slot.nextOfTopic() : index + 1;
      if (following >= head.index) {
        index = head.index;
        safe = head.position;
      } else {
        index = following;
      }
    }
    if (builder.isEmpty()) {
      return new Found(null, null, false, index, safe, safe);
    }
    return new Found(builder.build(), null, false, index, before, safe);
  }

  /** What a subscription reads: equal ones can share. Immutable, as far as anybody can tell. */
  static final class Reading {
    private static final int USUAL_BATCH_BYTES = 64 * 1024;

    // There are as many as forms and sizes of batches; outlets that ask for ever others share none.
    private static final Map<Reading, Reading> EVERYTHING = new ConcurrentHashMap<>();
    private static final int MAX_SHARED = 64;

    final WireFormat format;
    final boolean oneByOne;
    final int batchBytes;
    // One of the two. Of a single topic, the usual case, only the name is kept: the set around it
    // would take more than a cursor does, for each connection.
    private final @Nullable TopicFilter filter;
    private final @Nullable String single;
    private final int hash;

    // An equal one that this was compared with, or this: equals for short, since to compare many
    // topics costs more than to write an event. Whichever thread's value is seen is a right one.
    private Reading equal = this;

    /** In batches of the usual size. */
    Reading(TopicFilter filter, WireFormat format, boolean oneByOne) {
      this(filter, format, oneByOne, USUAL_BATCH_BYTES);
    }

    private Reading(TopicFilter filter, WireFormat format, boolean oneByOne, int batchBytes) {
      this(
          filter.topics().size() == 1 ? null : filter,
          filter.topics().size() == 1 ? filter.topics().iterator().next() : null,
          format,
          oneByOne,
          batchBytes);
    }

    private Reading(
        @Nullable TopicFilter filter,
        @Nullable String single,
        WireFormat format,
        boolean oneByOne,
        int batchBytes) {
      this.filter = filter;
      this.single = single;
      this.format = format;
      this.oneByOne = oneByOne;
      this.batchBytes = batchBytes;
      // A set computes its hash anew each time, and this one is asked for in every pass.
      this.hash =
          ((Objects.hash(filter, single) * 31 + format.hashCode()) * 31
                      + Boolean.hashCode(oneByOne))
                  * 31
              + batchBytes;
    }

    /** Returns the same with batches of at most so many bytes. */
    Reading inBatchesOf(int bytes) {
      return bytes == batchBytes ? this : new Reading(filter, single, format, oneByOne, bytes);
    }

    /** Returns an equal one that others have, too, where that is likely: of every topic. */
    Reading shared() {
      if (!isAll()) {
        return this;
      }
      Reading known = EVERYTHING.get(this);
      if (known == null && EVERYTHING.size() < MAX_SHARED) {
        known = EVERYTHING.putIfAbsent(this, this);
      }
      return known == null ? this : known;
    }

    /** Whether an event of this topic, null for none, is read: the one that decides about each. */
    boolean wants(@Nullable String topic) {
      return filter == null ? Objects.equals(single, topic) : filter.test(topic);
    }

    /** Whether every event is read. */
    boolean isAll() {
      return filter != null && filter.isAll();
    }

    boolean isSingleTopic() {
      return single != null;
    }

    /** The topics; empty if {@link #isAll()}. */
    Set<String> topics() {
      return filter == null ? Collections.singleton(only()) : filter.topics();
    }

    /** The same, as the log takes it. */
    TopicFilter filter() {
      return filter == null ? TopicFilter.of(topics()) : filter;
    }

    private String only() {
      return Objects.requireNonNull(single);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      if (this == other) {
        return true;
      }
      if (!(other instanceof Reading)) {
        return false;
      }
      Reading that = (Reading) other;
      if (equal == that.equal) {
        return true;
      }
      boolean same =
          hash == that.hash
              && format == that.format
              && oneByOne == that.oneByOne
              && batchBytes == that.batchBytes
              && Objects.equals(single, that.single)
              && Objects.equals(filter, that.filter);
      if (same) {
        equal = that.equal;
      }
      return same;
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  private static final class Key {
    private final Run run;
    private final long from;
    private final Reading reading;

    Key(Run run, long from, Reading reading) {
      this.run = run;
      this.from = from;
      this.reading = reading;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      if (!(other instanceof Key)) {
        return false;
      }
      Key that = (Key) other;
      return run == that.run && from == that.from && reading.equals(that.reading);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(from) * 31 + reading.hashCode();
    }
  }
}
