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
  private boolean pinged;
  // How long its first byte may take, while it has not come; else UNBOUNDED.
  private long firstByteNanos;

  Liveness(HeartbeatPolicy policy) {
    this.policy = policy;
  }

  /**
   * A connection is open.
   *
   * @param firstByteWithin what bounds the wait for its first byte; {@link #UNBOUNDED} if that came
   *     already, or nobody knows when it should
   */
  void begin(long nanoTime, long heartbeat, boolean reading, long firstByteWithin) {
    heard(nanoTime);
    heartbeatMillis = heartbeat;
    suspended = !reading;
    firstByteNanos = firstByteWithin;
  }

  /** The server said how often it sends something. */
  void heartbeat(long millis) {
    heartbeatMillis = millis;
  }

  void heard(long nanoTime) {
    heardAt = nanoTime;
    pinged = false;
    firstByteNanos = UNBOUNDED;
  }

  /** Whether the connection has not shown a byte that it owes. */
  boolean awaitsFirstByte() {
    return firstByteNanos >= 0;
  }

  /** This side stops reading. */
  void suspend() {
    suspended = true;
  }

  /** This side reads again; the deadline begins anew. */
  void resume(long nanoTime) {
    suspended = false;
    heardAt = nanoTime;
    pinged = false;
  }

  /** Nanoseconds of silence left, zero when the connection is dead; or {@link #UNBOUNDED}. */
  long remainingNanos(long nanoTime) {
    long deadline = policy.deadlineNanos(heartbeatMillis);
    if (suspended || deadline < 0) {
      return UNBOUNDED;
    }
    long bound = awaitsFirstByte() ? Math.min(deadline, firstByteNanos) : deadline;
    return Math.max(0, bound - (nanoTime - heardAt));
  }

  /** Whether it is time to ask the peer for a sign of life; true once for each silence. */
  boolean isPingDue(long nanoTime) {
    if (pinged || nanoTime - heardAt < policy.pingNanos(heartbeatMillis)) {
      return false;
    }
    pinged = true;
    return true;
  }

  /** When to look again, given how much silence is left: to ask first, then to judge. */
  long nextLookNanos(long nanoTime, long remaining) {
    long untilPing = policy.pingNanos(heartbeatMillis) - (nanoTime - heardAt);
    return pinged || untilPing <= 0 ? remaining : Math.min(remaining, untilPing);
  }
}
