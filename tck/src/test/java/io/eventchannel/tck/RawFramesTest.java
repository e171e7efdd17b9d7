package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.tck.RawFrames.Frame;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawFramesTest {
  // The examples of RFC 6455, section 5.7
  private static final String HELLO = "810548656c6c6f";
  private static final String MASKED_HELLO = "818537fa213d7f9f4d5158";
  private static final String FIRST_FRAGMENT = "010348656c";

  @Test
  void theExamplesOfTheStandardAreWritten() {
    assertEquals(HELLO, hex(RawFrames.fromServer(RawFrames.text("Hello"))));
    assertEquals(MASKED_HELLO, hex(RawFrames.fromClient(RawFrames.text("Hello"), 0x37fa213d)));
    assertEquals(FIRST_FRAGMENT, hex(RawFrames.fromServer(RawFrames.text("Hel").withFin(false))));
    assertEquals("890548656c6c6f", hex(RawFrames.fromServer(RawFrames.ping("Hello"))));
    assertEquals("8a0548656c6c6f", hex(RawFrames.fromServer(RawFrames.pong("Hello"))));
  }

  @Test
  void theExamplesOfTheStandardAreRead() throws IOException {
    Frame hello = read(HELLO);
    assertEquals("Hello", hello.text());
    assertEquals(RawFrames.TEXT, hello.opcode());
    assertTrue(hello.fin());
    assertFalse(hello.masked());
    Frame masked = read(MASKED_HELLO);
    assertEquals("Hello", masked.text());
    assertTrue(masked.masked());
    assertFalse(read(FIRST_FRAGMENT).fin());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 65535, 65536, 70000})
  void everyFormOfLengthComesBack(int length) throws IOException {
    byte[] payload = new byte[length];
    for (int i = 0; i < length; i++) {
      payload[i] = (byte) i;
    }
    Frame frame = RawFrames.binary(payload);
    for (byte[] bytes :
        new byte[][] {RawFrames.fromServer(frame), RawFrames.fromClient(frame, 0x01020304)}) {
      ByteArrayInputStream in = new ByteArrayInputStream(bytes);
      assertArrayEquals(payload, RawFrames.read(in, length).payload());
      assertEquals(-1, in.read(), "expected exactly one frame");
    }
  }

  @Test
  void reservedBitsAndUnknownOpcodesAreWrittenAsTold() throws IOException {
    Frame frame = RawFrames.frame(0xB, new byte[0]).withReserved(5);
    byte[] bytes = RawFrames.fromServer(frame);
    assertEquals("db00", hex(bytes));
    assertEquals(5, read("db00").reserved());
    assertEquals(0xB, read("db00").opcode());
  }

  @Test
  void aCloseFrameHoldsCodeAndReason() throws IOException {
    Frame close = read(hex(RawFrames.fromServer(RawFrames.close(4001, "später"))));
    assertEquals(4001, close.closeCode());
    assertEquals("später", close.closeText());
    Frame empty = read("8800");
    assertEquals(1005, empty.closeCode());
    assertEquals("", empty.closeText());
  }

  @Test
  void aFrameThatEndsEarlyOrIsTooLongFails() {
    byte[] hello = RawFrames.fromServer(RawFrames.text("Hello"));
    for (int length = 0; length < hello.length; length++) {
      byte[] part = Arrays.copyOf(hello, length);
      assertThrows(EOFException.class, () -> RawFrames.read(new ByteArrayInputStream(part), 100));
    }
    IOException tooLong =
        assertThrows(IOException.class, () -> RawFrames.read(new ByteArrayInputStream(hello), 4));
    assertEquals("frame: expected at most 4 bytes of payload, got 5", tooLong.getMessage());
  }

  @Test
  void theAcceptKeyIsThatOfTheStandardsExample() {
    assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", RawFrames.acceptKey("dGhlIHNhbXBsZSBub25jZQ=="));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static Frame read(String hex) throws IOException {
    return RawFrames.read(new ByteArrayInputStream(HexFormat.of().parseHex(hex)), 1000);
  }
}
