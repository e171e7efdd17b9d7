package io.eventchannel.log;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The memory of an {@link InMemoryEventLog}: what is held, what was evicted, and what a reader at a
 * position may still have. Passive and not thread-safe; its log calls it under its lock.
 *
 * <p><b>Offsets</b> are 1, 2, 3… in the order of the feed; 0 is the position before the first
 * event.
 *
 * <p><b>Marks.</b> Each topic has the highest offset evicted of it. A position is a gap exactly
 * when the mark of a topic it reads is above it: the event at the mark was before the reader and is
 * gone. Whether the event at the position itself is still held does not matter. A topic that is
 * forgotten leaves its mark behind in {@code forgottenMark}, which speaks for every topic the table
 * does not have, and which a topic inherits when it comes (back) into the table. So a reader of a
 * topic that never had an event can get a gap too many, but nobody gets one too few. {@code
 * evictedMark} is the highest of all marks, for those who read everything.
 *
 * <p><b>Order.</b> Every held entry stands in the ring of its topic and in the ring of the feed. It
 * leaves its topic's ring only at the front. In the feed's ring it can die anywhere, because each
 * topic has bounds of its own; there it leaves an empty place behind, and when more places are
 * empty than are not, the ring is packed. So memory is proportional to what is held, eviction costs
 * O(1) amortised, and a read of k topics costs O(k log n + m log k) for m results, however many
 * events the other topics have. A read of everything also steps over empty places, at most as many
 * as there are entries.
 */
final class History {
  /**
   * Heap of an entry that {@link Event#weight()} does not count: the objects here and in the
   * position, places in rings, and a share of its topic. Measured on events of 16 characters: 108
   * bytes in topics of many events, 176 in topics of two.
   */
  static final int OVERHEAD = 176;

  // Below this packing saves nothing worth the call.
  private static final int FEW_EMPTY_PLACES = 64;

  private final String epoch;
  private final Retention retention;

  private final HeldEntries order = new HeldEntries();
  private int emptyPlaces;

  // By last append, the longest silent topic first.
  private final Map<@Nullable String, TopicHistory> topics = new LinkedHashMap<>();

  private Position head;
  private long weight;
  private long evictedMark;
  private long forgottenMark;

  History(String epoch, Retention retention) {
    this.epoch = epoch;
    this.retention = retention;
    this.head = Position.of(epoch, 0);
  }

  Position head() {
    return head;
  }

  /** Places in the ring of the feed, empty ones included: what its memory is proportional to. */
  int places() {
    return order.size();
  }

  /** How many topics are remembered. */
  int topics() {
    return topics.size();
  }

  /** What an event would weigh here. */
  long weigh(Event event) {
    // The ID it brings is not kept, and the one it gets is about as long as the head's.
    int broughtId = event.id() == null ? 0 : event.id().length();
    return OVERHEAD + event.weight() + 2L * (head.id().length() - broughtId);
  }

  /** Appends an event whose {@link #weigh weight} is within the bounds, and evicts what must go. */
  LogEntry append(Event event, long nowNanos) {
    expire(nowNanos);
    LogEntry entry = new LogEntry(Position.of(epoch, head.high() + 1), event);
    TopicHistory topic = touch(event.topic());
    HeldEntry held = new HeldEntry(entry.position().high(), topic, weigh(event), nowNanos, entry);
    order.addLast(held);
    topic.entries.addLast(held);
    topic.weight += held.weight;
    weight += held.weight;
    head = entry.position();
    // None of these evicts the new entry: alone it is within each bound.
    while (topic.entries.size() > retention.maxEventsPerTopic
        || topic.weight > retention.maxBytesPerTopic) {
      evictOldest(topic);
    }
    while (weight > retention.maxBytes) {
      evictOldest(order.get(0).topic);
    }
    return entry;
  }

  /** Evicts what is too old. */
  void expire(long nowNanos) {
    // The front is the oldest: the log reads the clock under the lock that orders the appends.
    while (order.size() > 0 && nowNanos - order.get(0).appendedNanos > retention.maxAgeNanos) {
      evictOldest(order.get(0).topic);
    }
  }

  private TopicHistory touch(@Nullable String name) {
    TopicHistory topic = topics.remove(name);
    if (topic == null) {
      topic = new TopicHistory(name, forgottenMark);
      if (topics.size() == retention.maxTopics) {
        forgetLongestSilent();
      }
    }
    topics.put(name, topic);
    return topic;
  }

