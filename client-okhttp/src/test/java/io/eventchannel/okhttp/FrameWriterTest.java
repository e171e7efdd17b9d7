package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RawFrames.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import okio.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameWriterTest {
  private static final int MOST = 4 << 20;

  @ParameterizedTest
  @ValueSource(
      ints = {
        0, 1, 3, 4, 7, 8, 9, 124, 125, 126, 127, 128, 8175, 8176, 8177, 8184, 8191, 8192, 16_383,
        65_535, 65_536, 1_000_003
      })
  void WS_12_framesOfEverySizeAreReadBackAsTheyWere(int size) throws IOException {
    byte[] payload = new byte[size];
    new Random(size).nextBytes(payload);
    byte[] before = payload.clone();
    Buffer out = new Buffer();
    new FrameWriter(new Random(1)).write(out, FrameWriter.BINARY, payload);
    long written = out.size();
    Frame frame = RawFrames.read(out.inputStream(), MOST);
    assertArrayEquals(before, frame.payload());
    assertArrayEquals(before, payload, "the caller's array");
    assertEquals(RawFrames.BINARY, frame.opcode());
    assertTrue(frame.fin() && frame.masked() && frame.reserved() == 0, frame.toString());
    assertEquals(RawFrames.fromClient(RawFrames.binary(payload), 1).length, written);
    assertTrue(out.exhausted());
  }

  @Test
  void everyFrameHasAKeyOfItsOwn() throws IOException {
    FrameWriter writer = new FrameWriter(new Random(1));
    Set<Integer> keys = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      Buffer out = new Buffer();
      writer.write(out, FrameWriter.TEXT, new byte[0]);
      keys.add(ByteBuffer.wrap(out.readByteArray()).getInt(2));
    }
    assertTrue(keys.size() > 990, keys.size() + " keys");
  }

  @Test
  void WS_10_aLoneSurrogateLeavesAsAReplacementAndNothingElseChanges() {
    assertArrayEquals(utf8("a\uFFFDb"), FrameWriter.utf8("a\uD800b"));
    assertArrayEquals(utf8("\uFFFD"), FrameWriter.utf8("\uDFFF"));
    assertArrayEquals(utf8("\uFFFD\uFFFD"), FrameWriter.utf8("\uDC00\uD800"));
    assertArrayEquals(utf8("\uFFFD😀"), FrameWriter.utf8("\uD83D😀"));
    assertArrayEquals(utf8("😀 ü € \uFFFF"), FrameWriter.utf8("😀 ü € \uFFFF"));
    assertArrayEquals(utf8(""), FrameWriter.utf8(""));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void WS_06_1005IsWrittenAsACloseFrameWithoutACode() {
    assertEquals(0, CloseFrame.payload(1005, "").length);
    assertArrayEquals(new byte[] {3, (byte) 0xE8}, CloseFrame.payload(1000, ""));
    assertArrayEquals(new byte[] {0x13, (byte) 0x87}, CloseFrame.payload(4999, ""));
  }
}
