package io.eventchannel.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.eventchannel.Event;
import org.junit.jupiter.api.Tag;

/** Any text as the data of a control event; a seed is the text. */
@Tag("fuzz")
class ControlDataTargetTest {
  @FuzzTest(maxDuration = "1m")
  void S37_whateverAControlEventSaysIsReadAndNeverFails(byte[] json) {
    ControlData control = ControlData.of(Event.message(new String(json, UTF_8)));
    int code = control.closeCode();
    assertTrue(code >= 1000 && code <= 4999, () -> "" + code);
    assertNotNull(control.gap("e-1", null).reason());
    control.number("delay", -1);
    control.flag("binary", false);
  }
}
