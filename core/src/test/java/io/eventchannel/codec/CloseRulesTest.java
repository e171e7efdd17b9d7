package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With what an application may close. */
class CloseRulesTest {
  private static String refusal(int code, String reason) {
    return assertThrows(
            IllegalArgumentException.class, () -> CloseRules.checkApplicationClose(code, reason))
        .getMessage();
  }

  @Test
  void WS_04_theCodesOfAnApplicationAre1000And3000To4999() {
    for (int code = -1; code <= 65_536; code++) {
      if (code == 1000 || (code >= 3000 && code <= 4999)) {
        CloseRules.checkApplicationClose(code, "bye");
      } else {
        assertEquals(
            "close code: expected 1000 or 3000 to 4999, got " + code, refusal(code, "bye"));
      }
    }
  }

  @Test
  void WS_04_aReasonHas123BytesOfUtf8AtMost() {
    for (String character : new String[] {"a", "\0", "ü", "€", "😀"}) {
      int bytes = character.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
      String full = character.repeat(123 / bytes) + "a".repeat(123 % bytes);
      CloseRules.checkApplicationClose(4000, full);
      assertEquals(
          "close reason: expected at most 123 bytes of UTF-8, got 124", refusal(4000, full + "a"));
    }
    CloseRules.checkApplicationClose(1000, "");
    assertThrows(NullPointerException.class, () -> CloseRules.checkApplicationClose(1000, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ab\uD83D", "ab\uDE00", "ab\uDE00\uD83D", "ab\uD83Dc"})
  void WS_04_aReasonThatNoUtf8CanSayIsRefused(String broken) {
    assertEquals(
        "close reason: expected whole characters, got half a surrogate pair at index 2",
        refusal(1000, broken));
  }
}
