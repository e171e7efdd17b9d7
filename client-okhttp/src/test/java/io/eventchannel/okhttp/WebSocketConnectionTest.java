package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RawFrames.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One connection at a time over a real socket, with every frame said by hand. */
class WebSocketConnectionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static Frame close(int code) {
    return code == 1005 ? RawFrames.frame(RawFrames.CLOSE, new byte[0]) : RawFrames.close(code, "");
  }

  // ---- the handshake ----

  @Test
  void WS_20_S21_noCompressionIsOfferedWhateverTheCallerSays() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      web.connect(100, Map.entry("Sec-WebSocket-Extensions", "permessage-deflate"));
      web.server
          .accept()
          .acceptWebSocket()
          .expectNoHeader("Sec-WebSocket-Extensions")
          .expectHeader("Sec-WebSocket-Version", "13")
          .expectHeader("Upgrade", "websocket")
          .expectHeader("Connection", "Upgrade");
      web.expect("open");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-WebSocket-Extensions: permessage-deflate",
        "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99999999999",
        "Sec-WebSocket-Extensions: x"
      })
  void WS_20_anExtensionThatNobodyOfferedFailsTheHandshake(String header) throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      web.connect(100);
      RawConnection peer = web.server.accept();
      peer.acceptWebSocket(header);
      String end = web.take();
      assertTrue(end.startsWith("closed BAD_HANDSHAKE (Sec-WebSocket-Extensions: "), end);
      peer.awaitEnd();
      web.awaitFreed();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-WebSocket-Protocol: chat, subprotocol",
    "Sec-WebSocket-Protocol: EVENTCHANNEL.V1.JSON, subprotocol",
    "'Sec-WebSocket-Protocol: eventchannel.v1.json, eventchannel.v1.bytes', subprotocol"
  })
  void WS_01_aSubprotocolThatWasNotOfferedAsItIsFailsTheHandshake(String header, String words)
      throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      web.connect(100);
      RawConnection peer = web.server.accept();
      peer.acceptWebSocket(header);
      String end = web.take();
      assertTrue(end.startsWith("closed BAD_HANDSHAKE (" + words), end);
      peer.awaitEnd();
      web.awaitFreed();
    }
  }

  @Test
  void WS_01_twoSubprotocolsFailTheHandshake() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      web.connect(100);
      web.server
          .accept()
          .acceptWebSocket(
              "Sec-WebSocket-Protocol: eventchannel.v1.json",
              "Sec-WebSocket-Protocol: eventchannel.v1.bytes");
      assertTrue(web.take().startsWith("closed BAD_HANDSHAKE (subprotocol"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "websocket, Upgrade, wrong, Sec-WebSocket-Accept",
    "websocket, Upgrade, , Sec-WebSocket-Accept",
    "h2c, Upgrade, right, Upgrade",
    ", Upgrade, right, Upgrade",
    "websocket, close, right, Connection",
    "websocket, , right, Connection"
  })
  void aMangledHandshakeIsRefusedAndItsConnectionNotUsedAgain(
      String upgrade, String connection, String accept, String words) throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      for (int attempt = 0; attempt < 2; attempt++) {
        web.connect(100);
        RawConnection peer = web.server.accept();
        String key = peer.readRequest().header("Sec-WebSocket-Key").orElseThrow();
        StringBuilder head = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
        line(head, "Upgrade", upgrade);
        line(head, "Connection", connection);
        line(
            head,
            "Sec-WebSocket-Accept",
            "right".equals(accept) ? RawFrames.acceptKey(key) : accept);
        peer.write(head.append("\r\n").toString());
        String end = web.take();
        assertTrue(end.startsWith("closed BAD_HANDSHAKE (" + words + ": "), end);
        peer.awaitEnd();
      }
      web.awaitFreed();
    }
  }

  private static void line(StringBuilder head, String name, String value) {
    if (value != null) {
      head.append(name).append(": ").append(value).append("\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 302, 401, 403, 404, 426, 429, 500})
  void WS_03_aRefusalShowsItsStatusAndIsNotFollowed(int status) throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      web.connect(100);
      RawConnection peer = web.server.accept();
      peer.readRequest();
      peer.respond(status, "", "Location: /other", "Connection: close");
      assertEquals("closed HTTP_STATUS " + status + " (Scripted)", web.take());
      peer.awaitEnd();
      assertEquals(1, web.server.connectionCount());
    }
  }

  @Test
  void framesThatComeWithTheHandshakeAreRead() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      web.connect(100);
      RawConnection peer = web.server.accept();
      String key = peer.readRequest().header("Sec-WebSocket-Key").orElseThrow();
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      String head =
          "HTTP/1.1 101 \r\nUpgrade: WebSocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: ";
      both.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
      both.writeBytes((RawFrames.acceptKey(key) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      both.writeBytes(RawFrames.fromServer(RawFrames.text("early")));
      peer.write(both.toByteArray());
      web.expect("open");
      web.expect("event early");
    }
  }

  // ---- signs of life ----

  @Test
  void F09_everyPieceOfALargeFrameIsASignOfLife() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      byte[] frame = RawFrames.fromServer(RawFrames.text("x".repeat(100_000)));
      for (int i = 0; i < 20; i++) {
        peer.write(Arrays.copyOfRange(frame, i * 1000, (i + 1) * 1000));
        web.expect("activity"); // before the next piece leaves
      }
      peer.write(Arrays.copyOfRange(frame, 20_000, frame.length));
      assertEquals("event " + FrameLog.shortened("x".repeat(100_000)), web.takeWord());
    }
  }

  @Test
  void WS_16_aPingComesBackUnchangedAndIsASignOfLife() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      for (int size : new int[] {0, 1, 125}) {
        byte[] payload = new byte[size];
        new Random(size).nextBytes(payload);
        peer.write(RawFrames.frame(RawFrames.PING, payload));
        Frame pong = peer.readFrame();
        assertEquals(RawFrames.PONG, pong.opcode());
        assertArrayEquals(payload, pong.payload());
        assertTrue(pong.masked());
        web.expect("activity");
      }
    }
  }

  @Test
  void WS_16_aPongThatNobodyAskedForIsASignOfLifeAndNothingElse() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      peer.write(RawFrames.pong("unasked"));
      web.expect("activity");
      peer.write(RawFrames.ping("next"));
      assertEquals("next", peer.readFrame().text());
    }
  }

  @Test
  void WS_16_aPingIsSentWhenAskedForAndItsPongIsASignOfLife() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      web.connection().ping();
      Frame ping = peer.readFrame();
      assertEquals(RawFrames.PING, ping.opcode());
      peer.write(RawFrames.pong(ping.text()));
      web.expect("activity");
      web.assertNothingTold();
    }
  }

  @Test
  void S24_aFloodOfPingsIsOutlivedAndTheNewestIsAnswered() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      int pings = 100_000;
      byte[] ping = RawFrames.fromServer(RawFrames.ping("x".repeat(125)));
      byte[] many = new byte[ping.length * 100];
      for (int i = 0; i < 100; i++) {
        System.arraycopy(ping, 0, many, i * ping.length, ping.length);
      }
      for (int i = 0; i < pings / 100; i++) {
        peer.write(many); // and reads none of the answers
      }
      peer.write(RawFrames.ping("the last"));
      int answers = 1;
      while (!peer.readFrame().text().equals("the last")) {
        answers++;
      }
      assertTrue(answers <= pings + 1, answers + " answers");
      peer.write(RawFrames.text("still there"));
      assertEquals("event still there", web.takeWord());
    }
  }

  // ---- both ways ----

  @Test
  void WS_12_messagesOfEverySizeArriveBothWays() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open(4 << 20);
      long seq = 1;
      for (int size : new int[] {0, 125, 126, 65_535, 65_536, 1 << 20, 4 << 20}) {
        byte[] payload = new byte[size];
        new Random(size).nextBytes(payload);
        web.connection().send(seq++, Event.binary("message", payload));
        assertArrayEquals(payload, peer.readFrame().payload(), size + " bytes");
        peer.write(RawFrames.binary(payload));
        assertEquals("event " + size + " bytes", web.takeWord());
        String text = "é".repeat(size / 2);
        web.connection().send(seq++, Event.message(text));
        assertEquals(text, peer.readFrame().text());
        peer.write(RawFrames.text(text));
        assertEquals("event " + FrameLog.shortened(text), web.takeWord());
      }
    }
  }

  @Test
  void WS_10_aLoneSurrogateLeavesAsAReplacement() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      web.connection().send(1, Event.message("a\uD800b"));
      assertEquals("a\uFFFDb", peer.readFrame().text());
    }
  }

  @Test
  void WS_10_aLoneSurrogateInAnEnvelopeLeavesAsAReplacement() throws Exception {
    for (String subprotocol : List.of(UpgradeHandshake.BYTES, UpgradeHandshake.JSON)) {
      try (BareWebSocket web = new BareWebSocket()) {
        web.connect(100);
        RawConnection peer = web.server.accept();
        peer.acceptWebSocket("Sec-WebSocket-Protocol: " + subprotocol);
        web.expect("open ours");
        web.connection().send(1, Event.message("a\uDC00b"));
        Frame frame = peer.readFrame();
        assertEquals("{\"seq\":1,\"data\":\"a\uFFFDb\"}\n", frame.text());
        boolean bytes = subprotocol.equals(UpgradeHandshake.BYTES);
        assertEquals(bytes ? RawFrames.BINARY : RawFrames.TEXT, frame.opcode());
      }
    }
  }

  // ---- refusals of what comes ----

  @Test
  void WS_09_malformedTextEndsTheConnectionWith1007() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      peer.write(RawFrames.frame(RawFrames.TEXT, new byte[] {'a', (byte) 0xC0, 'b'}));
      assertEquals("closed PROTOCOL (text: expected UTF-8, got other bytes)", web.takeWord());
      assertEquals(1007, peer.readFrame().closeCode());
      peer.close();
      web.awaitFreed();
    }
  }

  @Test
  void WS_09_aMalformedCloseReasonEndsTheConnectionWith1007() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      peer.write(RawFrames.frame(RawFrames.CLOSE, new byte[] {3, (byte) 0xE8, (byte) 0xFF}));
      assertEquals(
          "closed PROTOCOL (close reason: expected UTF-8, got other bytes)", web.takeWord());
      assertEquals(1007, peer.readFrame().closeCode());
    }
  }

  @Test
  void S22_aBrokenFrameEndsTheConnectionWith1002() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      peer.write(new byte[] {(byte) 0x82, 127, (byte) 0xFF});
      assertEquals(
          "closed PROTOCOL (length: expected 63 bits, got the highest one set)", web.takeWord());
      assertEquals(1002, peer.readFrame().closeCode());
      peer.write(RawFrames.text("too late"));
      peer.finish();
      web.awaitFreed();
      web.assertNothingTold();
    }
  }

  @Test
  void INV_35_aFrameOfTwoGibibytesIsRefusedByItsHeader() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open(1 << 20);
      peer.write(new byte[] {(byte) 0x82, 127, 0, 0, 0, 0, (byte) 0x80, 0, 0, 0});
      assertEquals(
          "closed LIMIT (maxEventBytes: expected at most 1048576 bytes in a message, got"
              + " 2147483648)",
          web.takeWord());
      assertEquals(1009, peer.readFrame().closeCode());
      // What goes on coming is dropped until the stream is cut.
      web.scheduler.awaitPendingTasks(1, PATIENCE);
      for (int i = 0; i < 100; i++) {
        peer.write(new byte[100_000]);
      }
      assertEquals(1, web.scheduler.advance(Duration.ofSeconds(2)));
      peer.awaitEnd();
      web.awaitFreed();
    }
  }

  @Test
  void INV_35_endlessFragmentsEndTheConnection() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open(100_000);
      Frame first = RawFrames.frame(RawFrames.BINARY, new byte[1000]).withFin(false);
      Frame next = RawFrames.frame(RawFrames.CONTINUATION, new byte[1000]).withFin(false);
      peer.write(first);
      for (int i = 0; i < 100; i++) {
        peer.write(next);
      }
      assertTrue(web.takeWord().startsWith("closed LIMIT (maxEventBytes: "));
      assertEquals(1009, peer.readFrame().closeCode());
    }
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      peer.write(RawFrames.frame(RawFrames.TEXT, new byte[0]).withFin(false));
      Frame empty = RawFrames.frame(RawFrames.CONTINUATION, new byte[0]).withFin(false);
      for (int i = 0; i < FrameReader.MOST_EMPTY_FRAGMENTS; i++) {
        peer.write(empty);
      }
      assertTrue(web.takeWord().startsWith("closed PROTOCOL (fragments: "));
      assertEquals(1008, peer.readFrame().closeCode());
    }
  }

  // ---- the end ----

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1005, 1011, 1012, 1013, 1014, 3000, 4400, 4999})
  void WS_05_thePeersCodeArrivesAsGivenAndIsAnsweredWithTheSame(int code) throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      peer.write(close(code));
      assertEquals("closed CLOSE_CODE " + code, web.takeWord());
      Frame answer = peer.readFrame();
      assertEquals(code, answer.closeCode());
      assertEquals(code == 1005 ? 0 : 2, answer.payload().length, "1005 is never sent");
      peer.close();
      web.awaitFreed();
    }
  }

  @Test
  void WS_06_aStreamThatEndsWithoutACloseFrameReadsAs1006AndNothingIsSent() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      byte[] half = RawFrames.fromServer(RawFrames.text("half"));
      peer.write(Arrays.copyOf(half, 4));
      peer.finish();
      assertEquals("closed CLOSE_CODE 1006 (ended without a close frame)", web.takeWord());
      assertThrows(IOException.class, peer::readFrame);
      web.awaitFreed();
    }
  }

  @Test
  void WS_08_aPeerThatNeverAnswersTheCloseIsCutAfterTwoSeconds() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      web.connection().close(1000, "");
      web.connection().close(1000, "");
      web.connection().cancel();
      web.expect("closed LOCAL 1000");
      assertEquals(1000, peer.readFrame().closeCode());
      assertEquals(0, web.scheduler.advance(Duration.ofMillis(1999)));
      peer.write(RawFrames.text("too late"));
      assertEquals(1, web.okHttp.connectionPool().connectionCount());
      assertEquals(1, web.scheduler.advance(Duration.ofMillis(1)));
      peer.awaitEnd();
      web.awaitFreed();
      web.assertNothingTold();
    }
  }

  @Test
  void WS_08_anAnsweredCloseFreesTheSocketAndItsTimer() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      web.connection().send(1, Event.message("before"));
      web.connection().close(1000, "");
      assertEquals("before", peer.readFrame().text());
      assertEquals(1000, peer.readFrame().closeCode());
      peer.write(close(1000));
      peer.close();
      web.expect("closed LOCAL 1000");
      web.awaitFreed();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 3000, 3999, 4000, 4999})
  void WS_04_theCloseFrameCarriesTheCodeAndTheReasonBehindWhatWasSent(int code) throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      String longest = "ü€😀".repeat(13) + "bye ü";
      assertEquals(123, longest.getBytes(StandardCharsets.UTF_8).length);
      web.connection().send(1, Event.message("before"));
      web.connection().close(code, longest);
      web.connection().close(4321, "second");
      assertEquals("before", peer.readFrame().text());
      RawFrames.Frame close = peer.readFrame();
      assertEquals(code, close.closeCode());
      assertEquals(longest, close.closeText());
      peer.close();
      web.expect("closed LOCAL " + code + " (" + longest + ")");
      web.awaitFreed();
      web.assertNothingTold();
    }
  }

  @Test
  void WS_08_aCloseThatComesAfterThatOfTheTransportIsWrittenAllTheSame() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      web.threads.close(); // as where another thread has yet to make the call that was decided
      web.connection().close(1000, "");
      assertEquals(1000, peer.readFrame().closeCode());
      peer.write(close(1000));
      peer.close();
      web.expect("closed LOCAL 1000");
      web.awaitFreed();
    }
  }

  @Test
  void WS_08_closesOfBothSidesAtOnceAreOneEnd() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      web.connection().close(1000, "");
      peer.write(close(1001));
      assertEquals(1000, peer.readFrame().closeCode());
      peer.close();
      web.expect("closed LOCAL 1000");
      web.awaitFreed();
      web.assertNothingTold();
    }
  }

  @Test
  void F30_cancelFreesTheSocketAtOnceInEveryState() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      web.connect(100);
      RawConnection hung = web.server.accept();
      hung.readRequest();
      web.connection().cancel();
      web.expect("closed LOCAL (cancelled)");
      hung.awaitEnd();

      RawConnection open = web.open();
      web.connection().cancel();
      web.expect("closed LOCAL (cancelled)");
      open.awaitEnd();

      RawConnection paused = web.open();
      web.connection().pauseReading();
      paused.write(RawFrames.text("unread"));
      web.connection().cancel();
      paused.awaitEnd();
      web.awaitFreed();
    }
  }

  @Test
  void nothingIsReadWhileReadingIsPaused() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      web.reaction = word -> web.connection().pauseReading();
      peer.write(RawFrames.text("one"));
      web.expect("event one");
      web.reaction = word -> {};
      peer.write(RawFrames.ping("are you there"));
      peer.write(RawFrames.text("two"));
      web.connection().ping(); // writing goes on
      assertEquals(RawFrames.PING, peer.readFrame().opcode());
      web.assertNothingTold();
      web.connection().resumeReading();
      assertEquals("event two", web.takeWord());
      assertEquals("are you there", peer.readFrame().text());
    }
  }

  // ---- a peer that does not read ----

  @Test
  void aWriteThatDoesNotFinishEndsTheConnection() throws Exception {
    long timeout = TimeUnit.MILLISECONDS.toNanos(300);
    try (BareWebSocket web = new BareWebSocket(new OkHttpClient(), timeout)) {
      web.open();
      web.connection().send(1, Event.binary("message", new byte[15 << 20]));
      assertTrue(web.takeWord().startsWith("closed WRITE_TIMEOUT (a write did not finish"));
      web.awaitFreed();
    }
  }

  @Test
  void aPeerThatAcknowledgesNothingAndReadsNothingIsLostWhenTheQueueIsFull() throws Exception {
    try (BareWebSocket web = new BareWebSocket()) {
      RawConnection peer = web.open();
      byte[] mebibyte = new byte[1 << 20];
      for (int i = 1; i <= 40; i++) { // what the kernel takes, and then 16 of them
        web.connection().send(i, Event.binary("message", mebibyte));
      }
      assertTrue(web.takeWord().startsWith("closed NETWORK (send queue: "));
      peer.awaitEnd();
      web.awaitFreed();
    }
  }

  // ---- the caller's client ----

  @Test
  void theCallersInterceptorsOfBothKindsSeeTheUpgrade() throws Exception {
    CountDownLatch network = new CountDownLatch(1);
    OkHttpClient okHttp =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain -> {
                  Request request =
                      chain.request().newBuilder().header("X-Application", "1").build();
                  return chain.proceed(request);
                })
            .addNetworkInterceptor(
                chain -> {
                  network.countDown();
                  return chain.proceed(chain.request());
                })
            .build();
    try (BareWebSocket web =
        new BareWebSocket(okHttp, OkHttpWebSocketTransport.WRITE_TIMEOUT_NANOS)) {
      web.connect(100);
      web.server.accept().acceptWebSocket().expectHeader("X-Application", "1");
      web.expect("open");
      assertEquals(0, network.getCount());
    }
  }

  @Test
  void anInterceptorThatTakesTheStreamAwayIsNamed() throws Exception {
    OkHttpClient okHttp =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain -> {
                  Response upgraded = chain.proceed(chain.request());
                  return new Response.Builder()
                      .request(upgraded.request())
                      .protocol(upgraded.protocol())
                      .code(upgraded.code())
                      .message(upgraded.message())
                      .headers(upgraded.headers())
                      .build();
                })
            .build();
    try (BareWebSocket web =
        new BareWebSocket(okHttp, OkHttpWebSocketTransport.WRITE_TIMEOUT_NANOS)) {
      web.connect(100);
      RawConnection peer = web.server.accept();
      peer.acceptWebSocket();
      String end = web.take();
      assertTrue(end.contains("interceptor"), end);
      peer.awaitEnd();
    }
  }
}
