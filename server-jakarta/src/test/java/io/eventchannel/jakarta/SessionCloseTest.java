package io.eventchannel.jakarta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SessionCloseTest {
  @Test
  void S36_aReasonIsCutBetweenCharactersAt123Bytes() {
    for (String character : new String[] {"a", "ü", "€", "😀"}) {
      int bytes = character.getBytes(UTF_8).length;
      assertEquals(character.repeat(123 / bytes), SessionClose.cut(character.repeat(124)));
      String full = character.repeat(123 / bytes) + "a".repeat(123 % bytes);
      assertEquals(full, SessionClose.cut(full));
    }
  }
}
