package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import io.eventchannel.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows SSE-P, one test each at least; streams read in several chunkings by Transcripts. */
class SseParserTest {
  // Linear takes a fraction of a second, on a machine that is busy some seconds; quadratic, hours.
  private static final Duration FAR_FROM_QUADRATIC = Duration.ofMinutes(2);

  @Test
  void SSE_P_01_oneByteOrderMarkAtTheStartIsDroppedAndALaterOneIsText() {
    assertEquals(
        List.of("event null message a", "event null message \uFEFFb", "last id "),
        Transcripts.of("\uFEFFdata: a\n\ndata: \uFEFFb\n\n"));
    assertEquals(
        List.of("event null message kept", "last id "),
        Transcripts.of("\uFEFF\uFEFFdata: lost\n\ndata: kept\n\n"));
    assertEquals(
        List.of("event null message a", "last id "),
        Transcripts.of("\uFEFF\n\uFEFF\n\ndata: a\n\n"));
  }

  @Test
  void SSE_P_02_malformedUtf8BecomesReplacementsAndLineEndsStillEndLines() {
    assertEquals(
        List.of("event null message a\uFFFDb", "event null message \uFFFD\n\uFFFD", "last id "),
        Transcripts.of(
            Transcripts.bytes("data: a\u00ffb\n\ndata: \u00e2\u0082\ndata: \u00f0\u009f\r\r")));
  }

  @Test
  void SSE_P_03_lfCrAndCrLfEndLinesAndNothingElseDoes() {
    assertEquals(
        List.of("event 1 message a\nb\nc", "event 1 message d", "last id 1"),
        Transcripts.of("id: 1\rdata: a\r\ndata: b\ndata: c\n\rdata: d\r\r"));
    String noEnds = "a\u2028b\u2029c\u0085d\u000be\ff\u001c";
    assertEquals(
        List.of("event null message " + noEnds, "last id "),
        Transcripts.of("data: " + noEnds + "\n\n"));
  }

  @Test
  void SSE_P_04_aLineFeedAfterACrInTheChunkBeforeBelongsToIt() {
    assertEquals(
        List.of("event null message a\nb", "event null message c"),
        transcript("data: a\r", "", "\ndata: b\r", "\n\r", "", "\n", "data: c\r", "\r"));
  }

  @Test
  void SSE_C_25_aCrAtTheEndOfWhatHasArrivedEndsTheLineAtOnce() {
    assertEquals(List.of("event null message a"), transcript("data: a\r\r"));
    assertEquals(List.of("event null message a"), transcript("data: a\r\n\r"));
  }

  @Test
  void SSE_P_05_aStreamCutIntoSingleBytesGivesTheSame() {
    byte[] stream =
        "id: 1\r\nevent: \u00e9\r\ndata: \u20ac\uD83D\uDE00\r\ntopic: t\r\n\r\n: c\r\nretry: 7\r\n"
            .getBytes(StandardCharsets.UTF_8);
    assertEquals(
        List.of("event 1 \u00e9 \u20ac\uD83D\uDE00 on t", "comment c", "retry 7", "last id 1"),
        Transcripts.of(stream));
  }

  @Test
  void SSE_P_06_theFirstColonSplitsNameAndValue() {
    assertEquals(
        List.of("event null message a:b: c", "last id "), Transcripts.of("data:a:b: c\n\n"));
  }

  @Test
  void SSE_P_07_oneSpaceAfterTheColonIsDroppedAndNoOtherBlank() {
    assertEquals(
        List.of("event null message a\n b\n\tc\n\u00a0d\n\u3000e\nf  ", "last id "),
        Transcripts.of("data: a\ndata:  b\ndata:\tc\ndata:\u00a0d\ndata:\u3000e\ndata:f  \n\n"));
  }

  @Test
  void SSE_P_08_aLineWithoutColonIsAFieldWithAnEmptyValue() {
    assertEquals(List.of("event null message \n", "last id "), Transcripts.of("data\ndata\n\n"));
    assertEquals(
        List.of("event 1 message a", "event null message b", "last id "),
        Transcripts.of("id:1\ndata:a\n\nid\nevent\ndata:b\n\n"));
  }

  @Test
  void SSE_P_09_bytesAreUtf8AndNoCharsetCanBeNamed() {
    byte[] latin1 = Transcripts.bytes("data: \u00e9\n\n");
    assertEquals(List.of("event null message \uFFFD", "last id "), Transcripts.of(latin1));
    assertEquals(
        List.of("event null message \u00e9", "last id "), Transcripts.of("data: \u00e9\n\n"));
  }

