package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RawFrames.Frame;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames as bytes, right and wrong; the cases are those of the Autobahn test suite and our own. */
class FrameReaderTest {
  private static final int LIMIT = 1 << 20;
  private static final int WHOLE = Integer.MAX_VALUE;

  private static byte[] bytes(Frame... frames) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Frame frame : frames) {
      all.writeBytes(RawFrames.fromServer(frame));
    }
    return all.toByteArray();
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static List<String> read(Frame... frames) {
    return FrameLog.read(LIMIT, bytes(frames), WHOLE).lines;
  }

  private static Frame fragment(int opcode, String text) {
    return RawFrames.frame(opcode, text.getBytes(StandardCharsets.UTF_8)).withFin(false);
  }

  private static Frame last(String text) {
    return RawFrames.frame(RawFrames.CONTINUATION, text.getBytes(StandardCharsets.UTF_8));
  }

  // ---- any frames, in any pieces ----

  @Test
  void F08_anyMessagesInAnyPiecesReadTheSame() {
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      List<String> expected = new ArrayList<>();
      byte[] stream = conversation(random, expected);
      int[] pieces = IntStream.generate(() -> 1 + random.nextInt(40)).limit(50).toArray();
      int[] large = {1 + random.nextInt(5000), 1 + random.nextInt(9000)};
      assertEquals(expected, FrameLog.read(LIMIT, stream, WHOLE).lines, "seed " + seed);
      assertEquals(expected, FrameLog.read(LIMIT, stream, 1).lines, "seed " + seed);
      assertEquals(expected, FrameLog.read(LIMIT, stream, pieces).lines, "seed " + seed);
      assertEquals(expected, FrameLog.read(LIMIT, stream, large).lines, "seed " + seed);
    }
  }

  /** Messages in fragments cut anywhere, with control frames between them. */
  private static byte[] conversation(Random random, List<String> expected) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    int messages = 1 + random.nextInt(6);
    for (int m = 0; m < messages; m++) {
      boolean text = random.nextBoolean();
      byte[] payload = text ? randomText(random) : randomBytes(random);
      int at = 0;
      int fragments = random.nextInt(5);
      for (int f = 0; f <= fragments; f++) {
        boolean fin = f == fragments;
        int count = fin ? payload.length - at : random.nextInt(payload.length - at + 1);
        byte[] part = Arrays.copyOfRange(payload, at, at + count);
        at += count;
        int opcode = f > 0 ? RawFrames.CONTINUATION : text ? RawFrames.TEXT : RawFrames.BINARY;
        stream.writeBytes(RawFrames.fromServer(RawFrames.frame(opcode, part).withFin(fin)));
        if (fin) {
          expected.add(
              text
                  ? "text " + FrameLog.shortened(new String(payload, StandardCharsets.UTF_8))
                  : FrameLog.binary(payload));
        }
        control(random, stream, expected);
      }
    }
    stream.writeBytes(RawFrames.fromServer(RawFrames.close(4000, "bye ü")));
    expected.add("close 4000 bye ü");
    stream.writeBytes(RawFrames.fromServer(RawFrames.text("after the close frame")));
    return stream.toByteArray();
  }

  private static void control(Random random, ByteArrayOutputStream to, List<String> expected) {
    if (random.nextInt(3) == 0) {
      byte[] payload = new byte[random.nextInt(126)];
      random.nextBytes(payload);
      if (random.nextBoolean()) {
        to.writeBytes(RawFrames.fromServer(RawFrames.frame(RawFrames.PING, payload)));
        expected.add("ping " + HexFormat.of().formatHex(payload));
      } else {
        to.writeBytes(RawFrames.fromServer(RawFrames.frame(RawFrames.PONG, payload)));
        expected.add("pong");
      }
    }
  }

  private static byte[] randomBytes(Random random) {
    byte[] bytes = new byte[size(random)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] randomText(Random random) {
    StringBuilder text = new StringBuilder();
    int length = size(random) / 2;
    while (text.length() < length) {
      switch (random.nextInt(8)) {
        case 0 -> text.append('ü');
        case 1 -> text.append('€');
        case 2 -> text.appendCodePoint(0x1F600 + random.nextInt(60));
        default -> text.append("abcdefghi");
      }
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static int size(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> 0;
      case 1 -> 120 + random.nextInt(12);
      case 2 -> 65_530 + random.nextInt(12);
      case 3 -> random.nextInt(20_000);
      default -> random.nextInt(300);
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 128, 65_535, 65_536, LIMIT})
  void WS_12_messagesOfEverySizeUpToTheLimitAreRead(int size) {
    byte[] payload = new byte[size];
    new Random(size).nextBytes(payload);
    byte[] stream = bytes(RawFrames.binary(payload));
    assertEquals(List.of(FrameLog.binary(payload)), FrameLog.read(LIMIT, stream, WHOLE).lines);
    assertEquals(List.of(FrameLog.binary(payload)), FrameLog.read(LIMIT, stream, 997).lines);
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 1024, 65_536})
  void WS_12_aMessageOfTheLimitMayComeInFragmentsOfAnySize(int fragment) {
    byte[] payload = new byte[LIMIT];
    new Random(fragment).nextBytes(payload);
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (int at = 0; at < LIMIT; at += fragment) {
      byte[] part = Arrays.copyOfRange(payload, at, at + fragment);
      int opcode = at == 0 ? RawFrames.BINARY : RawFrames.CONTINUATION;
      Frame frame = RawFrames.frame(opcode, part).withFin(at + fragment == LIMIT);
      stream.writeBytes(RawFrames.fromServer(frame));
    }
    assertEquals(
        List.of(FrameLog.binary(payload)), FrameLog.read(LIMIT, stream.toByteArray(), 8192).lines);
  }

  @Test
  void WS_11_controlFramesComeBetweenFragmentsAndCharactersAreJoined() {
    assertEquals(
        List.of("ping 61", "pong", "text a€b"),
        FrameLog.read(
                LIMIT,
                join(
                    bytes(RawFrames.frame(RawFrames.TEXT, hex("61 e2")).withFin(false)),
                    bytes(RawFrames.ping("a")),
                    bytes(RawFrames.frame(RawFrames.CONTINUATION, hex("82")).withFin(false)),
                    bytes(RawFrames.pong("b")),
                    bytes(RawFrames.frame(RawFrames.CONTINUATION, hex("ac 62")))),
                WHOLE)
            .lines);
    assertEquals(
        List.of("text "),
        read(fragment(RawFrames.TEXT, ""), fragment(RawFrames.CONTINUATION, ""), last("")));
    assertEquals(List.of("text ab"), read(fragment(RawFrames.TEXT, ""), last("ab")));
  }

  // ---- what breaks a rule ----

  static Stream<Arguments> brokenFrames() {
    byte[] long126 = new byte[126];
    return Stream.of(
        // reserved bits (Autobahn 3)
        Arguments.of("RSV3", hex("91 00"), "reserved bits"),
        Arguments.of("RSV2", hex("a2 00"), "reserved bits"),
        Arguments.of("RSV1", hex("c1 00"), "reserved bits"),
        Arguments.of("RSV of a ping", hex("d9 00"), "reserved bits"),
        // opcodes (4)
        Arguments.of("opcode 3", hex("83 00"), "opcode"),
        Arguments.of("opcode 7", hex("87 00"), "opcode"),
        Arguments.of("opcode 11", hex("8b 00"), "opcode"),
        Arguments.of("opcode 15", hex("8f 00"), "opcode"),
        // control frames (2.5, 5.1, 5.2)
        Arguments.of("long ping", bytes(RawFrames.frame(RawFrames.PING, long126)), "125"),
        Arguments.of("long pong", bytes(RawFrames.frame(RawFrames.PONG, long126)), "125"),
        Arguments.of("long close", bytes(RawFrames.frame(RawFrames.CLOSE, long126)), "125"),
        Arguments.of("fragmented ping", bytes(RawFrames.ping("x").withFin(false)), "fragment"),
        Arguments.of("fragmented pong", bytes(RawFrames.pong("x").withFin(false)), "fragment"),
        Arguments.of("fragmented close", hex("08 00"), "fragment"),
        // continuation (5.9 to 5.18)
        Arguments.of("continuation of nothing", bytes(last("x")), "continuation"),
        Arguments.of(
            "continuation of nothing, unfinished",
            bytes(fragment(RawFrames.CONTINUATION, "x")),
            "continuation"),
        Arguments.of(
            "text within a message",
            bytes(fragment(RawFrames.TEXT, "x"), RawFrames.text("y")),
            "another"),
        Arguments.of(
            "binary within a message",
            bytes(fragment(RawFrames.TEXT, "x"), RawFrames.binary(new byte[1])),
            "another"),
        // masks and lengths (RFC 6455, sections 5.1 and 5.2)
        Arguments.of("masked text", RawFrames.fromClient(RawFrames.text("x"), 7), "mask"),
        Arguments.of("masked ping", RawFrames.fromClient(RawFrames.ping("x"), 7), "mask"),
        Arguments.of("125 in two bytes", hex("82 7e 00 7d"), "shortest"),
        Arguments.of("0 in two bytes", hex("82 7e 00 00"), "shortest"),
        Arguments.of("65535 in eight bytes", hex("82 7f 00 00 00 00 00 00 ff ff"), "shortest"),
        Arguments.of("5 in eight bytes", hex("82 7f 00 00 00 00 00 00 00 05"), "shortest"),
        Arguments.of("highest bit", hex("82 7f 80"), "63 bits"),
        // close frames (7)
        Arguments.of("close of one byte", hex("88 01 03"), "two bytes"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenFrames")
  void S22_aBrokenFrameIsRefusedInOurOwnWordsAndNothingAfterItIsRead(
      String name, byte[] frame, String words) {
    byte[] stream = join(bytes(RawFrames.text("before")), frame, bytes(RawFrames.text("after")));
    for (int piece : new int[] {WHOLE, 1, 3}) {
      FrameLog log = FrameLog.read(LIMIT, stream, piece);
      assertEquals(List.of("text before", "refused 1002"), log.lines, name);
      assertTrue(log.refusal.contains(words), log.refusal);
    }
  }

  @Test
  void S22_everyHeaderIsReadOrRefusedAndNoneThrowsAnythingElse() {
    for (int first = 0; first < 256; first++) {
      for (int second = 0; second < 256; second++) {
        byte[] stream = new byte[12];
        stream[0] = (byte) first;
        stream[1] = (byte) second;
        stream[5] = 1;
        FrameLog log = FrameLog.read(100, stream, WHOLE);
        boolean wrong =
            (first & 0x70) != 0 || (second & 0x80) != 0 || (first & 0xF) == 0 || isOpen(first);
        assertTrue(!wrong || log.lines.get(0).equals("refused 1002"), first + " " + second);
      }
    }
  }

  private static boolean isOpen(int first) {
    int opcode = first & 0xF;
    return (opcode > 2 && opcode < 8) || opcode > 10;
  }

  @ParameterizedTest
  @CsvSource({
    "1000", "1001", "1002", "1003", "1007", "1008", "1009", "1010", "1011", "1012", "1013", "1014",
    "3000", "3999", "4000", "4999"
  })
  void WS_05_aCloseCodeIsReadAsItWasGiven(int code) {
    assertEquals(List.of("close " + code + " ü"), read(RawFrames.close(code, "ü")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535})
  void WS_06_aCodeThatMustNotBeSentIsRefused(int code) {
    assertEquals(List.of("refused 1002"), read(RawFrames.close(code, "")));
  }

  @Test
  void WS_06_aCloseFrameWithoutACodeReadsAs1005() {
    assertEquals(List.of("close 1005 "), read(RawFrames.frame(RawFrames.CLOSE, new byte[0])));
  }

  // ---- UTF-8 (Autobahn 6) ----

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64", // a surrogate
        "80", // a continuation alone
        "bf",
        "c0 af", // overlong
        "e0 80 af",
        "f0 80 80 af",
        "f8 80 80 80 af",
        "c1 bf",
        "e0 9f bf",
        "f0 8f bf bf",
        "f4 90 80 80", // past the last character
        "f5",
        "fe",
        "ff",
        "ed bf bf",
        "61 c3 61", // broken off
        "e2 82 61",
        "f0 9f 98 61"
      })
  void WS_09_malformedUtf8IsRefusedInTextAndInCloseReasons(String digits) {
    byte[] wrong = hex(digits);
    byte[] ascii = "abcdefgh".repeat(5).getBytes(StandardCharsets.US_ASCII);
    byte[] text = join(ascii, wrong, ascii);
    for (int piece : new int[] {WHOLE, 1, 7}) {
      assertEquals(
          List.of("refused 1007"),
          FrameLog.read(LIMIT, bytes(RawFrames.frame(RawFrames.TEXT, text)), piece).lines);
    }
    byte[] close = join(hex("03 e8"), wrong);
    assertEquals(List.of("refused 1007"), read(RawFrames.frame(RawFrames.CLOSE, close)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"c3", "e2", "e2 82", "f0 9f 98", "61 f0 9f"})
  void WS_09_aCharacterThatTheEndCutsOffIsRefused(String digits) {
    assertEquals(List.of("refused 1007"), read(RawFrames.frame(RawFrames.TEXT, hex(digits))));
    assertEquals(
        List.of("refused 1007"),
        read(RawFrames.frame(RawFrames.TEXT, hex(digits)).withFin(false), last("")));
    assertEquals(
        List.of("refused 1007"),
        read(RawFrames.frame(RawFrames.CLOSE, join(hex("03 e8"), hex(digits)))));
  }

  @Test
  void WS_09_malformedTextIsRefusedAtItsFirstWrongByteHoweverMuchIsToCome() {
    byte[] head = hex("01 7f 00 00 00 00 00 0f 00 00");
    FrameLog log = new FrameLog();
    FrameReader reader = new FrameReader(LIMIT, "limit", log);
    assertTrue(log.feed(reader, head, 0, head.length));
    assertTrue(log.feed(reader, hex("61 f4"), 0, 2));
    assertFalse(log.feed(reader, hex("90"), 0, 1));
  }

  @Test
  void WS_09_everyCharacterIsAcceptedAndEveryCutOfItToo() {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x3000 ? 1 : 37) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        all.appendCodePoint(c);
      }
    }
    all.appendCodePoint(Character.MAX_CODE_POINT).append('\uFFFF').append('\uFFFE');
    String text = all.toString();
    List<String> expected = List.of("text " + FrameLog.shortened(text));
    byte[] stream = bytes(RawFrames.text(text));
    assertEquals(expected, FrameLog.read(LIMIT, stream, WHOLE).lines);
    assertEquals(expected, FrameLog.read(LIMIT, stream, 1).lines);
    assertEquals(expected, FrameLog.read(LIMIT, stream, 3, 5, 11).lines);
  }

  @Test
  void binaryMessagesMayBeAnyBytes() {
    assertEquals(List.of("binary c0ff"), read(RawFrames.binary(hex("c0 ff"))));
  }

  // ---- limits ----

  @Test
  void WS_12_aMessageOverTheLimitIsRefusedByItsHeaderAlone() {
    byte[] header = RawFrames.fromServer(RawFrames.binary(new byte[101]));
    FrameLog log = new FrameLog();
    FrameReader reader = new FrameReader(100, "maxEventBytes", log);
    assertFalse(log.feed(reader, header, 0, 2));
    assertEquals(List.of("refused 1009"), log.lines);
    assertEquals("maxEventBytes: expected at most 100 bytes in a message, got 101", log.refusal);
    assertEquals(
        List.of("refused 1009"),
        FrameLog.read(100, bytes(fragment(RawFrames.TEXT, "x".repeat(60)), last("y".repeat(41))), 9)
            .lines);
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 31, (1L << 31) - 1, 1L << 32, Long.MAX_VALUE})
  void INV_35_aHugeFrameIsRefusedBeforeAByteOfItIsHeld(long length) {
    byte[] header = ByteBuffer.allocate(10).put(hex("82 7f")).putLong(length).array();
    FrameLog log = FrameLog.read(LIMIT, header, WHOLE);
    assertEquals(List.of("refused 1009"), log.lines);
    assertEquals(0, log.mostHeld);
    FrameLog unlimited = FrameLog.read(Integer.MAX_VALUE, header, WHOLE);
    assertEquals(List.of("refused 1009"), unlimited.lines);
  }

  @Test
  void INV_35_memoryGrowsWithWhatHasComeAndNotWithWhatIsAnnounced() {
    byte[] header = ByteBuffer.allocate(10).put(hex("82 7f")).putLong(1 << 30).array();
    FrameLog log = new FrameLog();
    FrameReader reader = new FrameReader(Integer.MAX_VALUE, "limit", log);
    assertTrue(log.feed(reader, header, 0, header.length));
    assertEquals(0, log.mostHeld);
    byte[] piece = new byte[1000];
    for (int arrived = 1000; arrived <= 1_000_000; arrived += 1000) {
      assertTrue(log.feed(reader, piece, 0, piece.length));
      assertTrue(reader.held() <= 2 * arrived, reader.held() + " held of " + arrived);
    }
  }

  @Test
  void INV_35_anyBytesAreReadOrRefusedWithinTheLimit() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      byte[] noise = new byte[random.nextInt(4000)];
      random.nextBytes(noise);
      for (int i = 0; i < noise.length; i += 1 + random.nextInt(60)) { // so that some get far
        noise[i] = (byte) ((random.nextBoolean() ? 0x80 : 0) | random.nextInt(11));
        if (i + 1 < noise.length) {
          noise[i + 1] &= 0x7F;
        }
      }
      FrameLog whole = FrameLog.read(1000, noise, WHOLE);
      FrameLog pieces = FrameLog.read(1000, noise, 1 + random.nextInt(30));
      assertEquals(whole.lines, pieces.lines, "seed " + seed);
      assertTrue(pieces.mostHeld <= 2000, pieces.mostHeld + " held, seed " + seed);
    }
  }

  @Test
  void INV_35_theMemoryOfALargeMessageIsGivenBack() throws FrameException {
    FrameReader reader = new FrameReader(LIMIT, "limit", new FrameLog());
    byte[] frame = bytes(RawFrames.binary(new byte[LIMIT]));
    reader.feed(frame, 0, frame.length - 1);
    assertTrue(reader.held() >= LIMIT - 1);
    reader.feed(frame, frame.length - 1, 1);
    assertTrue(reader.held() <= 64 * 1024, reader.held() + " held of nothing");
  }

  @Test
  void S23_endlessFragmentsRunIntoTheLimitAndEmptyOnesIntoABound() {
    FrameLog log = new FrameLog();
    FrameReader reader = new FrameReader(10_000, "limit", log);
    byte[] first = bytes(fragment(RawFrames.BINARY, "x"));
    byte[] next = bytes(fragment(RawFrames.CONTINUATION, "x"));
    assertTrue(log.feed(reader, first, 0, first.length));
    int fragments = 1;
    while (log.feed(reader, next, 0, next.length)) {
      fragments++;
    }
    assertEquals(10_000, fragments);
    assertEquals(List.of("refused 1009"), log.lines);
    assertTrue(log.mostHeld <= 20_000, log.mostHeld + " bytes held");

    FrameLog emptyLog = new FrameLog();
    FrameReader ofEmpty = new FrameReader(LIMIT, "limit", emptyLog);
    byte[] firstEmpty = bytes(fragment(RawFrames.TEXT, ""));
    byte[] nextEmpty = bytes(fragment(RawFrames.CONTINUATION, ""));
    assertTrue(emptyLog.feed(ofEmpty, firstEmpty, 0, 2));
    int empty = 1;
    while (emptyLog.feed(ofEmpty, nextEmpty, 0, 2)) {
      empty++;
    }
    assertEquals(FrameReader.MOST_EMPTY_FRAGMENTS, empty);
    assertEquals(List.of("refused 1008"), emptyLog.lines);
  }

  @Test
  void S23_tinyFragmentsAreCopiedAFewTimesAndNotEachTimeOneComes() {
    FrameLog log = new FrameLog();
    FrameReader reader = new FrameReader(LIMIT, "limit", log);
    byte[] first = bytes(fragment(RawFrames.BINARY, "x"));
    byte[] next = bytes(fragment(RawFrames.CONTINUATION, "x"));
    assertTrue(log.feed(reader, first, 0, first.length));
    int held = reader.held();
    int growths = 0;
    for (int i = 1; i < LIMIT; i++) {
      assertTrue(log.feed(reader, next, 0, next.length));
      growths += reader.held() == held ? 0 : 1;
      held = reader.held();
    }
    assertTrue(growths <= 12, growths + " growths");
  }

  @Test
  void S23_emptyFragmentsAreCountedForEachMessageAlone() {
    FrameLog log = new FrameLog();
    FrameReader reader = new FrameReader(LIMIT, "limit", log);
    byte[] message = bytes(fragment(RawFrames.TEXT, ""), last("x"));
    for (int i = 0; i < 2 * FrameReader.MOST_EMPTY_FRAGMENTS; i++) {
      assertTrue(log.feed(reader, message, 0, message.length));
    }
  }
}
