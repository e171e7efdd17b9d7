package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parser beside a reference on seeded streams that are nearly right. */
class SseParserFuzzTest {
  private static final String[] PIECES = {
    "data",
    "data:",
    "data: ",
    "id",
    "id:",
    "id: ",
    "event: ",
    "retry: ",
    "retry:12",
    ":",
    " ",
    "\n",
    "\n",
    "\n\n",
    "\r",
    "\r\r",
    "\r\n",
    "\r\n\r\n",
    "\n\r",
    "x",
    "12345678",
    "\uFEFF",
    "\0",
    "\t",
    "é",
    "漢",
    "😀",
    "abcdefghijklmnopqrstuvwxyz",
    "topics: a",
    "\u0001\u000b\u000c\u000e",
    "dataa: x\n",
    "data: a\n",
    "\ndata: b\n",
    "\nid: 3\n",
    "\nevent: t\n",
    "\n"
  };

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyStreamReadsAsTheReferenceReadsIt(long seed) {
    Random random = new Random(seed);
    int events = 0;
    for (int i = 0; i < 10_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(40); n > 0; n--) {
        text.append(PIECES[random.nextInt(PIECES.length)]);
      }
      List<String> expected = ReferenceSseParser.parse(text.toString());
      byte[] stream = text.toString().getBytes(StandardCharsets.UTF_8);
      assertEquals(expected, parse(List.of(stream)), text::toString);
      assertEquals(expected, parse(Chunking.random(stream, random)), text::toString);
      events += expected.size();
    }
    assertTrue(events > 5_000, "the streams are too broken to prove anything: " + events);
  }

  private static List<String> parse(List<byte[]> chunks) {
    List<String> seen = new ArrayList<>();
    SseParser.Sink sink =
        new SseParser.Sink() {
          @Override
          public void onEvent(Event event) {
            String id = event.id() == null ? "" : event.id();
            seen.add("event|" + id + "|" + event.type() + "|" + event.data());
          }

          @Override
          public void onLastEventId(String lastEventId) {}

          @Override
          public void onRetry(long millis) {
            seen.add("retry|" + millis);
          }

          @Override
          public void onComment(String text) {}
        };
    SseParser parser = new SseParser(sink, SseLimits.ofEvent(1 << 20), "");
    for (byte[] chunk : chunks) {
      parser.feed(chunk, 0, chunk.length);
    }
    parser.end();
    return seen;
  }
}
