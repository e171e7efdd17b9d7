package io.eventchannel.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final double ALMOST_ONE = Math.nextDown(1.0);

  private final Backoff backoff = Backoff.standard();

  @Test
  void delaysAreDrawnFromFloorToADoublingCeilingThatTheCapEnds() {
    long[] ceilings = {1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000};
    for (int failures = 0; failures < ceilings.length; failures++) {
      assertEquals(100, backoff.delay(failures, 0, null).toMillis());
      assertEquals((100 + ceilings[failures]) / 2, backoff.delay(failures, 0.5, null).toMillis());
      assertEquals(
          ceilings[failures],
          Math.round(backoff.delay(failures, ALMOST_ONE, null).toNanos() / 1e6));
    }
  }

  @Test
  void F48_tenMillionAttemptsStayBetweenFloorAndCap() {
    assertTenMillionAttemptsStayWithin(null, backoff.floor(), backoff.cap());
  }

  @Test
  void INV_33_delayIsRandomFromFloorToTheSaturatedCeilingAndHintsAreClamped() {
    Random random = new Random(33);
    for (int round = 0; round < 200_000; round++) {
      long floor = 1 + random.nextInt(1_000);
      long base = floor + random.nextInt(100_000);
      long cap = base + random.nextInt(10_000_000);
      long hintCap = cap + random.nextInt(10_000_000);
      Backoff any =
          Backoff.standard()
              .withHintCap(Duration.ofDays(365))
              .withCap(Duration.ofDays(365))
              .withFloor(Duration.ofNanos(floor))
              .withBase(Duration.ofNanos(base))
              .withCap(Duration.ofNanos(cap))
              .withHintCap(Duration.ofNanos(hintCap));
      int failures = random.nextInt() >>> random.nextInt(32) >>> 1;
      double jitter = random.nextDouble();
      double ceiling = Math.min(cap, base * Math.pow(2, failures));
      double expected = floor + jitter * (ceiling - floor);
      assertEquals(expected, any.delay(failures, jitter, null).toNanos(), 1.0, any.toString());

      long hint = random.nextLong() >>> random.nextInt(64) >>> 1;
      long hinted = any.delay(failures, jitter, Duration.ofNanos(hint)).toNanos();
      long least = Math.max(floor, Math.min(hintCap, hint));
      assertTrue(hinted >= least && hinted <= hintCap, any + ", hint " + hint + ": " + hinted);
    }
  }

  @Test
  void SSE_C_17_retryHintIsTheLeastDelayAndJitterOnlyAdds() {
    Duration hint = Duration.ofSeconds(3);
    for (int failures = 0; failures < 100; failures++) {
      assertEquals(hint, backoff.delay(failures, 0, hint));
      assertTrue(backoff.delay(failures, 0.5, hint).compareTo(hint) > 0);
      assertTrue(backoff.delay(failures, ALMOST_ONE, hint).compareTo(backoff.cap()) <= 0);
    }
    assertEquals(4_500, backoff.delay(0, ALMOST_ONE, hint).toMillis(), 1);
    assertEquals(6_000, backoff.delay(1, ALMOST_ONE, hint).toMillis(), 1);
  }

  @Test
  void SSE_C_17_retryHintAboveTheCapIsHonoured() {
    Duration hint = Duration.ofMinutes(2);
    assertEquals(hint, backoff.delay(0, 0, hint));
    assertEquals(
        Duration.ofMinutes(3).toMillis(), backoff.delay(9, ALMOST_ONE, hint).toMillis(), 1);
  }

  @Test
  void F44_retryHintOfZeroIsRaisedToTheFloorAndGrows() {
    assertEquals(backoff.floor(), backoff.delay(0, 0, Duration.ZERO));
    assertEquals(backoff.floor(), backoff.delay(0, 0, Duration.ofMillis(-1)));
    assertEquals(150, backoff.delay(0, ALMOST_ONE, Duration.ZERO).toMillis(), 1);
    assertEquals(30_000, backoff.delay(20, ALMOST_ONE, Duration.ZERO).toMillis(), 1);
  }

  @Test
  void F44_hugeRetryHintIsLoweredToTheHintCap() {
    Duration[] hints = {
      Duration.ofMillis(9_999_999_999_999L),
      Duration.ofMillis(Long.MAX_VALUE),
      Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)
    };
    for (Duration hint : hints) {
      assertEquals(backoff.hintCap(), backoff.delay(0, 0, hint));
      assertEquals(backoff.hintCap(), backoff.delay(Integer.MAX_VALUE, ALMOST_ONE, hint));
    }
  }

  @Test
  void SSE_C_18_tenMillionAttemptsWithAnyHintStayBetweenFloorAndHintCap() {
    assertTenMillionAttemptsStayWithin(Duration.ZERO, backoff.floor(), backoff.cap());
    assertTenMillionAttemptsStayWithin(
        Duration.ofMillis(Long.MAX_VALUE), backoff.hintCap(), backoff.hintCap());
  }

  private void assertTenMillionAttemptsStayWithin(Duration hint, Duration least, Duration most) {
    Random random = new Random(48);
    long leastNanos = least.toNanos();
    long mostNanos = most.toNanos();
    for (int failures = 0; failures < 10_000_000; failures++) {
      long delay = backoff.delay(failures, random.nextDouble(), hint).toNanos();
      if (delay < leastNanos || delay > mostNanos) {
        throw new AssertionError("attempt " + failures + " waits " + delay + " ns");
      }
    }
  }

  @Test
  void settingsThatContradictEachOtherAreRefused() {
    assertRefused("floor", () -> backoff.withFloor(Duration.ZERO));
    assertRefused("floor", () -> backoff.withFloor(Duration.ofSeconds(2)));
    assertRefused("base", () -> backoff.withBase(Duration.ofSeconds(31)));
    assertRefused("cap", () -> backoff.withCap(Duration.ofMillis(999)));
    assertRefused("hintCap", () -> backoff.withHintCap(Duration.ofSeconds(29)));
    assertRefused("hintCap", () -> backoff.withHintCap(Duration.ofDays(366)));
    assertRefused("resetAfter", () -> backoff.withResetAfter(Duration.ZERO));
    assertRefused("failures", () -> backoff.delay(-1, 0, null));
    assertRefused("jitter", () -> backoff.delay(0, 1, null));
    assertRefused("jitter", () -> backoff.delay(0, Double.NaN, null));
  }

  private static void assertRefused(String name, Runnable setting) {
    String message = assertThrows(IllegalArgumentException.class, setting::run).getMessage();
    assertTrue(message.startsWith(name + ": expected "), message);
  }

  @Test
  void eachWitherChangesOneSettingOfACopy() {
    Backoff changed =
        backoff
            .withFloor(Duration.ofMillis(1))
            .withBase(Duration.ofMillis(2))
            .withCap(Duration.ofMillis(3))
            .withHintCap(Duration.ofMillis(4))
            .withResetAfter(Duration.ofMillis(5));
    assertEquals(
        "Backoff{floor=PT0.001S, base=PT0.002S, cap=PT0.003S, hintCap=PT0.004S,"
            + " resetAfter=PT0.005S}",
        changed.toString());
    assertEquals(Duration.ofMillis(1), changed.floor());
    assertEquals(Duration.ofMillis(2), changed.base());
    assertEquals(Duration.ofMillis(3), changed.cap());
    assertEquals(Duration.ofMillis(4), changed.hintCap());
    assertEquals(Duration.ofMillis(5), changed.resetAfter());
    assertEquals(Duration.ofSeconds(1), backoff.base());
  }
}
