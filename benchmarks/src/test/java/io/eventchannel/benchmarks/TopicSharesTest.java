package io.eventchannel.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TopicSharesTest {
  @Test
  void everyEventIsForAsManyConnectionsAsItsTopicHasSubscribers() {
    int connections = 12;
    for (TopicShares shares :
        List.of(
            new TopicShares(0, 0, 1),
            new TopicShares(1, 1, 1),
            new TopicShares(12, 12, 1),
            new TopicShares(60, 60, 5),
            new TopicShares(60, 7, 5),
            new TopicShares(20, 20, 5))) {
      for (long seq = 1; seq <= 130; seq++) {
        String topic = "topic=t-" + (seq - 1) % Math.max(1, shares.active());
        int subscribers = 0;
        for (int i = 0; i < connections; i++) {
          boolean asked =
              shares.topics() == 0 || List.of(shares.query(i).split("&")).contains(topic);
          assertEquals(asked, shares.isFor(i, seq), shares + ": event " + seq + " at " + i);
          subscribers += asked ? 1 : 0;
        }
        assertEquals(shares.fanOut(connections), subscribers);
      }
    }
  }

  @Test
  void sharesThatCannotBeEvenAreRefused() {
    TopicShares shares = new TopicShares(7, 7, 2);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> shares.fanOut(3))
            .getMessage()
            .contains("7 topics"));
  }
}
