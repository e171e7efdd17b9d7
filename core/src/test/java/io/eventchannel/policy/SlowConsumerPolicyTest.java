package io.eventchannel.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
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
  }

  @Test
  void stallTimeoutMustBePositive() {
    SlowConsumerPolicy policy = SlowConsumerPolicy.stayInLog();
    assertThrows(IllegalArgumentException.class, () -> policy.withStallTimeout(Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class, () -> policy.withStallTimeout(Duration.ofSeconds(-1)));
  }
}
