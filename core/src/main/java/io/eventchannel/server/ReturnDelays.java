package io.eventchannel.server;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Delays that are spread evenly over a window, one for each client that is sent away. Nobody has to
 * know how many there will be.
 *
 * <p>Each delay is the one before it plus the golden part of the window, going round at its end.
 * The first one is random, so that two servers which stop together have different ones. Of all
 * steps this is the one whose points keep their distance best, however many they are: each new one
 * falls into one of the widest gaps, and no gap is ever more than 2.62 times another (the
 * three-distance theorem). Random delays would clump: of 200 in a window, some tenth often gets 30.
 *
 * <p>Thread-safe.
 */
final class ReturnDelays {
  // 2^64 divided by the golden ratio. A long goes round by itself.
  private static final long STEP = 0x9E37_79B9_7F4A_7C15L;

  private static final int FRACTION_BITS = 53; // of a double

  private final long windowMillis;
  private final AtomicLong at;

  ReturnDelays(Duration window, Random random) {
    this.windowMillis = window.toMillis();
    this.at = new AtomicLong(random.nextLong());
  }

  /** Returns the next delay, from 1 ms to the window. */
  long nextMillis() {
    double part = (at.getAndAdd(STEP) >>> (Long.SIZE - FRACTION_BITS)) * 0x1.0p-53;
    // Never 0, which would mean that there is no delay to speak of.
    return Math.max(1, (long) Math.ceil(part * windowMillis));
  }
}
