package io.eventchannel.log;

/** How much of a feed stays readable. Immutable; {@link InMemoryEventLog.Builder} explains it. */
final class Retention {
  final int maxEventsPerTopic;
  final long maxBytesPerTopic;
  final long maxBytes;
  final int maxTopics;

  /** {@link Long#MAX_VALUE} if age does not matter. */
  final long maxAgeNanos;

  Retention(
      int maxEventsPerTopic,
      long maxBytesPerTopic,
      long maxBytes,
      int maxTopics,
      long maxAgeNanos) {
    this.maxEventsPerTopic = maxEventsPerTopic;
    this.maxBytesPerTopic = maxBytesPerTopic;
    this.maxBytes = maxBytes;
    this.maxTopics = maxTopics;
    this.maxAgeNanos = maxAgeNanos;
  }
}
