package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.server.ChannelEndpoint;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Peers that break RFC 6455, and what their connections may still do: end. The categories are those
 * that test suites of the protocol have: framing and masking, pings, reserved bits, opcodes,
 * fragments, UTF-8, closes, lengths, extensions.
 */
abstract class HostilePeerContract {
  private static final String[] UPGRADE = RawWebSocket.UPGRADE;
  private static final byte[] EVENT = "{\"event\":\"e\",\"data\":\"x\"}".getBytes(UTF_8);

  private final RecordingServer application = new RecordingServer();

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  /** Whether the container reads no frame that is not masked (RFC 6455, section 5.1). */
  boolean insistsOnMasks() {
    return true;
  }

  private ServedFeed serve(Consumer<ChannelEndpoint.Builder> options) {
    return ServedFeed.start(
        this::start, feed -> {}, endpoint -> options.accept(endpoint.listener(application)));
  }

  // ---- what must end

  @Test
  void S22_brokenFramesEndTheirConnectionAndDisturbNobodyElse() throws Exception {
    endsEach(brokenFrames());
  }

  @Test
  void S22_aFrameWithoutAMaskDisturbsNobodyElse() throws Exception {
    Map<String, byte[]> unmasked = new LinkedHashMap<>();
    unmasked.put("text without a mask", bytes(0x81, 1, 'x'));
    unmasked.put("close without a mask", bytes(0x88, 2, 0x03, 0xE8));
    if (insistsOnMasks()) {
      unmasked.put("ping without a mask", bytes(0x89, 0));
    }
    endsEach(unmasked);
  }

