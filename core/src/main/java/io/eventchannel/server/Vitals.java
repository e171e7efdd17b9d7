package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.transport.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * When things happened on one connection, and what follows from that: beats, deadlines, limits.
 *
 * <p>The owner of the subscription writes, the timer reads, therefore volatile; a moment is written
 * before the flag that gives it a meaning. Two fields are the timer's own.
 */
final class Vitals {
  /** Silence of so many heartbeats, a ping unanswered meanwhile, means a dead peer. */
  private static final double DEADLINE_HEARTBEATS = 2.5;

  // Longer than a congested path takes to drain a socket's buffer, and soon enough to be of use.
  private static final long STALL_BEGINS_NANOS = 1_000_000_000L;

  // Long enough, and far from where the difference of two moments changes its sign: the timer may
  // have looked at the clock just before the connection began.
  private static final long NEVER_NANOS = Long.MAX_VALUE / 2;

  /** What the connections of an endpoint have in common, and share: there are many. Immutable. */
  static final class Rules {
    private final Scheduler scheduler;
    private final SlowConsumerPolicy policy; // says after which time a write is stuck
    private final long heartbeatNanos;

    Rules(Scheduler scheduler, long heartbeatNanos, SlowConsumerPolicy policy) {
      this.scheduler = scheduler;
      this.heartbeatNanos = heartbeatNanos;
      this.policy = policy;
    }
  }

  private final Rules rules;
  private final long oldAt;
  private final boolean expires;
  private final long expiresAt; // the permission

  // Written by the owner.
  private volatile boolean writing;
  private volatile long writingSince;

  // Guarded by this; written by the owner and by whoever hears from the peer.
  private boolean pingUnanswered;
  private long heardAt;

  // Guarded by this; set by the timer, taken back by the owner.
  private boolean stalled;
  private boolean over;

  // Set by the timer, before it wakes the owner; taken back by the owner.
  private volatile boolean stallUntold;

  // The timer's.
  private long beatAt;

  /**
   * Creates the vitals of a connection that begins now.
   *
   * @param firstBeat when the first heartbeat is due, as a part of the interval: above 0, at most 1
   * @param maxAgeNanos after which the connection is ended, or 0 for never
   * @param expiresAt when it may be used no longer, or null for never
   */
  Vitals(Rules rules, double firstBeat, long maxAgeNanos, @Nullable Long expiresAt) {
    this.rules = rules;
    long heartbeatNanos = rules.heartbeatNanos;
    long bornAt = now();
    long age = maxAgeNanos > 0 ? maxAgeNanos : NEVER_NANOS;
    this.expires = expiresAt != null;
    this.expiresAt = expiresAt == null ? 0 : expiresAt;
    this.oldAt = bornAt + age;
    this.heardAt = bornAt;
    // A tick may come late by a tick, and the beat must not; so it is due one tick early.
    this.beatAt = bornAt + (long) (firstBeat * (heartbeatNanos - tickNanos(heartbeatNanos)));
  }

  /** How often the timer has to look. */
  static long tickNanos(long heartbeatNanos) {
    return Math.max(1_000_000L, heartbeatNanos / 16);
  }

  private long now() {
    return rules.scheduler.nanoTime();
  }

  void writeBegan() {
    writingSince = now();
    writing = true;
  }

  /** Returns how long the write took if it became a stall, else -1. */
  long writeEnded() {
    long now = now();
    synchronized (this) {
      // A ping waits behind what we write, so that time is none of the peer's silence.
      heardAt = Math.min(now, heardAt + (now - writingSince));
      writing = false; // last: until then, nobody counts the silence
      return endOfStall(now);
    }
  }

  /** The connection has ended; returns how long its write took if that is a stall, else -1. */
  synchronized long end() {
    over = true;
    return endOfStall(now());
  }

  private synchronized long endOfStall(long now) {
    if (!stalled) {
      return -1;
    }
    stalled = false;
    return now - writingSince;
  }

  /** Whether the write that is under way has become a stall; true once for each. */
  boolean hasStalled(long now) {
    if (!writing || now - writingSince < STALL_BEGINS_NANOS) {
      return false; // nearly all: without the lock
    }
    synchronized (this) {
      if (stalled || over || !writing || now - writingSince < STALL_BEGINS_NANOS) {
        return false;
      }
      stalled = true;
      stallUntold = true;
      return true;
    }
  }

  /** Whether a stall was noticed that nobody was told of; true once for each. For the owner. */
  boolean takeStall() {
    if (!stallUntold) {
      return false;
    }
    stallUntold = false;
    return true;
  }

  boolean isWriting() {
    return writing;
  }

  boolean isStalled(long now, long nanos) {
    return writing && now - writingSince >= nanos;
  }

  synchronized void pinged() {
    pingUnanswered = true;
  }

  /** The peer was heard. */
  synchronized void alive() {
    heardAt = now();
    pingUnanswered = false;
  }

  /** Why the connection counts as dead, or null. */
  @Nullable CloseReason death(long now, @Nullable Long endingSince) {
    long stallNanos = rules.policy.stallTimeout().toNanos();
    if (isStalled(now, stallNanos)) {
      return CloseReason.of(
          CloseReason.Kind.WRITE_TIMEOUT,
          "a write took longer than " + stallNanos / 1_000_000 + " ms");
    }
    if (endingSince != null && now - endingSince >= stallNanos) {
      return CloseReason.of(
          CloseReason.Kind.WRITE_TIMEOUT,
          "the end took longer than " + stallNanos / 1_000_000 + " ms");
    }
    return writing ? null : deathBySilence(now);
  }

  private synchronized @Nullable CloseReason deathBySilence(long now) {
    if (pingUnanswered && now - heardAt >= (long) (DEADLINE_HEARTBEATS * rules.heartbeatNanos)) {
      return CloseReason.of(
          CloseReason.Kind.HEARTBEAT_TIMEOUT,
          "nothing was heard for " + (now - heardAt) / 1_000_000 + " ms");
    }
    return null;
  }

  /** Since when nothing was heard, if that is long enough that the peer may be dead; else -1. */
  synchronized long unprovenNanos(long now) {
    long silence = now - heardAt;
    return silence >= (long) (DEADLINE_HEARTBEATS * rules.heartbeatNanos) ? silence : -1;
  }

  /** Whether the connection has reached its age limit. */
  boolean isTooOld(long now) {
    return now - oldAt >= 0;
  }

  /** Whether the permission has ended; the clock is asked only where it can end. */
  boolean hasExpired() {
    return expires && now() - expiresAt >= 0;
  }

  /** Whether a heartbeat is due; true once for each. Only for the timer. */
  boolean isBeatDue(long now) {
    if (now - beatAt < 0) {
      return false;
    }
    // Beats missed while the process stood still are not made up for.
    long missed = (now - beatAt) / rules.heartbeatNanos;
    beatAt += (missed + 1) * rules.heartbeatNanos;
    return true;
  }
}
