package io.eventchannel.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WholeEventsTest {
  private final List<String> found = new ArrayList<>();

  @Test
  void anEventOfAStreamAndItsIdCountTogetherAtItsBlankLine() {
    byte[] stream =
        ascii(
            "retry: 1000\n\nid: e-1\nevent: eventchannel.position\ndata\n\n"
                + "id: e-2\ndata: #seq:2;ts:5;xx\n\n:\n\nid:e-3\r\ndata:#seq:3;ts:6;id:x\r\n\r\n");
    int first = index(stream, "id: e-2");
    int second = index(stream, ":\n\nid:e-3");
    for (int cut = 0; cut <= stream.length; cut++) {
      WholeEvents events = new WholeEvents(false, this::note);
      events.feed(stream, 0, cut);
      assertEquals(
          cut < first ? null : cut < second ? "e-1" : cut < stream.length ? "e-2" : "e-3",
          events.lastId(),
          "cut at " + cut);
      assertEquals(cut < second ? 0 : cut < stream.length ? 1 : 2, found.size(), "cut at " + cut);
      events.feed(stream, cut, stream.length);
      assertEquals(List.of("2@5", "3@6"), found, "cut at " + cut);
      assertEquals("e-3", events.lastId());
      found.clear();
    }
  }

  @Test
  void anEnvelopeAndItsIdCountTogetherAtTheLineEnd() {
    byte[] lines =
        ascii(
            "{\"id\":\"e-1\",\"event\":\"eventchannel.position\",\"data\":\"\"}\n"
                + "{\"id\":\"e-2\",\"data\":\"#seq:2;ts:5;xx\"}\n{\"data\":\"#seq:3;ts:6;\"}\n");
    int first = index(lines, "{\"id\":\"e-2");
    int second = index(lines, "{\"data\"");
    for (int cut = 0; cut <= lines.length; cut++) {
      WholeEvents events = new WholeEvents(true, this::note);
      events.feed(lines, 0, cut);
      assertEquals(cut < first ? null : cut < second ? "e-1" : "e-2", events.lastId());
      assertEquals(cut < second ? 0 : cut < lines.length ? 1 : 2, found.size(), "cut at " + cut);
      events.feed(lines, cut, lines.length);
      assertEquals(List.of("2@5", "3@6"), found, "cut at " + cut);
      assertEquals("e-2", events.lastId());
      found.clear();
    }
  }

  @Test
  void anEnvelopeWithoutALineEndCountsAtTheEndOfItsMessage() {
    WholeEvents events = new WholeEvents(true, this::note);
    byte[] message = ascii("{\"id\":\"7\",\"data\":\"#seq:7;ts:9;\"}");
    events.feed(message, 0, message.length);
    assertNull(events.lastId());
    assertEquals(List.of(), found);
    events.endMessage();
    assertEquals("7", events.lastId());
    assertEquals(List.of("7@9"), found);
  }

  private void note(long seq, long ts) {
    found.add(seq + "@" + ts);
  }

  private static int index(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.US_ASCII).indexOf(text);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
