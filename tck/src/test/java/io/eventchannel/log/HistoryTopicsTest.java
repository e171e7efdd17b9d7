package io.eventchannel.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.Event;
import org.junit.jupiter.api.Test;

class HistoryTopicsTest {
  @Test
  void INV_03_noMoreTopicsAreRememberedThanTheBoundHoweverManyThereWere() {
    int maxTopics = 1_000;
    History history =
        new History(
            "e", new Retention(10, Long.MAX_VALUE, Long.MAX_VALUE, maxTopics, Long.MAX_VALUE));
    for (int i = 0; i < 100_000; i++) {
      history.append(Event.of("tick", "1").withTopic("topic-" + i), 0);
      assertEquals(Math.min(i + 1, maxTopics), history.topics());
    }
    // Of a forgotten topic nothing is left in the order of the feed either.
    assertEquals(maxTopics, history.places());
  }
}