  @Test
  void SSE_P_10_aBlankLineDispatchesAndOrderIsKept() {
    assertEquals(
        List.of("event null message a", "event null message b", "last id "),
        Transcripts.of("data:a\n\ndata:b\n\n"));
  }

  @Test
  void SSE_P_11_dataLinesAreJoinedByLineFeeds() {
    assertEquals(
        List.of("event null message \na\n\nb\n", "last id "),
        Transcripts.of("data\ndata:a\ndata:\ndata: b\ndata: \n\n"));
  }

  @Test
  void SSE_P_12_anEmptyDataFieldIsAnEventWithEmptyData() {
    assertEquals(List.of("event null message ", "last id "), Transcripts.of("data:\n\n"));
  }

  @Test
  void SSE_P_13_withoutDataThereIsNoEvent() {
    assertEquals(List.of("last id "), Transcripts.of("event: a\ntopic: b\n\n\n\n"));
  }

  @Test
  void SSE_P_14_theLastTypeWinsAndAnEmptyOneMeansMessage() {
    assertEquals(
        List.of("event null b x", "event null message y", "last id "),
        Transcripts.of("event:a\ndata:x\nevent:b\n\nevent:a\nevent:\ndata:y\n\n"));
  }

  @Test
  void SSE_P_15_theTypeIsDroppedAtEveryBlankLine() {
    assertEquals(
        List.of("event null message x", "last id "), Transcripts.of("event:a\n\ndata:x\n\n"));
  }

  @Test
  void SSE_P_16_theIdCountsWhereverItStandsInTheBlock() {
    assertEquals(
        List.of("event 2 message x", "last id 2"), Transcripts.of("id:1\ndata:x\nid: 2\n\n"));
  }

  @Test
  void SSE_P_17_theLastEventIdSticksAndIsSeededFromTheConnectionBefore() {
    assertEquals(
        List.of("event 7 message x", "event 8 message y", "event 8 message z", "last id 8"),
        Transcripts.of(Transcripts.bytes("data:x\n\nid:8\ndata:y\n\ndata:z\n\n"), "7"));
  }

  @Test
  void SSE_P_18_anEmptyIdTakesItBack() {
    assertEquals(
        List.of("event null message x", "last id "),
        Transcripts.of(Transcripts.bytes("id:\ndata:x\n\n"), "7"));
    assertEquals(List.of("id ", "last id "), Transcripts.of(Transcripts.bytes("id\n\n"), "7"));
  }

  @Test
  void SSE_P_19_anIdWithNulIsIgnoredAndAnOverlongOneIsNotNul() {
    assertEquals(
        List.of("event 7 message x", "last id 7"),
        Transcripts.of(Transcripts.bytes("id: 8\0\ndata:x\n\n"), "7"));
    assertEquals(
        List.of("event 8\uFFFD\uFFFD message x", "last id 8\uFFFD\uFFFD"),
        Transcripts.of(Transcripts.bytes("id: 8\u00c0\u0080\ndata:x\n\n"), "7"));
  }

  @Test
  void SSE_P_20_idWithoutDataTakesEffectAtTheBlankLine() {
    assertEquals(
        List.of("id 9", "event 9 message later", "last id 9"),
        Transcripts.of("id: 9\n\ndata: later\n\n"));
    assertEquals(
        List.of("last id 9"),
        Transcripts.of(Transcripts.bytes("id: 9\n\n"), "9"),
        "nothing changed, nothing to report");
  }

  @Test
  void SSE_P_21_theEndOfTheStreamDiscardsTheUnfinishedBlock() {
    assertEquals(List.of("last id "), Transcripts.of("id: 1\ndata: lost\n"));
    assertEquals(List.of("last id "), Transcripts.of("id: 1\ndata: lost"));
    assertEquals(List.of("last id "), Transcripts.of("retry: 5"));
  }

  @Test
  void SSE_P_22_commentsChangeNothingAndAreVisible() {
    assertEquals(
        List.of(
            "comment ",
            "comment ",
            "comment x",
            "comment  y",
            "comment :z",
            "event null message a\nb",
            "last id "),
        Transcripts.of("data: a\n:\n: \n:x\n:  y\n::z\ndata: b\n\n"));
  }

