package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private long now = Long.MAX_VALUE - 1; // a clock may have any origin, and overflow
  private final CircuitBreaker breaker = new CircuitBreaker(() -> now);

  @Test
  void oneCallOfASecondTripsItForAMinute() {
    assertTrue(breaker.waited(millis(1_000)));
    assertFalse(breaker.isClosed());
    now += millis(59_999);
    assertFalse(breaker.isClosed());
    now += millis(1);
    assertTrue(breaker.isClosed());
  }

  @Test
  void shortWaitsAddUp() {
    for (int i = 0; i < 5; i++) {
      assertFalse(breaker.waited(millis(150)));
    }
    assertTrue(breaker.isClosed());
    assertFalse(breaker.waited(millis(240)));
    assertTrue(breaker.waited(millis(10)));
    assertFalse(breaker.isClosed());
  }

  @Test
  void whatWaitsNowAndThenNeverTripsIt() {
    for (int i = 0; i < 10_000; i++) {
      assertFalse(breaker.waited(millis(150)), "at call " + i);
      now += millis(10_000);
    }
  }

  @Test
  void callsUnderWayWhenItTripsAreNotReckonedAgainstTheNextMinute() {
    assertTrue(breaker.waited(millis(1_000)));
    for (int i = 0; i < 8; i++) {
      assertFalse(breaker.waited(millis(1_000)));
    }
    now += millis(60_000);
    assertFalse(breaker.waited(millis(150)));
    assertTrue(breaker.isClosed());
  }

  @Test
  void whoeverIsOutToHoldTheEngineUpGetsTwoSecondsAMinuteAtMost() {
    long held = 0;
    int minutes = 60;
    for (long end = now + minutes * millis(60_000); now - end < 0; ) {
      if (breaker.isClosed()) {
        breaker.waited(millis(900));
        held += 900;
        now += millis(900);
      } else {
        now += millis(100);
      }
    }
    assertEquals(1_800, held / minutes, 50);
  }

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
