package io.eventchannel.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeartbeatPolicyTest {
  private final HeartbeatPolicy policy = HeartbeatPolicy.standard();

  private static Duration deadline(HeartbeatPolicy policy, long heartbeatMillis) {
    return Duration.ofNanos(policy.deadlineNanos(heartbeatMillis));
  }

  @Test
  void silenceMayLastTwoAndAHalfHeartbeats() {
    assertEquals(Duration.ofMillis(37_500), deadline(policy, 15_000));
    assertEquals(15_000, policy.intervalMillis(15_000));
  }

  @Test
  void whatAServerSaysIsTakenWithinBounds() {
    assertEquals(Duration.ofMillis(2_500), deadline(policy, 1));
    assertEquals(Duration.ofMillis(750_000), deadline(policy, TimeUnit.DAYS.toMillis(11)));
    assertEquals(Duration.ofMillis(750_000), deadline(policy, Long.MAX_VALUE));
  }

  @Test
  void aServerThatSaysNothingIsAssumedToSendEveryTwoMinutes() {
    for (long nothing : new long[] {-1, 0, Long.MIN_VALUE}) {
      assertEquals(Duration.ofMinutes(5), deadline(policy, nothing));
    }
    assertEquals(
        Duration.ofSeconds(25), deadline(policy.withAssumedInterval(Duration.ofSeconds(10)), -1));
  }

  @Test
  void withoutAssumptionSilenceOfAServerThatSaysNothingMayLastForEver() {
    HeartbeatPolicy patient = policy.withoutAssumedInterval();
    assertEquals(-1, patient.deadlineNanos(-1));
    assertEquals(-1, patient.intervalMillis(0));
    assertEquals(Duration.ofMillis(37_500), deadline(patient, 15_000));
  }

  @Test
  void assumedIntervalOutOfBoundsIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> policy.withAssumedInterval(Duration.ofMillis(999)));
    assertThrows(
        IllegalArgumentException.class, () -> policy.withAssumedInterval(Duration.ofSeconds(301)));
  }
}
