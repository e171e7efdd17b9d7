package io.eventchannel.jakarta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class MessageAssemblerTest {
  private final MessageAssembler assembler = new MessageAssembler(10);

  @Test
  void aMessageInOnePartIsWholeAtOnce() {
    assertArrayEquals("hé".getBytes(UTF_8), assembler.text("hé", true));
    assertArrayEquals(
        new byte[] {1, 2}, assembler.binary(ByteBuffer.wrap(new byte[] {1, 2}), true));
    assertArrayEquals(new byte[0], assembler.text("", true));
  }

  @Test
  void partsAreJoinedAndTheNextMessageBeginsAnew() {
    for (int round = 0; round < 3; round++) {
      assertNull(assembler.text("ab", false));
      assertNull(assembler.text("", false));
      assertArrayEquals("abc".getBytes(UTF_8), assembler.text("c", true));
      assertNull(assembler.binary(ByteBuffer.wrap(new byte[] {7}), false));
      assertArrayEquals(new byte[] {7}, assembler.binary(ByteBuffer.allocate(0), true));
    }
  }

  @Test
  void aSurrogatePairThatIsCutBetweenPartsStaysOneCharacter() {
    String emoji = "\ud83d\ude00";
    assertNull(assembler.text("a" + emoji.charAt(0), false));
    assertArrayEquals(("a" + emoji).getBytes(UTF_8), assembler.text("" + emoji.charAt(1), true));
  }

  @Test
  void theBytesOfABufferAreCopiedFromItsPosition() {
    ByteBuffer part = ByteBuffer.wrap(new byte[] {9, 1, 2});
    part.get();
    byte[] message = assembler.binary(part, true);
    part.array()[1] = 77;
    assertArrayEquals(new byte[] {1, 2}, message);
  }

  @Test
  void exactlyTheLimitPassesAndOneByteMoreDoesNot() {
    assertEquals(10, length(assembler.text("0123456789", true)));
    assertNull(assembler.text("01234567", false));
    assertEquals(10, length(assembler.text("89", true)));
    assertFalse(assembler.isOverLimit());
    assertNull(assembler.text("01234567", false));
    assertNull(assembler.text("89x", true));
    assertTrue(assembler.isOverLimit());
  }

  @Test
  void theLimitCountsUtf8BytesNotCharacters() {
    assertEquals(10, length(assembler.text("ééééé", true)));
    assertNull(assembler.text("éééééé", true));
    assertTrue(assembler.isOverLimit());
  }

  @Test
  void binaryOverTheLimitIsRefusedInOneAndInManyParts() {
    assertNull(assembler.binary(ByteBuffer.allocate(11), true));
    assertTrue(assembler.isOverLimit());
    MessageAssembler other = new MessageAssembler(10);
    assertNull(other.binary(ByteBuffer.allocate(6), false));
    assertNull(other.binary(ByteBuffer.allocate(5), false));
    assertTrue(other.isOverLimit());
  }

  @Test
  void endlessEmptyFragmentsAreOverTheLimitToo() {
    int parts = 0;
    while (!assembler.isOverLimit()) {
      assertNull(assembler.text("", false));
      assertTrue(++parts < 1000, "no bound on the number of fragments");
    }
  }

  @Test
  void nothingPassesAfterTheLimitWasExceeded() {
    assertNull(assembler.text("0123456789x", true));
    assertNull(assembler.text("ok", true));
    assertNull(assembler.binary(ByteBuffer.allocate(1), true));
  }

  private static int length(byte[] message) {
    return message == null ? -1 : message.length;
  }
}
