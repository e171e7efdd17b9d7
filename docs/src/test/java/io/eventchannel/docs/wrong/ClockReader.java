package io.eventchannel.docs.wrong;

import java.time.Clock;
import java.time.Instant;
import java.util.function.LongSupplier;

/** Wrong on purpose: reads clocks. */
final class ClockReader {
  LongSupplier nanos = System::nanoTime;

  long millis() {
    return System.currentTimeMillis();
  }

  Instant instant() {
    return Instant.now();
  }

  Clock clock() {
    return Clock.systemUTC();
  }
}
