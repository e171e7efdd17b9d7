package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReturnDelaysTest {
  private static final long WINDOW_MILLIS = 60_000;

  private static ReturnDelays delays(long seed) {
    return new ReturnDelays(Duration.ofMillis(WINDOW_MILLIS), new Random(seed));
  }

  /** How many of the next delays fall into each tenth of the window. */
  private static int[] tenths(ReturnDelays delays, int count) {
    int[] tenths = new int[10];
    for (int i = 0; i < count; i++) {
      tenths[(int) ((delays.nextMillis() - 1) * 10 / WINDOW_MILLIS)]++;
    }
    return tenths;
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 11, 100, 137, 1_000, 20_000})
  void F16_howeverManyThereAreEachTenthOfTheWindowGetsATenthOfThem(int count) {
    for (long seed = 0; seed < 200; seed++) {
      int[] tenths = tenths(delays(seed), count);
      for (int some : tenths) {
        assertTrue(
            Math.abs(some - count / 10.0) <= 3,
            () -> "expected " + count / 10.0 + " in each: " + Arrays.toString(tenths));
      }
    }
  }

  @Test
  void F16_thoseWhoComeLaterFillTheWindowToo() {
    ReturnDelays delays = delays(16);
    tenths(delays, 1_234);
    for (int some : tenths(delays, 100)) {
      assertTrue(some >= 7 && some <= 13, () -> some + " of 100");
    }
  }

  @Test
  void F16_twoServersThatStopTogetherBeginAtDifferentMoments() {
    Set<Long> first = new HashSet<>();
    for (long seed = 0; seed < 50; seed++) {
      first.add(delays(seed).nextMillis());
    }
    assertTrue(first.size() > 40, first::toString);
  }

  @Test
  void everyDelayIsFromOneMillisecondToTheWindow() {
    ReturnDelays none = new ReturnDelays(Duration.ZERO, new Random(1));
    ReturnDelays few = new ReturnDelays(Duration.ofMillis(3), new Random(1));
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      assertEquals(1, none.nextMillis());
      seen.add(few.nextMillis());
    }
    assertEquals(Set.of(1L, 2L, 3L), seen);
  }
}