  @Test
  void SSE_P_23_unknownNamesAreIgnoredAndKnownOnesAreExact() {
    for (String name :
        List.of(
            " data",
            "data ",
            "dat",
            "data2",
            "Data",
            "d",
            "i",
            "ID",
            "idx",
            "e",
            "events",
            "Event",
            "r",
            "t",
            "x",
            "encodin",
            "\uFEFFdata",
            "da\0ta",
            "=data",
            "-")) {
      assertEquals(
          List.of("event null message ok", "last id "),
          Transcripts.of("data: ok\n" + name + ": no\n" + name + "\n\n"),
          name);
    }
  }

  @Test
  void SSE_P_24_aLineOfBlanksOrNulIsNotBlank() {
    assertEquals(
        List.of("event null message a\nb", "last id "),
        Transcripts.of("data:a\n \n\t\n\0\n  \ndata:b\n\n"));
  }

  @Test
  void SSE_P_25_retryOfDigitsCountsAtItsLine() {
    assertEquals(
        List.of("retry 1500", "retry 7", "event null message x", "retry 0", "last id "),
        Transcripts.of("data:x\nretry: 1500\nretry:007\n\nretry:0\n"));
  }

  @Test
  void SSE_P_26_retryWithAnythingElseIsIgnored() {
    for (String value :
        List.of(
            "10x", "-5", "+5", "1.5", "1e3", "0x10", " 7", "7 ", "\u0667", "\uFF17", "7\0", "/",
            ";")) {
      assertEquals(List.of("last id "), Transcripts.of("retry: " + value + "\n\n"), value);
    }
  }

  @Test
  void SSE_P_27_emptyRetryIsIgnored() {
    assertEquals(List.of("last id "), Transcripts.of("retry\nretry:\nretry: \n\n"));
  }

  @Test
  void SSE_P_28_nulStaysInDataAndTypeAndMakesANameUnknown() {
    assertEquals(
        List.of("event null t\0 a\0b", "last id "),
        Transcripts.of("event: t\0\ndata: a\0b\n\0data: no\ndata\0: no\n\n"));
  }

  @Test
  void SSE_P_29_anEndlessRetryIsClamped() {
    assertEquals(
        List.of(
            "retry " + Long.MAX_VALUE,
            "retry " + Long.MAX_VALUE,
            "retry " + Long.MAX_VALUE,
            "retry " + (Long.MAX_VALUE - 1),
            "last id "),
        Transcripts.of(
            "retry: 99999999999999999999\nretry: "
                + "9".repeat(400)
                + "\nretry: 9223372036854775808\nretry: 9223372036854775806\n"));
  }

  @Test
  void SSE_P_30_linesOfMegabytesAndLongIdsTakeLinearTime() {
    String id = "i".repeat(50_000);
    String type = "t".repeat(50_000);
    String data = "d".repeat(4 << 20);
    byte[] stream =
        ("id: " + id + "\nevent: " + type + "\ndata: " + data + "\n\n")
            .getBytes(StandardCharsets.US_ASCII);
    for (int size : new int[] {1, 7, 8192, stream.length}) {
      RecordingSink sink = new RecordingSink();
      assertTimeout(FAR_FROM_QUADRATIC, () -> feed(sink, 16 << 20, Chunking.sizes(stream, size)));
      assertEquals(id, sink.events.get(0).id());
      assertEquals(type, sink.events.get(0).type());
      assertEquals(data, sink.events.get(0).data());
    }
  }

  @Test
  void SSE_P_31_manyEventsLinesAndBlankLinesTakeLinearTime() {
    String stream =
        "data: tick\n\n".repeat(60_000) + "data: l\n".repeat(50_000) + "\n".repeat(500_000);
    byte[] bytes = stream.getBytes(StandardCharsets.US_ASCII);
    for (int size : new int[] {1, 13, bytes.length}) {
      RecordingSink sink = new RecordingSink();
      assertTimeout(FAR_FROM_QUADRATIC, () -> feed(sink, 16 << 20, Chunking.sizes(bytes, size)));
      assertEquals(60_001, sink.events.size());
      assertEquals(50_000 * 2 - 1, sink.events.get(60_000).data().length());
    }
  }