  private void forgetLongestSilent() {
    Iterator<TopicHistory> silent = topics.values().iterator();
    TopicHistory topic = silent.next();
    while (topic.entries.size() > 0) {
      evictOldest(topic);
    }
    forgottenMark = Math.max(forgottenMark, topic.mark);
    silent.remove();
  }

  private void evictOldest(TopicHistory topic) {
    HeldEntry oldest = topic.entries.get(0);
    topic.mark = oldest.offset; // marks first: nothing is ever gone that no mark tells of
    evictedMark = Math.max(evictedMark, oldest.offset);
    topic.entries.removeFirst();
    topic.weight -= oldest.weight;
    weight -= oldest.weight;
    oldest.entry = null;
    emptyPlaces++;
    while (order.size() > 0 && order.get(0).entry == null) {
      order.removeFirst();
      emptyPlaces--;
    }
    if (emptyPlaces > FEW_EMPTY_PLACES && emptyPlaces > order.size() / 2) {
      order.compact();
      emptyPlaces = 0;
    }
  }

  /** Answers a read; see {@link EventLog#read}. */
  Page read(Position after, TopicFilter filter, int limit) {
    if (!after.epoch().equals(epoch)) {
      return gap(Gap.Reason.EPOCH, filter, limit);
    }
    if (after.high() > head.high() || after.low() != 0) {
      return Page.gap(Gap.Reason.UNKNOWN, head);
    }
    if (mark(filter) > after.high()) {
      return gap(Gap.Reason.EVICTED, filter, limit);
    }
    return page(after.high(), filter, limit);
  }

  /** With the page behind it, the first entry of which may be the next to be evicted. */
  private Page gap(Gap.Reason reason, TopicFilter filter, int limit) {
    Position next = resumption(filter);
    return Page.gap(reason, next, page(next.high(), filter, limit));
  }

  private Page page(long after, TopicFilter filter, int limit) {
    Merge merge = merge(filter, after);
    List<LogEntry> entries = new ArrayList<>();
    while (entries.size() < limit && merge.hasNext()) {
      entries.add(merge.next());
    }
    return Page.of(entries, merge.hasNext() ? before(merge.peekOffset()) : head);
  }

  private long mark(TopicFilter filter) {
    if (filter.isAll()) {
      return evictedMark;
    }
    long mark = 0;
    for (String name : filter.topics()) {
      TopicHistory topic = topics.get(name);
      mark = Math.max(mark, topic == null ? forgottenMark : topic.mark);
    }
    return mark;
  }

  /**
   * Returns the position after which nothing asked for is missing and most is left: just before the
   * oldest entry above every mark. Entries below the mark of another topic are passed over, since
   * one position cannot say that only some topics have lost something there.
   */
  private Position resumption(TopicFilter filter) {
    Merge merge = merge(filter, mark(filter));
    return merge.hasNext() ? before(merge.peekOffset()) : head;
  }

  private Position before(long offset) {
    return Position.of(epoch, offset - 1);
  }

  private Merge merge(TopicFilter filter, long after) {
    Merge merge = new Merge();
    if (filter.isAll()) {
      merge.add(order, after);
    } else {
      for (String name : filter.topics()) {
        TopicHistory topic = topics.get(name);
        if (topic != null) {
          merge.add(topic.entries, after);
        }
      }
    }
    return merge;
  }

  /** Walks several rings in the order of the feed. */
  private static final class Merge {
    private final PriorityQueue<Walk> walks =
        new PriorityQueue<>((a, b) -> Long.compare(a.entry().offset, b.entry().offset));

    void add(HeldEntries ring, long after) {
      offer(new Walk(ring, ring.firstAfter(after)));
    }

    private void offer(Walk walk) {
      if (walk.skipEmptyPlaces()) {
        walks.offer(walk);
      }
    }

    boolean hasNext() {
      return !walks.isEmpty();
    }

    long peekOffset() {
      return walks.element().entry().offset;
    }

    LogEntry next() {
      Walk walk = walks.remove();
      LogEntry entry = Objects.requireNonNull(walk.entry().entry);
      walk.index++;
      offer(walk);
      return entry;
    }
  }

  private static final class Walk {
    private final HeldEntries ring;
    private int index;

    Walk(HeldEntries ring, int index) {
      this.ring = ring;
      this.index = index;
    }

    boolean skipEmptyPlaces() {
      while (index < ring.size() && entry().entry == null) {
        index++;
      }
      return index < ring.size();
    }

    HeldEntry entry() {
      return ring.get(index);
    }
  }
}
