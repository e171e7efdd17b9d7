package io.eventchannel.server;

import io.eventchannel.log.Position;
import io.eventchannel.server.spi.Batch;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One reading of the window that leaves out what is outdated: from where a slow consumer stands up
 * to the head as it was when this began, only the newest event of each key. A consumer reads one
 * after the other until it has caught up.
 *
 * <p>Each tells one gap, before the first event that follows one left out, and the gap says up to
 * where its conflation goes. That is why a cut in the middle loses nothing in silence. The newest
 * event of each key before that end is never left out. The client resumes behind the last position
 * it received. What was left out before it was told: until the gap is written, the cursor's
 * position stays before it. What was left out behind it, and the newest of its key if that lies
 * there, is read again as everything behind is, and all that is left out or lost this time is told
 * anew.
 *
 * <p>What it holds is two numbers where the topic is the key, since each entry of a {@link Run}
 * knows the next of its topic; else one bit for each entry of the window, and while the bits are
 * being found the set of the keys seen. What it does in one call is bounded, however wide the
 * window.
 *
 * <p>Used by the subscription's owner.
 */
final class Conflation {
  /** What {@link #read} found next. */
  enum Found {
    /** Nothing yet: it has looked at enough for one turn. */
    MORE,
    /** A gap is to be told at {@link #before}, once in the life of a conflation. */
    GAP,
    /** {@link #takeBatch}, after which everything up to {@link #safe()} is handed over or told. */
    BATCH,
    /** An event that cannot travel in this form, between {@link #before} and {@link #safe}. */
    MISFIT,
    /** The window has lost what comes next. */
    EVICTED,
    /** Nothing up to the end. */
    END
  }

  // A turn of a loop has at most eight of these: well under a millisecond.
  static final int MOST_ENTRIES = 1024;

  private final Run run;
  private final BatchCache.Reading reading;
  private final EventKeys keys;
  private final long from;
  private final long until;
  private final Position untilPosition;

  // Which entries a key function keeps, counted back from the end, as the consumer may stand far
  // before the window; null where topics are keys.
  private final @Nullable BitSet kept;
  private @Nullable Set<String> seenKeys; // while the bits are being found
  private long unplanned; // below that index the keys were not asked for yet

  private boolean told; // the gap
  private boolean missing; // something was left out since, and is not told yet

  // The answer.
  private @Nullable Batch batch;
  private long next;
  private Position before;
  private Position safe;

  /**
   * Creates one.
   *
   * @param from the index where the consumer stands, and {@code at} its position
   * @param head where it ends, above {@code from}
   */
  Conflation(
      Run run, long from, Position at, Run.Head head, BatchCache.Reading reading, EventKeys keys) {
    this.run = run;
    this.reading = reading;
    this.keys = keys;
    this.from = from;
    this.until = head.index;
    this.untilPosition = head.position;
    this.kept = keys.areTopics() ? null : new BitSet();
    this.seenKeys = keys.areTopics() ? null : new HashSet<>();
    this.unplanned = keys.areTopics() ? from : head.index;
    this.next = from;
    this.before = at;
    this.safe = at;
  }

  /**
   * Looks for what comes next, from where it left off. The caller takes each answer: a batch is
   * written before the next call.
   */
  Found read() {
    if (next < until && run.slot(next) == null) {
      return Found.EVICTED;
    }
    if (!plan()) {
      return Found.MORE;
    }
    BatchBuilder builder = BatchBuilder.of(reading);
    for (int left = MOST_ENTRIES; next < until; left--) {
      Run.Slot slot = run.slot(next);
      if (slot == null) {
        return builder.isEmpty() ? Found.EVICTED : batch(builder);
      }
      boolean ours = reading.wants(slot.topic());
      if (left == 0 || (ours && !told && !builder.isEmpty() && !keeps(slot))) {
        return builder.isEmpty() ? Found.MORE : batch(builder);
      }
      if (!ours) {
        pass(slot, next + 1);
        continue;
      }
      if (!keeps(slot)) {
        missing |= !told;
        pass(slot, following(slot));
        continue;
      }
      if (missing) {
        missing = false;
        told = true;
        before = slot.before;
        safe = slot.before;
        return Found.GAP;
      }
      switch (builder.offer(slot.event)) {
        case ADDED:
          run.recharge(slot);
          pass(slot, following(slot));
          break;
        case FULL:
          return batch(builder);
        case UNFIT:
          before = slot.before;
          pass(slot, next + 1);
          return Found.MISFIT;
      }
    }
    return builder.isEmpty() ? Found.END : batch(builder);
  }

  private Found batch(BatchBuilder builder) {
    batch = builder.build();
    return Found.BATCH;
  }

  /** Moves behind an entry; what was left out and not told holds the safe position back. */
  private void pass(Run.Slot slot, long to) {
    next = Math.min(to, until);
    if (!missing) {
      safe = next == until ? untilPosition : slot.position;
    }
  }

  private long following(Run.Slot slot) {
    return reading.isSingleTopic() ? slot.nextOfTopic() : slot.index + 1;
  }

  private boolean keeps(Run.Slot slot) {
    if (kept != null) {
      return kept.get(bit(slot.index));
    }
    // The next of the topic is one of this consumer's, too: filters go by topic.
    return slot.topic() == null || slot.nextOfTopic() >= until;
  }

  private int bit(long index) {
    return (int) (until - 1 - index);
  }

  /** Asks for the keys of some more entries, the newest first; whether all were asked for. */
  private boolean plan() {
    Set<String> seen = seenKeys;
    if (kept == null || seen == null) {
      return true;
    }
    long end = Math.max(from, unplanned - MOST_ENTRIES);
    while (unplanned > end) {
      Run.Slot slot = run.slot(--unplanned);
      if (slot == null) {
        unplanned = from; // evicted, as all before it is: the reading will find that, too
        break;
      }
      if (reading.wants(slot.topic())) {
        String key = keys.of(slot.event.event());
        kept.set(bit(unplanned), key == null || seen.add(key));
      }
    }
    if (unplanned > from) {
      return false;
    }
    seenKeys = null;
    return true;
  }

  /** The batch of {@link Found#BATCH}. */
  Batch takeBatch() {
    Batch taken = batch;
    if (taken == null) {
      throw new IllegalStateException("no batch");
    }
    batch = null;
    return taken;
  }

  /** The index below which everything was looked at. */
  long next() {
    return next;
  }

  /** The position just before what was found. */
  Position before() {
    return before;
  }

  /** The position up to which everything is handed over or told, once what was found is. */
  Position safe() {
    return safe;
  }

  /** The position where it ends. */
  Position until() {
    return untilPosition;
  }
}