  @Test
  void SSE_P_32_theNumberOfReplacementsIsTheOneOfTheEncodingStandard() {
    // Bytes in hexadecimal, then a dot for each replacement and v for each other code point; made
    // with a decoder that is not ours.
    String table =
        "eda080 ..., edbfbf ..., eda080edb080 ......, c080 .., "
            + "e08080 ..., f0808080 ...., f4908080 ...., f8888080 ...., "
            + "e282 ., e28241 .v, f09f9841 .v, f09f41 .v, "
            + "80 ., bfbf .., ff ., fe ., "
            + "c2 ., f0 ., e0a0 ., efbfbd ., "
            + "f48fbfbf v, ee8080 v, c2f0ac80 .., ffc0 .., "
            + "e280f5e0 ..., bf90 .., bfa0bfff90 ....., e2c0 .., "
            + "acace2 ..., e2e2 .., 80a080ffc2 ....., 90c2ffc0 ...., "
            + "edffdfc0e2e2 ......, e0bbc0ffbfe280 ....., e0f4ff90ef8f ....., 8fbbeda0dfa0 ....v, "
            + "e2ed .., f4ef8fed82bf ..v, f590 .., efc2f4 ..., "
            + "80bfffe2ef ....., bb82f4e2 ...., bfbf9ff4bf ....., edac .., "
            + "8fedf0bb418f ...v., df82c0f4 v.., e0ed .., a0f0f0 ...";
    for (String row : table.split(" *, *")) {
      String[] cells = row.split(" ");
      byte[] value = HexFormat.of().parseHex(cells[0]);
      byte[] stream =
          Chunking.join(List.of(Transcripts.bytes("data: "), value, Transcripts.bytes("\n\n")));
      RecordingSink sink = new RecordingSink();
      feed(sink, 100, List.of(stream));
      StringBuilder shape = new StringBuilder();
      sink.events.get(0).data().codePoints().forEach(c -> shape.append(c == 0xFFFD ? '.' : 'v'));
      assertEquals(cells[1], shape.toString(), cells[0]);
    }
  }

  @Test
  void theTopicFieldIsReadUnlessItIsNoTopic() {
    assertEquals(
        List.of(
            "event null message a on prices/EUR", "event null message b",
            "event null message c on x", "last id "),
        Transcripts.of(
            "topic: prices/EUR\ndata: a\n\ntopic: no topic\ndata: b\n\n"
                + "topic: x\ntopic:\ntopic: "
                + "y".repeat(201)
                + "\ndata: c\n\n"));
  }

  @Test
  void base64IsReadWhereTheClientAskedAndTheBlockSaysSo() {
    RecordingSink sink = new RecordingSink();
    feed(
        base64Parser(sink, 1 << 16),
        "event: t\nencoding: base64\ndata: AP8=\n\nencoding:base64\ndata:\n\ndata: AP8=\n\n"
            + "encoding: base64 \ndata: AP8=\n\n");
    assertEquals(
        List.of(
            Event.binary("t", new byte[] {0, -1}),
            Event.binary("", new byte[0]),
            Event.message("AP8="),
            Event.message("AP8=")),
        sink.events);
  }

