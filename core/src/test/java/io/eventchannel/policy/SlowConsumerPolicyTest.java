package io.eventchannel.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SlowConsumerPolicyTest {
  @Test
  void eachPolicyBoundsTheStallAndKeepsItsKind() {
    assertFalse(SlowConsumerPolicy.stayInLog().isDisconnect());
    assertEquals(Duration.ofSeconds(30), SlowConsumerPolicy.stayInLog().stallTimeout());
    SlowConsumerPolicy strict =
        SlowConsumerPolicy.disconnect().withStallTimeout(Duration.ofSeconds(2));
    assertTrue(strict.isDisconnect());
    assertEquals(Duration.ofSeconds(2), strict.stallTimeout());
    assertEquals(Duration.ofSeconds(30), strict.lagTimeout());
    SlowConsumerPolicy conflating =
        SlowConsumerPolicy.conflate()
            .withLagTimeout(Duration.ofSeconds(3))
            .withStallTimeout(Duration.ofSeconds(2));
    assertTrue(conflating.isConflate());
    assertFalse(conflating.isDisconnect());
    assertEquals(Duration.ofSeconds(2), conflating.stallTimeout());
    assertEquals(Duration.ofSeconds(3), conflating.lagTimeout());
    assertEquals(Duration.ofSeconds(1), SlowConsumerPolicy.conflate().lagTimeout());
  }

  @Test
  void aKeyFunctionStaysWithItsPolicyAndTheTopicIsTheDefault() {
    Function<Event, String> byType = Event::type;
    SlowConsumerPolicy policy =
        SlowConsumerPolicy.conflate(byType).withLagTimeout(Duration.ofSeconds(2));

    assertSame(byType, policy.key());
    assertNull(SlowConsumerPolicy.conflate().key());
    assertNotEquals(SlowConsumerPolicy.conflate().withLagTimeout(Duration.ofSeconds(2)), policy);
    assertEquals(SlowConsumerPolicy.conflate(byType).withLagTimeout(Duration.ofSeconds(2)), policy);
  }

  @Test
  void lagTimeoutIsRefusedWhereItHasNoEffectAndUnlessItIsPositive() {
    SlowConsumerPolicy staying = SlowConsumerPolicy.stayInLog();
    assertNull(staying.lagTimeout());
    assertThrows(IllegalStateException.class, () -> staying.withLagTimeout(Duration.ofSeconds(1)));
    SlowConsumerPolicy strict = SlowConsumerPolicy.disconnect();
    assertThrows(IllegalArgumentException.class, () -> strict.withLagTimeout(Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class, () -> strict.withLagTimeout(Duration.ofSeconds(-1)));
  }

  @Test
  void stallTimeoutMustBePositive() {
    SlowConsumerPolicy policy = SlowConsumerPolicy.stayInLog();
    assertThrows(IllegalArgumentException.class, () -> policy.withStallTimeout(Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class, () -> policy.withStallTimeout(Duration.ofSeconds(-1)));
  }
}
