package io.eventchannel.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;

/** Any text as the ID of an event; a seed is the text. */
@Tag("fuzz")
class PositionTargetTest {
  private static final Pattern ID =
      Pattern.compile("([A-Za-z0-9]{1,24})-(0|[1-9][0-9]*)(?:\\.([1-9][0-9]*))?");

  @FuzzTest(maxDuration = "1m")
  void S07_aTextIsAPositionExactlyIfALogCouldHaveWrittenIt(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    Position parsed = Position.parse(text);
    Matcher id = ID.matcher(text);
    if (!id.matches() || !isLong(id.group(2)) || !isLong(id.group(3))) {
      assertNull(parsed, () -> "taken for a position: " + text);
      return;
    }
    assertNotNull(parsed, () -> "taken for none: " + text);
    assertEquals(text, parsed.id());
    long low = id.group(3) == null ? 0 : Long.parseLong(id.group(3));
    assertEquals(Position.of(id.group(1), Long.parseLong(id.group(2)), low), parsed);
  }

  private static boolean isLong(String digits) {
    return digits == null || new BigInteger(digits).bitLength() < Long.SIZE;
  }
}
