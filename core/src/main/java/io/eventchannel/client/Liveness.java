package io.eventchannel.client;

import io.eventchannel.policy.HeartbeatPolicy;

/**
 * How long the current connection may still be silent. Any byte is life. While this side does not
 * read, nothing is judged: it would be its own silence. Guarded by the channel's lock.
 */
final class Liveness {
  /** What {@link #remainingNanos} returns when silence is not judged. */
  static final long UNBOUNDED = -1;

  private final HeartbeatPolicy policy;
  private long heartbeatMillis;
  private long heardAt;
  private boolean suspended;

  Liveness(HeartbeatPolicy policy) {
    this.policy = policy;
  }

  /** A connection is open. */
  void begin(long nanoTime, long heartbeat, boolean reading) {
    heardAt = nanoTime;
    heartbeatMillis = heartbeat;
    suspended = !reading;
  }

  /** The server said how often it sends something. */
  void heartbeat(long millis) {
    heartbeatMillis = millis;
  }

  void heard(long nanoTime) {
    heardAt = nanoTime;
  }

  /** This side stops reading. */
  void suspend() {
    suspended = true;
  }

  /** This side reads again; the deadline begins anew. */
  void resume(long nanoTime) {
    suspended = false;
    heardAt = nanoTime;
  }

  /** Nanoseconds of silence left, zero when the connection is dead; or {@link #UNBOUNDED}. */
  long remainingNanos(long nanoTime) {
    long deadline = policy.deadlineNanos(heartbeatMillis);
    if (suspended || deadline < 0) {
      return UNBOUNDED;
    }
    return Math.max(0, deadline - (nanoTime - heardAt));
  }
}
