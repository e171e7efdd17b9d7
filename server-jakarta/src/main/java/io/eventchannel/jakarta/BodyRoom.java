package io.eventchannel.jakarta;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The room that a servlet has for bodies of requests that are still on their way, all together: a
 * client that begins many and ends none must not fill the heap. Thread-safe.
 */
final class BodyRoom {
  // As much as an endpoint holds of events that its application has not taken yet.
  private static final long MOST_BYTES = 64L << 20;

  private final long mostBytes;
  private final AtomicLong held = new AtomicLong();

  BodyRoom() {
    this(MOST_BYTES);
  }

  BodyRoom(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** Takes room for so many bytes more, to be given back; false if there is not so much. */
  boolean take(int bytes) {
    if (held.addAndGet(bytes) <= mostBytes) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  void giveBack(int bytes) {
    held.addAndGet(-bytes);
  }

  /** How many bytes are taken; 0 once nothing is on its way. */
  long held() {
    return held.get();
  }
}
