package io.eventchannel.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.eventchannel.LimitExceededException;
import io.eventchannel.ProtocolException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;

/** Any bytes as an event stream; a seed is a stream. */
@Tag("fuzz")
class SseParserTargetTest {
  private static final SseLimits WIDE = SseLimits.ofEvent(1 << 24);
  private static final SseLimits NARROW = new SseLimits(24, 56);
  private static final String OVER = "over the limit";

  @FuzzTest(maxDuration = "1m")
  void SSE_P_05_SSE_P_33_anyStreamReadsAsThePlainReferenceReadsItHoweverItIsCut(byte[] stream) {
    String text = new String(stream, UTF_8);
    for (boolean readsBase64 : new boolean[] {false, true}) {
      List<String> expected = new PlainSseReader(text, readsBase64).read();
      assertEquals(expected, parse(List.of(stream), WIDE, readsBase64));
      assertSameHoweverCut(stream, WIDE, readsBase64);
      assertSameHoweverCut(stream, NARROW, readsBase64);
    }
    if (text.chars().allMatch(c -> c < 0x80)) { // the reference counts characters, not bytes
      List<String> expected = new PlainSseReader(text, false).readUpTo(24, 56, OVER);
      assertEquals(expected, parse(List.of(stream), NARROW, false));
    }
  }

  private static void assertSameHoweverCut(byte[] stream, SseLimits limits, boolean readsBase64) {
    List<String> whole = parse(List.of(stream), limits, readsBase64);
    List<byte[]> bytes = Chunking.sizes(stream, 1);
    assertEquals(whole, parse(bytes, limits, readsBase64), "byte by byte");
    List<byte[]> pieces = Chunking.random(stream, new Random(Arrays.hashCode(stream)));
    assertEquals(whole, parse(pieces, limits, readsBase64), "in pieces");
  }

  private static List<String> parse(List<byte[]> chunks, SseLimits limits, boolean readsBase64) {
    RecordingSink sink = new RecordingSink();
    SseParser parser = new SseParser(sink, limits, "", readsBase64);
    String end = null;
    try {
      for (byte[] chunk : chunks) {
        byte[] lent = chunk.clone();
        parser.feed(lent, 0, lent.length);
        Arrays.fill(lent, (byte) 'x'); // the array is the caller's again
      }
    } catch (LimitExceededException e) {
      assertTrue(e.getMessage().startsWith("max"), e.getMessage());
      end = OVER;
    } catch (ProtocolException e) {
      assertTrue(e.getMessage().startsWith("data: expected base64"), e.getMessage());
      end = PlainSseReader.NOT_BASE64;
    }
    parser.end();
    List<String> seen = new ArrayList<>();
    for (String line : sink.transcript) {
      seen.add(PlainSseReader.withSingleReplacements(line));
    }
    if (end != null) {
      seen.add(end);
    }
    return seen;
  }
}
