package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.policy.SlowConsumerPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class EventKeysTest {
  private static EventKeys keys(SlowConsumerPolicy policy) {
    return Objects.requireNonNull(EventKeys.of(policy));
  }

  @Test
  void theTopicIsTheKeyWhereNoFunctionSaysOtherwise() {
    EventKeys topics = keys(SlowConsumerPolicy.conflate());
    assertTrue(topics.areTopics());
    assertEquals("a", topics.of(Event.of("tick", "x").withTopic("a")));
    assertNull(topics.of(Event.of("tick", "x")));
    EventKeys types = keys(SlowConsumerPolicy.conflate(Event::type));
    assertFalse(types.areTopics());
    assertEquals("tick", types.of(Event.of("tick", "x").withTopic("a")));
    assertNull(EventKeys.of(SlowConsumerPolicy.stayInLog()));
    assertNull(EventKeys.of(SlowConsumerPolicy.disconnect()));
  }

  @Test
  void aFunctionThatThrowsGivesNoKeyAndIsLoggedOnce() {
    List<LogRecord> logged = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            logged.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(EventKeys.class.getName());
    logger.addHandler(handler);
    logger.setLevel(Level.WARNING); // the tests log only what is worse
    logger.setUseParentHandlers(false);
    try {
      EventKeys keys =
          keys(
              SlowConsumerPolicy.conflate(
                  event -> {
                    throw new IllegalStateException("made up");
                  }));
      for (int i = 0; i < 100; i++) {
        assertNull(keys.of(Event.of("tick", "" + i)));
      }
    } finally {
      logger.setUseParentHandlers(true);
      logger.setLevel(null);
      logger.removeHandler(handler);
    }
    assertEquals(1, logged.size());
    assertEquals("made up", logged.get(0).getThrown().getMessage());
  }
}
