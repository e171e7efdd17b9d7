package io.eventchannel.log;

import org.jspecify.annotations.Nullable;

/** An entry in the memory of a {@link History}, with what its retention is reckoned by. */
final class HeldEntry {
  final long offset;
  final TopicHistory topic;
  final long weight;
  final long appendedNanos;

  /** Null once the entry is evicted: then only its place in the feed's order is left. */
  @Nullable LogEntry entry;

  HeldEntry(long offset, TopicHistory topic, long weight, long appendedNanos, LogEntry entry) {
    this.offset = offset;
    this.topic = topic;
    this.weight = weight;
    this.appendedNanos = appendedNanos;
    this.entry = entry;
  }
}
