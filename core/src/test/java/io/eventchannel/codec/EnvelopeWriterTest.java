package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.eventchannel.Event;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The bytes of an envelope. */
class EnvelopeWriterTest {
  @Test
  void fieldsStandInOneOrderAndDataIsAlwaysThere() {
    assertEquals(
        "{\"id\":\"e-1\",\"event\":\"tick\",\"topic\":\"prices\",\"data\":\"x\"}\n",
        encode(EnvelopeWriter.NO_SEQ, Event.of("tick", "x").withId("e-1").withTopic("prices")));
    assertEquals("{\"seq\":1,\"data\":\"\"}\n", encode(1, Event.message("")));
    assertEquals(
        "{\"seq\":9223372036854775807,\"event\":\"chat\",\"data\":\"hi\"}\n",
        encode(Long.MAX_VALUE, Event.of("chat", "hi")));
  }

  @Test
  void anEnvelopeIsOneLineWhateverItsText() {
    assertEquals(
        "{\"data\":\"a\\nb\\rc\\td\\\"e\\\\f/\\u0000\\u001f\u007f\u2028\u00e9\ud83d\ude00\"}\n",
        encode(
            EnvelopeWriter.NO_SEQ,
            Event.message("a\nb\rc\td\"e\\f/\0\u001f\u007f\u2028\u00e9\ud83d\ude00")));
  }

  @Test
  void rawBytesFollowTheLine() {
    assertEquals(
        "{\"event\":\"b\",\"bytes\":3}\na\nb\n",
        encode(EnvelopeWriter.NO_SEQ, Event.binary("b", new byte[] {'a', '\n', 'b'})));
  }

  @Test
  void aSequenceNumberBelowTheFirstIsRefused() {
    for (long seq : new long[] {0, -2, Long.MIN_VALUE}) {
      assertThrows(
          IllegalArgumentException.class, () -> EnvelopeWriter.encode(seq, Event.message("")));
    }
  }

  private static String encode(long seq, Event event) {
    return new String(EnvelopeWriter.encode(seq, event), StandardCharsets.UTF_8);
  }
}
