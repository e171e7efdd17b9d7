package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an application may put into an event. */
class FieldRulesTest {
  @Test
  void aTopicIsWhatItsPatternSays() {
    for (char c = 0; c < 0x250; c++) {
      String topic = String.valueOf(c);
      assertEquals(
          topic.matches("[A-Za-z0-9._:/-]"),
          FieldRules.isTopic(topic),
          () -> "" + (int) topic.charAt(0));
    }
    assertTrue(FieldRules.isTopic("a".repeat(200)));
    assertFalse(FieldRules.isTopic("a".repeat(201)));
    assertFalse(FieldRules.isTopic(""));
    assertFalse(FieldRules.isTopic("a\n"));
  }

  @Test
  void ordinaryEventsPass() {
    FieldRules.checkApplicationEvent(Event.message("any\r\n\0text"));
    FieldRules.checkApplicationEvent(Event.of("eventchannel", "x").withTopic("a/b:c"));
    FieldRules.checkApplicationEvent(Event.binary("Eventchannel.x", new byte[1]));
  }

  @Test
  void S01_lineEndsAndNulAreRefusedInTypeIdAndTopic() {
    for (String end : List.of("\r", "\n", "\r\n", "\0")) {
      for (Event event :
          List.of(
              Event.of("a" + end + "b", "x"),
              Event.message("x").withId("a" + end),
              Event.message("x").withTopic(end + "a"))) {
        assertThrows(IllegalArgumentException.class, () -> FieldRules.checkApplicationEvent(event));
      }
    }
  }

  @Test
  void theTypesOfTheProtocolBelongToIt() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> FieldRules.checkApplicationEvent(Event.of("eventchannel.gap", "")))
            .getMessage();
    assertEquals(
        "event type: expected one of the application, got \"eventchannel.gap\","
            + " whose prefix eventchannel. belongs to the protocol",
        message);
  }
}
