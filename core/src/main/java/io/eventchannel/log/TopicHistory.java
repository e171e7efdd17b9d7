package io.eventchannel.log;

import org.jspecify.annotations.Nullable;

/** What a {@link History} holds of one topic. Not thread-safe. */
final class TopicHistory {
  /** Null for the events that have no topic. */
  final @Nullable String name;

  /** Oldest first; none of them is evicted. */
  final HeldEntries entries = new HeldEntries();

  /** The highest offset evicted of this topic, or more: a reader before it may have missed it. */
  long mark;

  long weight;

  TopicHistory(@Nullable String name, long mark) {
    this.name = name;
    this.mark = mark;
  }
}
