package io.eventchannel.log;

import java.util.Random;

/** Logs in memory whose epochs are the same in every run. */
public final class SeededLogs {
  private SeededLogs() {}

  public static InMemoryEventLog.Builder builder() {
    return InMemoryEventLog.builder().random(new Random(7));
  }
}
