package io.eventchannel.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PositionTest {
  private static final String EPOCH_24 = "aBcDeFgHiJkLmNoPqRsTuVw9";

  @Test
  void textFormIsEpochAndOneOrTwoNumbers() {
    assertEquals("e-0", Position.of("e", 0).id());
    assertEquals("e-7", Position.of("e", 7).id());
    assertEquals("e-7", Position.of("e", 7, 0).id());
    assertEquals("e-1526919030474.55", Position.of("e", 1526919030474L, 55).id());
  }

  @Test
  void longestPositionIsSixtyFourCharacters() {
    Position longest = Position.of(EPOCH_24, Long.MAX_VALUE, Long.MAX_VALUE);
    assertEquals(Position.MAX_LENGTH, longest.id().length());
    assertEquals(longest, Position.parse(longest.id()));
    assertNull(Position.parse(longest.id() + "0"));
  }

  @Test
  void everyPositionSurvivesItsTextForm() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      String epoch = EPOCH_24.substring(random.nextInt(24));
      Position position =
          Position.of(
              epoch,
              random.nextLong() >>> 1 >>> random.nextInt(63),
              random.nextLong() >>> 1 >>> random.nextInt(63));
      Position parsed = Position.parse(position.id());
      assertNotNull(parsed, position.id());
      assertEquals(position, parsed);
      assertEquals(position.hashCode(), parsed.hashCode());
      assertEquals(position.epoch(), parsed.epoch());
      assertEquals(position.high(), parsed.high());
      assertEquals(position.low(), parsed.low());
    }
  }

  @Test
  void S07_whatNoLogWritesIsNoPosition() {
    String[] refused = {
      "",
      "-",
      "e",
      "e-",
      "-1",
      "e--1",
      "e-+1",
      "e-01",
      "e-00",
      "e-1.",
      "e-.1",
      "e-1.0",
      "e-1.00",
      "e-1.01",
      "e-1.2.3",
      "e-1-2",
      "e-1a",
      "e- 1",
      " e-1",
      "e-1 ",
      "e-1\r\n",
      "e-1\n",
      "e-1\u0000",
      "é-1",
      "e_-1",
      "../e-1",
      "e/1",
      "e-9223372036854775808",
      "e-18446744073709551616",
      "e-1.9223372036854775808",
      "e-99999999999999999999",
      "e-1e3",
      "e-0x1",
      "e-١",
      "e-１",
      EPOCH_24 + "x-1",
      "12345"
    };
    for (String id : refused) {
      assertNull(Position.parse(id), () -> "taken for a position: " + id);
    }
    assertNull(Position.parse("9".repeat(100_000)));
    assertNull(Position.parse("e-" + "9".repeat(100_000)));
    assertNotNull(Position.parse("e-9223372036854775807"));
    assertNotNull(Position.parse("e-1.9223372036854775807"));
  }

  @Test
  void S07_whateverParsesIsWrittenTheSameWay() {
    Random random = new Random(7);
    String alphabet = "aZ09.-01 \n+";
    int parsed = 0;
    for (int i = 0; i < 500_000; i++) {
      StringBuilder id = new StringBuilder();
      for (int length = random.nextInt(10); length > 0; length--) {
        id.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      Position position = Position.parse(id.toString());
      if (position != null) {
        parsed++;
        assertEquals(id.toString(), position.id());
      }
    }
    assertTrue(parsed > 1_000, "parsed only " + parsed);
  }

  @Test
  void partsOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Position.of("", 1));
    assertThrows(IllegalArgumentException.class, () -> Position.of("a-b", 1));
    assertThrows(IllegalArgumentException.class, () -> Position.of(EPOCH_24 + "x", 1));
    assertThrows(IllegalArgumentException.class, () -> Position.of("e", -1));
    assertThrows(IllegalArgumentException.class, () -> Position.of("e", 1, -1));
  }

  @Test
  void orderIsByHighThenLowWithinAnEpochOnly() {
    Position position = Position.of("e", 5, 5);
    assertTrue(position.compareWithin(Position.of("e", 6, 0)) < 0);
    assertTrue(position.compareWithin(Position.of("e", 5, 6)) < 0);
    assertTrue(position.compareWithin(Position.of("e", 4, 9)) > 0);
    assertEquals(0, position.compareWithin(Position.of("e", 5, 5)));
    assertTrue(position.sameEpoch(Position.of("e", 1)));
    assertFalse(position.sameEpoch(Position.of("E", 5, 5)));
    assertNotEquals(position, Position.of("E", 5, 5));
    assertThrows(
        IllegalArgumentException.class, () -> position.compareWithin(Position.of("f", 5, 5)));
  }
}
