package io.eventchannel.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.eventchannel.Event;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.EnvelopeWriter;
import io.eventchannel.codec.FieldRules;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.SseLimits;
import io.eventchannel.codec.SseParser;
import io.eventchannel.codec.WireFormat;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Tag;

/** Any text as a topic; a seed is the text. */
@Tag("fuzz")
class TopicTargetTest {
  @FuzzTest(maxDuration = "1m")
  void S33_aTopicHasOneFormAndTravelsAndIsComparedInIt(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    Event event = Event.message("x").withTopic(text);
    boolean expected = text.matches("[A-Za-z0-9._:/-]{1,200}");
    assertEquals(expected, FieldRules.isTopic(text), text);
    if (!expected) {
      assertThrows(IllegalArgumentException.class, () -> FieldRules.checkApplicationEvent(event));
      return;
    }
    FieldRules.checkApplicationEvent(event);
    assertEquals(List.of(event), overSse(event));
    assertEquals(List.of(event), overWebSocket(event));

    TopicFilter filter = TopicFilter.of(Set.of(text));
    assertTrue(filter.test(text));
    for (String other :
        List.of(
            text.toLowerCase(Locale.ROOT),
            text.toUpperCase(Locale.ROOT),
            text.replace("//", "/"),
            text.replace("/./", "/"),
            text.replace("%2e", "."),
            text.substring(1),
            text.substring(0, text.length() - 1),
            text + '/',
            '/' + text,
            text + ' ')) {
      assertEquals(other.equals(text), filter.test(other), other);
      assertEquals(other.equals(text), filter.equals(TopicFilter.of(Set.of(other))), other);
    }
    assertEquals(text, Normalizer.normalize(text, Normalizer.Form.NFKC));
    assertFalse(filter.test(null));
  }

  private static List<Event> overSse(Event event) {
    List<Event> read = new ArrayList<>();
    SseParser.Sink sink =
        new SseParser.Sink() {
          @Override
          public void onEvent(Event each) {
            read.add(each);
          }

          @Override
          public void onLastEventId(String lastEventId) {}

          @Override
          public void onRetry(long millis) {}

          @Override
          public void onComment(String text) {}
        };
    byte[] written = SseEncoder.encode(event, WireFormat.SSE);
    new SseParser(sink, SseLimits.ofEvent(1 << 16), "").feed(written, 0, written.length);
    return read;
  }

  private static List<Event> overWebSocket(Event event) {
    List<Event> read = new ArrayList<>();
    byte[] written = EnvelopeWriter.encode(EnvelopeWriter.NO_SEQ, event);
    new EnvelopeReader(1 << 16).read(written, 0, written.length, (seq, each) -> read.add(each));
    return read;
  }
}
