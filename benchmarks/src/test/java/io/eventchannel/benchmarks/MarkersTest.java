package io.eventchannel.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

final class MarkersTest {
  private final List<String> found = new ArrayList<>();
  private final Markers markers = new Markers((seq, ts) -> found.add(seq + "@" + ts));

  @Test
  void aMarkerIsFoundWhereverItIsCut() throws IOException {
    byte[] bytes = ascii("data: #seq:12;ts:345;xxx#seq:13;ts:678;");
    assertFoundWhateverTheCut(markers::feed, bytes);
  }

  @Test
  void aMarkerIsFoundInChunksWhereverTheyAreCut() throws IOException {
    byte[] bytes =
        ascii("b\r\ndata: #seq:\r\n7;x=1\r\n12;ts:3\r\n0b\r\n45;#seq:13;\r\n7\r\nts:678;\r\n");
    assertFoundWhateverTheCut(new ChunkedPayloads(markers), bytes);
  }

  @Test
  void aMarkerIsFoundInFramesWhereverTheyAreCut() throws IOException {
    byte[] bytes =
        ascii(
            "\u0001\u0008{\"#seq:1" // a text, to be continued
                + "\u0089\u0002##" // a ping amid it
                + "\u0000\u0003" // a fragment
                + "2;t"
                + "\u0080\u007e\u0000\u0006s:345;" // the last one, with a length of two bytes
                + "\u0082\u007f\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u000f#seq:13;ts:678;");
    List<Integer> pings = new ArrayList<>();
    assertFoundWhateverTheCut(
        new FramePayloads(markers, (payload, length) -> pings.add(length)), bytes);
    assertEquals((bytes.length + 1), pings.size());
    assertEquals(List.of(2), pings.stream().distinct().toList());
  }

  @Test
  void whatOnlyBeginsLikeAMarkerIsNone() throws IOException {
    for (String text :
        List.of(
            "#seq:;ts:1;", "#seq:1;ts:;", "#seq:1;t:1;", "#seq:1,ts:1;", "#seq:1;ts:1,", "#se")) {
      markers.feed(ascii(text), 0, text.length());
    }
    assertEquals(List.of(), found);
    markers.feed(ascii("#seq:1;#s#seq:2;ts:3;"), 0, 21);
    assertEquals(List.of("2@3"), found);
  }

  @Test
  void theEndOfTheStreamIsSeen() {
    byte[] lastChunk = ascii("0\r\n\r\n");
    byte[] close = ascii("\u0088\u0002\u0003\u00e8");
    Assertions.assertThrows(
        EOFException.class, () -> new ChunkedPayloads(markers).feed(lastChunk, 0, 5));
    Assertions.assertThrows(
        EOFException.class,
        () -> new FramePayloads(markers, (payload, length) -> {}).feed(close, 0, 4));
  }

  /** In one piece, and in two at every place. */
  private void assertFoundWhateverTheCut(Payloads payloads, byte[] bytes) throws IOException {
    for (int cut = 0; cut <= bytes.length; cut++) {
      found.clear();
      payloads.feed(bytes, 0, cut);
      payloads.feed(bytes, cut, bytes.length);
      assertEquals(List.of("12@345", "13@678"), found, "cut at " + cut);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
