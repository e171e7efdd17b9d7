package io.eventchannel.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void soManyAreWithinItAtOnceAndThenOneAtATime() {
    RateLimit limit = RateLimit.of(3, 10);
    long now = Long.MAX_VALUE - SECOND / 20; // so that the clock overflows meanwhile
    long paid = now;
    for (int i = 0; i < 3; i++) {
      assertEquals(0, limit.waitNanos(paid, now));
      paid = limit.pay(paid, now, 1);
    }
    assertEquals(SECOND / 10, limit.waitNanos(paid, now));
    now += SECOND / 10 - 1;
    assertEquals(1, limit.waitNanos(paid, now));
    now++;
    assertEquals(0, limit.waitNanos(paid, now));
    paid = limit.pay(paid, now, 1);
    assertEquals(SECOND / 10, limit.waitNanos(paid, now));
  }

  @Test
  void whoWaitedForLongHasTheWholeBurstAndNoMore() {
    RateLimit limit = RateLimit.of(3, 10);
    long paid = limit.pay(0, 0, 3);
    long now = 1_000 * SECOND;
    paid = limit.pay(paid, now, 3);
    assertEquals(SECOND / 10, limit.waitNanos(paid, now));
  }

  @Test
  void whatGoesBeyondItIsWaitedFor() {
    RateLimit limit = RateLimit.of(3, 10);
    long paid = limit.pay(0, 0, 103);
    assertEquals(101 * SECOND / 10, limit.waitNanos(paid, 0));
  }

  @Test
  void inTheLongRunNoMoreThanTheRateAndTheBurstPass() {
    Random random = new Random(20260101);
    for (int round = 0; round < 50; round++) {
      int burst = 1 + random.nextInt(20);
      int perSecond = 1 + random.nextInt(2_000);
      RateLimit limit = RateLimit.of(burst, perSecond);
      long begin = random.nextLong();
      long now = begin;
      long paid = now;
      long passed = 0;
      for (int i = 0; i < 10_000; i++) {
        now += random.nextInt((int) (SECOND / perSecond)); // twice as often as it may
        if (limit.waitNanos(paid, now) == 0) {
          paid = limit.pay(paid, now, 1);
          passed++;
        }
      }
      double most = burst + (now - begin) / (double) SECOND * perSecond;
      assertTrue(passed <= most + 1, passed + " of " + most + " by " + limit);
      assertTrue(passed >= most / 2, passed + " of " + most + " by " + limit);
    }
  }

  @Test
  void noneIsNeverExceeded() {
    long paid = RateLimit.none().pay(0, 7, Integer.MAX_VALUE);
    assertEquals(0, RateLimit.none().waitNanos(paid, 7));
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "-1, 1", "1, 0", "1, 1000001", "1000001, 1"})
  void aLimitOfNothingIsRefused(int burst, int perSecond) {
    assertThrows(IllegalArgumentException.class, () -> RateLimit.of(burst, perSecond));
  }
}