  @Test
  void anEncodingThatNobodyAskedForIsAnUnknownField() {
    assertEquals(
        List.of("event null message AP8=", "event null message no base64!", "last id "),
        Transcripts.of("encoding: base64\ndata: AP8=\n\nencoding: base64\ndata: no base64!\n\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: no base64!",
        "data: AP8",
        "data: A",
        "data: AP8=\ndata: AP8=",
        "data: -_-_"
      })
  void SSE_C_38_dataThatIsNotTheBase64ThatItSaysMovesNothing(String data) {
    RecordingSink sink = new RecordingSink();
    SseParser parser = base64Parser(sink, 1 << 16);
    ProtocolException broken =
        assertThrows(
            ProtocolException.class,
            () -> feed(parser, "id: 1\ndata: a\n\nid: 2\nencoding: base64\n" + data + "\n\n"));
    assertTrue(broken.getMessage().startsWith("data: expected base64"), broken.getMessage());
    assertEquals(List.of(Event.message("a").withId("1")), sink.events);
    assertEquals("1", parser.lastEventId());
  }

  @Test
  void SSE_C_38_theLimitIsOnTheBytesThatTheBase64StandsFor() {
    byte[] most = new byte[3000];
    byte[] fits =
        SseEncoder.encode(
            Event.binary("t", most).withId("e-1").withTopic("x"), WireFormat.SSE_BASE64);
    for (int chunk : new int[] {1, 1000, fits.length}) {
      RecordingSink sink = new RecordingSink();
      SseParser parser = base64Parser(sink, most.length);
      for (int from = 0; from < fits.length; from += chunk) {
        parser.feed(fits, from, Math.min(chunk, fits.length - from));
      }
      assertEquals(3000, sink.events.get(0).bytes().length);
    }
    byte[] tooLong = SseEncoder.encode(Event.binary("t", new byte[3001]), WireFormat.SSE_BASE64);
    LimitExceededException limit =
        assertThrows(
            LimitExceededException.class,
            () -> base64Parser(new RecordingSink(), 3000).feed(tooLong, 0, tooLong.length));
    assertEquals(
        "maxEventBytes: expected at most 3000 bytes in base64, got 3001", limit.getMessage());
    // A text of that length stays too long, and so does base64 without an end.
    assertThrows(
        LimitExceededException.class,
        () -> feed(base64Parser(new RecordingSink(), 3000), "data: " + "A".repeat(4000) + "\n\n"));
    assertThrows(
        LimitExceededException.class,
        () ->
            feed(
                base64Parser(new RecordingSink(), 3000),
                "encoding: base64\ndata: " + "A".repeat(6000)));
    assertThrows(
        LimitExceededException.class,
        () ->
            feed(
                base64Parser(new RecordingSink(), 3000),
                "encoding: base64\n" + "data: AAAA\n".repeat(600)));
  }

  private static SseParser base64Parser(RecordingSink sink, int maxEventBytes) {
    return new SseParser(sink, SseLimits.ofEvent(maxEventBytes), "", true);
  }

  private static void feed(SseParser parser, String stream) {
    byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
    parser.feed(bytes, 0, bytes.length);
  }

  @Test
  void theArrayBelongsToTheCallerAgainAfterEachCall() {
    RecordingSink sink = new RecordingSink();
    SseParser parser = new SseParser(sink, Transcripts.LIMITS, "");
    byte[] buffer = new byte[16];
    for (String chunk : List.of("xxid: 1\nda", "xxta: a\n", "xxdata: b", "xxc\n\n")) {
      byte[] bytes = Transcripts.bytes(chunk);
      System.arraycopy(bytes, 0, buffer, 0, bytes.length);
      parser.feed(buffer, 2, bytes.length - 2);
    }
    Arrays.fill(buffer, (byte) 'X');
    assertEquals(List.of("event 1 message a\nbc"), sink.transcript);
  }

  @Test
  void anEndedOrFailedParserTakesNoMoreBytes() {
    SseParser ended = new SseParser(new RecordingSink(), Transcripts.LIMITS, "");
    ended.end();
    ended.end();
    assertThrows(IllegalStateException.class, () -> ended.feed(new byte[1], 0, 1));
    SseParser failed = new SseParser(new RecordingSink(), SseLimits.ofEvent(1), "");
    byte[] tooLong = Transcripts.bytes("data: x");
    assertThrows(RuntimeException.class, () -> failed.feed(tooLong, 0, tooLong.length));
    assertThrows(IllegalStateException.class, () -> failed.feed(tooLong, 0, 1));
  }

  @Test
  void aSinkThatEndsTheParserGetsNothingMore() {
    List<String> seen = new ArrayList<>();
    SseParser[] parser = new SseParser[1];
    parser[0] =
        new SseParser(
            new RecordingSink() {
              @Override
              public void onComment(String text) {
                seen.add(text);
                parser[0].end();
              }
            },
            Transcripts.LIMITS,
            "");
    byte[] stream = Transcripts.bytes(":a\n:b\n");
    parser[0].feed(stream, 0, stream.length);
    assertEquals(List.of("a"), seen);
  }

  @Test
  void aRangeOutsideTheArrayIsRefused() {
    SseParser parser = new SseParser(new RecordingSink(), Transcripts.LIMITS, "");
    assertThrows(IndexOutOfBoundsException.class, () -> parser.feed(new byte[4], 2, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> parser.feed(new byte[4], -1, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> parser.feed(new byte[4], 0, -1));
  }

  private static void feed(RecordingSink sink, int maxEventBytes, List<byte[]> chunks) {
    SseParser parser = new SseParser(sink, SseLimits.ofEvent(maxEventBytes), "");
    for (byte[] chunk : chunks) {
      parser.feed(chunk, 0, chunk.length);
    }
  }

  private static List<String> transcript(String... chunks) {
    RecordingSink sink = new RecordingSink();
    List<byte[]> bytes = new ArrayList<>();
    for (String chunk : chunks) {
      bytes.add(chunk.getBytes(StandardCharsets.UTF_8));
    }
    feed(sink, 1 << 20, bytes);
    return sink.transcript;
  }
}
