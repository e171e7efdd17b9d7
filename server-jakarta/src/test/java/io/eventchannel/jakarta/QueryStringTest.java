package io.eventchannel.jakarta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QueryStringTest {
  @Test
  void namesAndValuesKeepTheirOrder() {
    assertEquals(List.of("topic=a", "topic=b", "x="), parse("topic=a&topic=b&x"));
  }

  @Test
  void emptyPartsAreSkippedAndEmptyNamesAreKept() {
    assertEquals(List.of("a=1", "=2", "b="), parse("&a=1&&=2&b=&"));
    assertEquals(List.of(), parse(""));
  }

  @Test
  void onlyTheFirstEqualsSignDivides() {
    assertEquals(List.of("a=b=c"), parse("a=b=c"));
  }

  @Test
  void escapesAreUtf8AndPlusIsASpace() {
    assertEquals(
        List.of("späß=a b+c €😀"), parse("sp%C3%A4%C3%9f=a+b%2Bc%20%E2%82%ac%F0%9F%98%80"));
  }

  @Test
  void unescapedBytesThatTheContainerReadAsLatin1AreUtf8Too() {
    assertEquals(List.of("a=ä"), parse("a=\u00c3\u00a4"));
  }

  @Test
  void aMalformedEscapeIsRefusedWithoutRepeatingIt() {
    for (String raw :
        List.of("a=%", "a=%4", "a=%zz<script>", "%g0=1", "a=%4&b=1", "a=%\uff14\uff11")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> parse(raw), raw);
      assertEquals("query: expected two hexadecimal digits after %", refused.getMessage());
    }
  }

  @Test
  void anEscapeThatIsNotUtf8IsRefused() {
    for (String raw : List.of("a=%ff", "a=%C3", "a=%ED%A0%80", "a=%C0%80")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> parse(raw), raw);
      assertEquals("query: expected percent-encoded UTF-8", refused.getMessage());
    }
  }

  @Test
  void S33_whateverIsParsedIsWhatTheFormWasMadeOf() {
    Random random = new Random(33);
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(12); n > 0; n--) {
        text.appendCodePoint(
            "a/%2e &=+\0\n\u00e4\u20ac\ud83d\ude00".codePointAt(random.nextInt(14)));
      }
      String value = text.toString();
      String raw = "topic=" + URLEncoder.encode(value, UTF_8);
      assertEquals(List.of("topic=" + value), parse(raw), raw);
    }
  }

  @Test
  void lastEventIdIsReadAsUtf8WhereItIsUtf8() {
    assertEquals("ä€", Handshakes.utf8("\u00c3\u00a4\u00e2\u0082\u00ac"));
    assertEquals("\u00e4", Handshakes.utf8("\u00e4"));
    assertEquals("ä€", Handshakes.utf8("ä€")); // decoded by the container already
    assertEquals("plain-1", Handshakes.utf8("plain-1"));
  }

  private static List<String> parse(String raw) {
    List<String> parameters = new ArrayList<>();
    QueryString.parse(raw, (name, value) -> parameters.add(name + "=" + value));
    return parameters;
  }
}
