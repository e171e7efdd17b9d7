package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.tck.VirtualScheduler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VitalsTest {
  private static final long HEARTBEAT_NANOS = 15_000_000_000L;
  private static final long MAX_AGE_NANOS = 60_000_000_000L;

  private final VirtualScheduler clock = new VirtualScheduler();

  @Test
  void aTimerThatLookedAtTheClockBeforeAConnectionBeganFindsItNeverTooOld() {
    long before = clock.nanoTime();
    clock.advance(Duration.ofMillis(1));
    assertFalse(vitals(0).isTooOld(before));
    assertFalse(vitals(MAX_AGE_NANOS).isTooOld(before));
  }

  @Test
  void aConnectionIsTooOldFromTheAgeOnThatItMayReach() {
    Vitals vitals = vitals(MAX_AGE_NANOS);
    Vitals ageless = vitals(0);
    clock.advance(Duration.ofNanos(MAX_AGE_NANOS - 1));
    assertFalse(vitals.isTooOld(clock.nanoTime()));
    clock.advance(Duration.ofNanos(1));
    assertTrue(vitals.isTooOld(clock.nanoTime()));
    clock.advance(Duration.ofDays(36_500));
    assertTrue(vitals.isTooOld(clock.nanoTime()));
    assertFalse(ageless.isTooOld(clock.nanoTime()));
  }

  @Test
  void S34_aPermissionEndsAtItsMomentThoughNobodyHasLookedSinceTheAgeWasReached() {
    Vitals vitals = vitals(MAX_AGE_NANOS, clock.nanoTime() + 10 * MAX_AGE_NANOS);
    clock.advance(Duration.ofNanos(MAX_AGE_NANOS));
    assertTrue(vitals.isTooOld(clock.nanoTime()));
    clock.advance(Duration.ofNanos(9 * MAX_AGE_NANOS - 1));
    assertFalse(vitals.hasExpired());
    clock.advance(Duration.ofNanos(1));
    assertTrue(vitals.hasExpired());
  }

  private Vitals vitals(long maxAgeNanos) {
    return vitals(maxAgeNanos, null);
  }

  private Vitals vitals(long maxAgeNanos, @Nullable Long expiresAt) {
    SlowConsumerPolicy policy = SlowConsumerPolicy.stayInLog();
    return new Vitals(new Vitals.Rules(clock, HEARTBEAT_NANOS, policy), 1, maxAgeNanos, expiresAt);
  }
}
