package io.eventchannel.log;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Thousands of seeded runs against plain lists; a failure names its seed. */
class InMemoryEventLogModelTest {
  private static final int RUNS = 4_000;
  private static final int OPERATIONS = 150;

  @Test
  void INV_04_readGivesWhatFollowsOrAGapThroughAnyHistory() {
    long pages = 0;
    long gaps = 0;
    long falseGaps = 0;
    for (long seed = 0; seed < RUNS; seed++) {
      LogModel model = new LogModel(seed);
      try {
        model.run(OPERATIONS);
      } catch (Throwable failure) {
        throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
      }
      pages += model.pages;
      gaps += model.gaps;
      falseGaps += model.falseGaps;
    }
    // The runs must have been where it hurts.
    assertTrue(pages > RUNS * 10, pages + " pages");
    assertTrue(gaps > RUNS * 5, gaps + " gaps");
    assertTrue(falseGaps > 0 && falseGaps < gaps / 10, falseGaps + " gaps of forgotten topics");
  }
}
