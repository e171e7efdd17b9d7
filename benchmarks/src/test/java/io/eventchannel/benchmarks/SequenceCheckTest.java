package io.eventchannel.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class SequenceCheckTest {
  private final SequenceCheck check = new SequenceCheck(1_001, 100);

  @Test
  void allInOrderIsNothingLost() {
    for (int seq = 1_001; seq <= 1_100; seq++) {
      assertTrue(check.add(seq));
    }
    assertCounts(100, 0, 0, 0);
  }

  @Test
  void whatDoesNotComeIsLostAtBothEndsToo() {
    for (int seq = 1_002; seq <= 1_099; seq++) {
      if (seq != 1_050) {
        check.add(seq);
      }
    }
    assertCounts(97, 3, 0, 0);
  }

  @Test
  void anEventThatALaterOneOvertookIsLateAndNotLost() {
    check.add(1_003);
    check.add(1_001);
    check.add(1_002);
    assertCounts(3, 97, 2, 0);
  }

  @Test
  void aDuplicateCountsHoweverOldTheFirstIs() {
    for (int seq = 1_001; seq <= 1_100; seq++) {
      check.add(seq);
    }
    assertFalse(check.add(1_001));
    assertFalse(check.add(1_100));
    assertCounts(100, 0, 0, 2);
  }

  @Test
  void eventsOfOtherBroadcastsDoNotCount() {
    assertFalse(check.add(1_000));
    assertFalse(check.add(1_101));
    assertCounts(0, 100, 0, 0);
  }

  private void assertCounts(int delivered, int lost, int late, int duplicates) {
    assertEquals(delivered, check.delivered());
    assertEquals(lost, check.lost());
    assertEquals(late, check.late());
    assertEquals(duplicates, check.duplicates());
  }
}