  private static Map<String, byte[]> brokenFrames() {
    Map<String, byte[]> broken = new LinkedHashMap<>();
    for (int bit : new int[] {0x40, 0x20, 0x10, 0x70}) {
      broken.put("text with reserved bits " + bit, frame(0x81 | bit, EVENT));
      broken.put("ping with reserved bits " + bit, frame(0x89 | bit, new byte[0]));
    }
    for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
      broken.put("opcode " + opcode, frame(0x80 | opcode, new byte[0]));
      broken.put("opcode " + opcode + " with a payload", frame(0x80 | opcode, EVENT));
    }
    for (int opcode : new int[] {RawWebSocket.PING, RawWebSocket.PONG, RawWebSocket.CLOSE}) {
      broken.put("control " + opcode + " in fragments", frame(opcode, new byte[0]));
      broken.put("control " + opcode + " of 126 bytes", frame(0x80 | opcode, closing(1000, 124)));
    }
    broken.put("a continuation of nothing", frame(0x80, EVENT));
    broken.put("a continuation of nothing that goes on", frame(0, EVENT));
    broken.put("a text inside a text", join(frame(0x01, EVENT), frame(0x81, EVENT)));
    broken.put("a binary inside a text", join(frame(0x01, EVENT), frame(0x82, EVENT)));
    return broken;
  }

  @Test
  void S22_textThatIsNotUtf8EndsItsConnectionAndDisturbsNobodyElse() throws Exception {
    Map<String, byte[]> broken = new LinkedHashMap<>();
    String[] sequences = {
      "\u00ff",
      "\u00c0\u00af",
      "\u00e0\u0080\u00af",
      "\u00ed\u00a0\u0080",
      "\u00f4\u0090\u0080\u0080",
      "\u00f8\u0088\u0080\u0080\u0080",
      "\u00ce",
      "\u0080",
      "\u00f0\u009f\u0098"
    };
    for (int i = 0; i < sequences.length; i++) {
      byte[] text = ("{\"event\":\"e\",\"data\":\"" + sequences[i] + "\"}").getBytes(ISO_8859_1);
      broken.put("malformed " + i, frame(0x81, text));
      broken.put(
          "malformed " + i + " in fragments",
          join(frame(0x01, head(text, 22)), frame(0x80, tail(text, 22))));
    }
    endsEach(broken);
  }

  @Test
  void S22_aCloseWhateverItSaysEndsItsConnectionAndDisturbsNobodyElse() throws Exception {
    Map<String, byte[]> closes = new LinkedHashMap<>();
    closes.put("no payload", frame(0x88, new byte[0]));
    closes.put("half a code", frame(0x88, new byte[] {3}));
    closes.put("a reason that is not UTF-8", frame(0x88, bytes(0x03, 0xE8, 0xC3, 0x28)));
    closes.put("the longest reason", frame(0x88, closing(1000, 123)));
    for (int code :
        new int[] {0, 999, 1000, 1004, 1005, 1006, 1015, 1016, 2999, 3000, 4999, 5000, 65_535}) {
      closes.put("code " + code, frame(0x88, closing(code, 0)));
    }
    endsEach(closes);
  }

  @Test
  void S22_aLengthBeyondAllMemoryEndsItsConnectionAndDisturbsNobodyElse() throws Exception {
    Map<String, byte[]> lengths = new LinkedHashMap<>();
    lengths.put("2^63-1", bytes(0x82, 0xFF, 0x7F, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 1));
    lengths.put("2^63", bytes(0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    lengths.put("-1", bytes(0x82, 0xFF, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 1));
    try (ServedFeed server = serve(endpoint -> endpoint.maxUpstreamBytes(1_000));
        RawWebSocket neighbour = server.openSession("")) {
      for (Map.Entry<String, byte[]> each : lengths.entrySet()) {
        try (RawWebSocket socket = server.openSession("")) {
          socket.http().send(each.getValue());
          // Some look at the header, some count what comes; none waits for all of it.
          sendUntilCut(socket.http(), 1 << 20);
          assertTrue(ends(socket), each.getKey());
        }
        assertUndisturbed(each.getKey(), server, neighbour);
      }
    }
  }

  private static void sendUntilCut(RawHttp http, int bytes) {
    try {
      for (int sent = 0; sent < bytes; sent += 1_024) {
        http.send(new byte[1_024]);
      }
    } catch (IOException cut) {
      return;
    }
  }

  private void endsEach(Map<String, byte[]> cases) throws Exception {
    List<String> alive = new ArrayList<>();
    try (ServedFeed server = serve(endpoint -> {});
        RawWebSocket neighbour = server.openSession("")) {
      for (Map.Entry<String, byte[]> each : cases.entrySet()) {
        try (RawWebSocket socket = server.openSession("")) {
          socket.http().send(each.getValue());
          if (!ends(socket)) {
            alive.add(each.getKey());
          }
        }
        assertUndisturbed(each.getKey(), server, neighbour);
      }
    }
    assertEquals(List.of(), alive, "went on");
  }

  /**
   * Whether the server ends it, by a close frame or without; all that may come before is a beat.
   */
  private static boolean ends(RawWebSocket socket) throws IOException {
    try {
      return socket.answer().opcode == RawWebSocket.CLOSE;
    } catch (EOFException | SocketException withoutOne) {
      return true;
    } catch (SocketTimeoutException silence) {
      return false;
    }
  }

  private void assertUndisturbed(String name, ServedFeed server, RawWebSocket neighbour)
      throws Exception {
    CloseReason.Kind kind = RecordingServer.next(application.closed).kind();
    assertNotEquals(CloseReason.Kind.HEARTBEAT_TIMEOUT, kind, name + ": for what it sent");
    server.awaitConnections(1);
    assertEquals(0, application.closed.size(), name + ": one end");
    assertEquals(0, application.events.size(), name + ": nothing was taken");
    server.publish(name);
    neighbour.messageWith(name);
  }

  // ---- what is odd and legal

  @Test
  void S22_pingsOfEverySizeComeBackAsTheyAreAndPongsUnaskedChangeNothing() throws Exception {
    try (ServedFeed server = serve(endpoint -> {});
        RawWebSocket socket = server.openSession("")) {
      for (int size : new int[] {0, 1, 124, 125}) {
        byte[] payload = new byte[size];
        for (int i = 0; i < size; i++) {
          payload[i] = (byte) (0xFF - i);
        }
        socket.frame(true, RawWebSocket.PONG, payload);
        socket.frame(true, RawWebSocket.PING, payload);
        RawWebSocket.Frame pong = socket.answer();
        assertEquals(RawWebSocket.PONG, pong.opcode);
        assertArrayEquals(payload, pong.payload);
      }
      assertTaken(socket, EVENT, "x");
    }
  }

  @Test
  void S22_whatIsMaskedIsReadWithItsMaskAndWhatIsAtTheEdgeOfUtf8IsTaken() throws Exception {
    try (ServedFeed server = serve(endpoint -> {});
        RawWebSocket socket = server.openSession("")) {
      String edges = "\u007f\u0080\u07ff\u0800\ud7ff\ue000\ufffe\uffff\ud800\udc00\udbff\udfff";
      byte[] text = ("{\"event\":\"e\",\"data\":\"" + edges + "\"}").getBytes(UTF_8);
      for (byte[] mask :
          new byte[][] {bytes(1, 2, 3, 4), bytes(-1, -1, -1, -1), bytes(0, 9, 0, 9)}) {
        socket.http().send(frame(0x81, text, mask));
        assertEquals(edges, RecordingServer.next(application.events).data());
        for (int cut = 0; cut <= text.length; cut++) {
          socket.http().send(frame(0x01, head(text, cut), mask));
          socket.http().send(frame(0x00, new byte[0], mask));
          socket.http().send(frame(0x80, tail(text, cut), mask));
          assertEquals(edges, RecordingServer.next(application.events).data(), "cut at " + cut);
        }
      }
    }
  }

  @Test
  void S22_aFrameThatComesByteByByteIsAFrame() throws Exception {
    try (ServedFeed server = serve(endpoint -> {});
        RawWebSocket socket = server.openSession("")) {
      for (byte b : join(frame(0x81, EVENT), frame(0x89, bytes('p')))) {
        socket.http().send(new byte[] {b});
      }
      assertEquals("x", RecordingServer.next(application.events).data());
      assertArrayEquals(bytes('p'), socket.answer().payload);
    }
  }

  private void assertTaken(RawWebSocket socket, byte[] envelope, String data) throws Exception {
    socket.frame(true, RawWebSocket.TEXT, envelope);
    assertEquals(data, RecordingServer.next(application.events).data());
  }

  @Test
  void S22_S21_whateverExtensionsAreAskedForNoneIsGiven() throws Exception {
    String[] offers = {
      "permessage-deflate; client_max_window_bits=99",
      "permessage-deflate; server_max_window_bits=0",
      "permessage-deflate; server_max_window_bits",
      "permessage-deflate; client_max_window_bits=\"15",
      "permessage-deflate; client_max_window_bits; client_max_window_bits",
      "permessage-deflate, permessage-deflate; server_no_context_takeover",
      "permessage-bzip2; x=y, x-webkit-deflate-frame",
      ";;;,,=,;=\"",
      "permessage-deflate; " + "a=b; ".repeat(500) + "c"
    };
    try (ServedFeed server = serve(endpoint -> {});
        RawWebSocket neighbour = server.openSession("")) {
      for (String offer : offers) {
        try (RawHttp http = RawHttp.connect(server.port())) {
          String[] headers = Answer.with(UPGRADE, "Sec-WebSocket-Extensions: " + offer);
          RawHttp.Head head = http.send("GET", "/feed", headers).head();
          assertNull(head.header("Sec-WebSocket-Extensions"), offer);
          if (head.status() == 101) { // a compressed frame is a broken one
            server.awaitConnections(2);
            http.send(frame(0xC1, bytes(0xCA, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00)));
            server.awaitConnections(1);
          } else {
            assertTrue(head.status() >= 400, head.toString()); // as the container would have it
          }
        }
        server.publish(offer.substring(0, 3));
        neighbour.messageWith("\"data\":\"" + offer.substring(0, 3));
      }
      assertEquals(0, application.events.size());
    }
  }

  // ---- what the application's mistakes tell a peer

  @Test
  void S36_anErrorOfTheAuthorizerIsAStatusAndTellsNobodyWhy() throws Exception {
    try (ServedFeed server =
        serve(
            endpoint ->
                endpoint.authorizer(
                    handshake -> {
                      throw new AssertionError("jdbc:secret");
                    }))) {
      for (String[] headers : new String[][] {{}, UPGRADE}) {
        try (RawHttp http = RawHttp.connect(server.port())) {
          assertTellsNothing(http.send("GET", "/feed", headers));
        }
      }
      try (RawHttp http = RawHttp.connect(server.port())) {
        String lines = "Content-Type: application/x-ndjson";
        assertTellsNothing(http.post("/feed", EVENT, lines, "EventChannel-Id: x"));
      }
      server.awaitConnections(0);
    }
  }

  private static void assertTellsNothing(RawHttp http) throws IOException {
    RawHttp.Head head = http.head();
    assertEquals(500, head.status());
    String body = http.body();
    assertFalse((head + body).contains("secret"), body);
    assertFalse(body.contains("io.eventchannel") || body.contains("<"), body);
    assertTrue(body.length() < 100, body);
  }

  // ---- frames

  private static byte[] frame(int first, byte[] payload) {
    return frame(first, payload, new byte[4]);
  }

  private static byte[] frame(int first, byte[] payload, byte[] mask) {
    byte[] masked = payload.clone();
    for (int i = 0; i < masked.length; i++) {
      masked[i] ^= mask[i % 4];
    }
    byte[] head =
        payload.length < 126
            ? bytes(first, 0x80 | payload.length)
            : bytes(first, 0xFE, payload.length >> 8, payload.length);
    return join(head, mask, masked);
  }

  private static byte[] closing(int code, int reasonBytes) {
    return join(bytes(code >> 8, code), "r".repeat(reasonBytes).getBytes(UTF_8));
  }

  private static byte[] head(byte[] bytes, int length) {
    return Arrays.copyOf(bytes, length);
  }

  private static byte[] tail(byte[] bytes, int from) {
    return Arrays.copyOfRange(bytes, from, bytes.length);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
