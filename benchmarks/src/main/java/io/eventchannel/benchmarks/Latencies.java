package io.eventchannel.benchmarks;

/**
 * Counts times in 64 steps per power of two, so that each is known to a sixty-fourth. Not
 * thread-safe.
 */
final class Latencies {
  private static final int STEP_BITS = 6;
  private static final int STEPS = 1 << STEP_BITS;

  private final long[] counts = new long[Long.SIZE << STEP_BITS];
  private long total;

  void add(long nanos) {
    counts[bucket(Math.max(0, nanos))]++;
    total++;
  }

  /** The least time that the share of all is not above, in nanoseconds; 0 if there are none. */
  long quantile(double share) {
    long wanted = Math.max(1, (long) Math.ceil(share * total));
    long passed = 0;
    for (int i = 0; i < counts.length; i++) {
      passed += counts[i];
      if (passed >= wanted) {
        return least(i);
      }
    }
    return 0;
  }

  private static int bucket(long nanos) {
    int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(nanos) - STEP_BITS - 1);
    return (shift << STEP_BITS) + (int) (nanos >>> shift);
  }

  private static long least(int bucket) {
    int shift = Math.max(0, (bucket >> STEP_BITS) - 1);
    return (long) (bucket - (shift << STEP_BITS)) << shift;
  }
}
