package io.eventchannel.server;

import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A page that was read from the log and is being written. What is before {@code at} is written; the
 * end of the page is safe once all of it is. Used by the subscription's owner.
 */
final class PageInHand {
  private final BatchCache.Reading reading;
  private final List<EncodedEvent> events;
  private final List<Position> positions;
  private final Position next;
  private @Nullable Position shortenedAt;
  private int at;

  /**
   * Takes a page in hand.
   *
   * @param after the position behind which it was read
   * @param keys leaves out what a newer event of the same key follows within the page; or null
   */
  PageInHand(Page page, BatchCache.Reading reading, Position after, @Nullable EventKeys keys) {
    this.reading = reading;
    List<LogEntry> ours = new ArrayList<>(page.entries().size());
    for (LogEntry entry : page.entries()) {
      // The log has filtered already; but what may be seen is decided by one predicate, here too.
      if (reading.wants(entry.event().topic())) {
        ours.add(entry);
      }
    }
    BitSet kept = keys == null ? null : newest(ours, keys);
    this.events = new ArrayList<>(ours.size());
    this.positions = new ArrayList<>(ours.size());
    Position last = after;
    Position beforeFirst = after;
    for (int i = 0; i < ours.size(); i++) {
      LogEntry entry = ours.get(i);
      if (kept == null || kept.get(i)) {
        beforeFirst = events.isEmpty() ? last : beforeFirst;
        events.add(new EncodedEvent(entry.event()));
        positions.add(entry.position());
      }
      last = entry.position();
    }
    this.next = page.next();
    this.shortenedAt = events.size() < ours.size() ? beforeFirst : null;
  }

  /** Which of the entries are the newest of their key. The last one always is. */
  private static BitSet newest(List<LogEntry> entries, EventKeys keys) {
    BitSet kept = new BitSet(entries.size());
    Set<String> seen = new HashSet<>();
    for (int i = entries.size() - 1; i >= 0; i--) {
      String key = keys.of(entries.get(i).event());
      kept.set(i, key == null || seen.add(key));
    }
    return kept;
  }

  /** Returns the position just before the first event if some were left out; once, then null. */
  @Nullable Position takeShortenedAt() {
    Position first = shortenedAt;
    shortenedAt = null;
    return first;
  }

  boolean isDone() {
    return at == events.size();
  }

  /** The position to read from when this page is done. */
  Position next() {
    return next;
  }

  /** Returns the write of the next events, or null if the next one cannot travel. */
  @Nullable Step read() {
    BatchBuilder builder = BatchBuilder.of(reading);
    int end = at;
    while (end < events.size() && builder.offer(events.get(end)) == BatchBuilder.Offer.ADDED) {
      end++;
    }
    if (builder.isEmpty()) {
      return null;
    }
    Position safe = end == events.size() ? next : positions.get(end - 1);
    return Step.over(builder.build(), end, safe);
  }

  /** Everything before an index was written. */
  void advance(long index) {
    at = (int) index;
  }

  /** The position of the next event. */
  Position nextEvent() {
    return positions.get(at);
  }

  /** Steps over the next event, which cannot travel. */
  void skip() {
    at++;
  }

  /** How many events of this page fit into so many bytes: a measure for the next page. */
  static int fitting(Page page, long bytes, int most) {
    long weight = 0;
    for (LogEntry entry : page.entries()) {
      weight += entry.event().weight();
    }
    if (weight == 0) {
      return most;
    }
    return (int) Math.max(1, Math.min(most, bytes * page.entries().size() / weight));
  }
}
