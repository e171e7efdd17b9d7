package io.eventchannel.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class LatenciesTest {
  private final Latencies latencies = new Latencies();

  @Test
  void noneIsZero() {
    assertEquals(0, latencies.quantile(0.99));
  }

  @Test
  void aTimeIsKnownToASixtyFourth() {
    for (long nanos = 1; nanos > 0; nanos *= 3) {
      Latencies one = new Latencies();
      one.add(nanos);
      long known = one.quantile(0.5);
      assertTrue(known <= nanos && nanos - known <= nanos / 64, known + " for " + nanos);
    }
  }

  @Test
  void quantilesAreOfTheShareThatIsNotAbove() {
    for (int nanos = 1; nanos <= 100; nanos++) {
      latencies.add(nanos);
    }
    assertEquals(50, latencies.quantile(0.5));
    assertEquals(99, latencies.quantile(0.99));
    assertEquals(100, latencies.quantile(1));
  }

  @Test
  void aClockThatWentBackIsNoTimeAtAll() {
    latencies.add(-5);
    assertEquals(0, latencies.quantile(1));
  }
}
