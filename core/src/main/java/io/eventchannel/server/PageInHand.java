package io.eventchannel.server;

import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import java.util.ArrayList;
import java.util.List;

/** A page that was read from the log and is being written. Used by the subscription's owner. */
final class PageInHand {
  private final List<EncodedEvent> events;
  private final List<Position> positions;
  private final Position next;
  private int at;

  PageInHand(Page page, TopicFilter filter) {
    int size = page.entries().size();
    this.events = new ArrayList<>(size);
    this.positions = new ArrayList<>(size);
    for (LogEntry entry : page.entries()) {
      // The log has filtered already; but what may be seen is decided by one predicate, here too.
      if (filter.test(entry.event().topic())) {
        events.add(new EncodedEvent(entry.event()));
        positions.add(entry.position());
      }
    }
    this.next = page.next();
  }

  boolean isDone() {
    return at == events.size();
  }

  /** The position to read from when this page is done. */
  Position next() {
    return next;
  }

  /** Fills a batch with the next events and returns how many there are now behind it. */
  int fill(BatchBuilder builder) {
    int end = at;
    while (end < events.size() && builder.offer(events.get(end)) == BatchBuilder.Offer.ADDED) {
      end++;
    }
    return end;
  }

  /** The position that is safe once everything before an index was written. */
  Position safeAt(int index) {
    return index == events.size() ? next : positions.get(index - 1);
  }

  /** Everything before an index was written. */
  void advance(int index) {
    at = index;
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
