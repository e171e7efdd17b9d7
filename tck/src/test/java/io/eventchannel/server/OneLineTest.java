package io.eventchannel.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class OneLineTest {
  @Test
  void S36_aReasonIsCutBetweenCharactersAt123Bytes() {
    for (String character : new String[] {"a", "ü", "€", "😀"}) {
      int bytes = character.getBytes(UTF_8).length;
      assertEquals(character.repeat(123 / bytes), OneLine.of(character.repeat(124)));
      assertEquals("a" + character.repeat(122 / bytes), OneLine.of("a" + character.repeat(124)));
    }
    assertEquals("", OneLine.of(null));
    assertEquals("", OneLine.of(""));
  }

  @Test
  void S36_S35_whateverAReasonHoldsItIsOneLineOfUtf8ThatFits() {
    assertEquals("a  b c d e", OneLine.of("a\r\nb\0c\ud83dd\u0085e"));
    Random random = new Random(36);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(150); n > 0; n--) {
        text.append((char) random.nextInt(random.nextBoolean() ? 0x100 : 0x10000));
      }
      String line = OneLine.of(text.toString());
      byte[] bytes = line.getBytes(UTF_8);
      assertTrue(bytes.length <= 123, () -> bytes.length + " bytes");
      assertEquals(line, new String(bytes, UTF_8), "half a character");
      assertTrue(line.chars().noneMatch(Character::isISOControl), line);
    }
  }
}
