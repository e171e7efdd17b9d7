package io.eventchannel.jakarta;

import java.util.HashMap;
import java.util.Map;

/**
 * The room that a servlet has for bodies of requests that are still on their way: a client that
 * begins many and ends none must neither fill the heap nor leave no room for others. A channel,
 * which should have one on its way at a time (protocol rule U-6), has room for two. Thread-safe.
 */
final class BodyRoom {
  // As much as an endpoint holds of events that its application has not taken yet.
  private static final long MOST_BYTES = 64L << 20;

  private final long mostBytes;
  private final long mostOfOne;

  // Guarded by this; what nobody has takes no memory.
  private final Map<String, Long> byChannel = new HashMap<>();
  private long held;

  BodyRoom(long mostBytes, long mostOfOne) {
    this.mostBytes = mostBytes;
    this.mostOfOne = mostOfOne;
  }

  /** Returns the room of a servlet that takes bodies of up to so many bytes. */
  static BodyRoom forBodiesOf(int maxBytes) {
    return new BodyRoom(Math.max(MOST_BYTES, 2L * maxBytes), 2L * maxBytes);
  }

  /** Takes room for so many bytes more, to be given back; false if there is not so much. */
  synchronized boolean take(String channel, int bytes) {
    long own = byChannel.getOrDefault(channel, 0L) + bytes;
    if (own > mostOfOne || held + bytes > mostBytes) {
      return false;
    }
    byChannel.put(channel, own);
    held += bytes;
    return true;
  }

  synchronized void giveBack(String channel, int bytes) {
    held -= bytes;
    byChannel.computeIfPresent(channel, (id, own) -> own == bytes ? null : own - bytes);
  }

  /** How many bytes are taken; 0 once nothing is on its way. */
  synchronized long held() {
    return held;
  }

  /** How many channels have some; 0 once nothing is on its way. */
  synchronized int channels() {
    return byChannel.size();
  }
}
