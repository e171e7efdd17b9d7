package io.eventchannel.log;

import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The topics a subscription reads: all of a feed, or a set. The same object decides for replay and
 * for live delivery, so the two cannot differ. Immutable; equal filters select the same events.
 */
public final class TopicFilter {
  private static final TopicFilter ALL = new TopicFilter(null);

  private final @Nullable Set<String> topics;

  private TopicFilter(@Nullable Set<String> topics) {
    this.topics = topics;
  }

  /** Returns the filter that selects every event, those without a topic included. */
  public static TopicFilter all() {
    return ALL;
  }

  /** Returns the filter that selects the events of these topics, compared byte for byte. */
  public static TopicFilter of(Set<String> topics) {
    return new TopicFilter(Collections.unmodifiableSet(new TreeSet<>(topics)));
  }

  /** Whether every event is selected. */
  public boolean isAll() {
    return topics == null;
  }

  /** The topics, in order; empty if {@link #isAll()}. */
  public Set<String> topics() {
    return topics == null ? Collections.emptySet() : topics;
  }

  /** Whether an event of this topic is selected; null is an event without a topic. */
  public boolean test(@Nullable String topic) {
    return topics == null || (topic != null && topics.contains(topic));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TopicFilter && Objects.equals(topics, ((TopicFilter) other).topics);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(topics);
  }

  @Override
  public String toString() {
    return topics == null ? "all topics" : topics.toString();
  }
}
