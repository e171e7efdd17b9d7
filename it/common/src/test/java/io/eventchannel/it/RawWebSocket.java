package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A WebSocket client that hides nothing: the test sends single frames and sees single frames. Each
 * is masked with a key of zeros, which leaves its bytes readable.
 */
final class RawWebSocket implements AutoCloseable {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  /** What asks for a session, beside the method and the host. */
  static final String[] UPGRADE = {
    "Upgrade: websocket",
    "Connection: keep-alive, Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
  };

  private final RawHttp http;
  private final RawHttp.Head head;
  private boolean positioned; // whether the session was told where it stands

  private RawWebSocket(RawHttp http, RawHttp.Head head) {
    this.http = http;
    this.head = head;
  }

  /** Opens a session; fails if the server does not upgrade. */
  static RawWebSocket open(int port, String target, String... headers) throws IOException {
    return open(RawHttp.connect(port), target, headers);
  }

  static RawWebSocket open(RawHttp http, String target, String... headers) throws IOException {
    List<String> all = new ArrayList<>(List.of(UPGRADE));
    all.addAll(List.of(headers));
    RawHttp.Head head = http.send("GET", target, all.toArray(new String[0])).head();
    if (head.status() != 101) {
      throw new IOException("expected 101, got " + head);
    }
    return new RawWebSocket(http, head);
  }

  /** The head of the 101. */
  RawHttp.Head head() {
    return head;
  }

  RawWebSocket text(String text) throws IOException {
    return frame(true, TEXT, text.getBytes(UTF_8));
  }

  RawWebSocket frame(boolean last, int opcode, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream(payload.length + 14);
    frame.write((last ? 0x80 : 0) | opcode);
    if (payload.length < 126) {
      frame.write(0x80 | payload.length);
    } else if (payload.length < 65_536) {
      frame.write(0x80 | 126);
      frame.write(payload.length >> 8);
      frame.write(payload.length);
    } else {
      frame.write(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        frame.write((int) ((long) payload.length >> shift));
      }
    }
    frame.writeBytes(new byte[4]);
    frame.writeBytes(payload);
    http.send(frame.toByteArray());
    return this;
  }

  /** Reads the next frame as it is. */
  Frame frame() throws IOException {
    byte[] start = http.bytes(2);
    long length = start[1] & 0x7F;
    if (length == 126) {
      byte[] more = http.bytes(2);
      length = (more[0] & 0xFF) << 8 | (more[1] & 0xFF);
    } else if (length == 127) {
      length = 0;
      for (byte b : http.bytes(8)) {
        length = length << 8 | (b & 0xFF);
      }
    }
    return new Frame((start[0] & 0x80) != 0, start[0] & 0x7F, http.bytes((int) length));
  }

  /** Reads the next frame that is none of a heartbeat's, which may come at any moment. */
  Frame answer() throws IOException {
    Frame frame = frame();
    while (frame.opcode == PING || frame.isPosition()) {
      frame = frame();
    }
    return frame;
  }

  /**
   * Reads the next data message, its fragments joined; answers no pings. What comes as a heartbeat,
   * which may be at any moment, is left out.
   */
  Frame message() throws IOException {
    Frame message = messageOrHeartbeat();
    while (positioned && message.isPosition()) {
      message = messageOrHeartbeat();
    }
    positioned |= message.isPosition();
    return message;
  }

  /** Reads the next data message, be it a heartbeat or not. */
  Frame messageOrHeartbeat() throws IOException {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    int opcode = -1;
    while (true) {
      Frame frame = frame();
      if (frame.opcode == CLOSE) {
        throw new IOException("expected a message, got " + frame);
      }
      if (frame.opcode > BINARY) {
        continue;
      }
      opcode = opcode < 0 ? frame.opcode : opcode;
      payload.writeBytes(frame.payload);
      if (frame.last) {
        return new Frame(true, opcode, payload.toByteArray());
      }
    }
  }

  /** Reads messages, also those of heartbeats, until one contains that text. */
  String messageWith(String text) throws IOException {
    while (true) {
      Frame message = messageOrHeartbeat();
      positioned |= message.isPosition();
      if (message.text().contains(text)) {
        return message.text();
      }
    }
  }

  /**
   * Returns when the server has done with what it sent, which may be later than that has come: a
   * pong is behind it. Tomcat does not answer a close, other than 1000, that finds it in its way.
   */
  RawWebSocket awaitSent() throws IOException {
    frame(true, PING, new byte[0]);
    Frame frame = frame();
    while (frame.opcode != PONG) {
      frame = frame();
    }
    return this;
  }

  /** Reads up to the close frame. */
  Frame close(int expectedCode) throws IOException {
    Frame frame = frame();
    while (frame.opcode != CLOSE) {
      frame = frame();
    }
    if (frame.closeCode() != expectedCode) {
      throw new IOException("expected a close with " + expectedCode + ", got " + frame);
    }
    return frame;
  }

  RawHttp http() {
    return http;
  }

  @Override
  public void close() throws IOException {
    http.close();
  }

  /** One frame. */
  static final class Frame {
    final boolean last;
    final int opcode;
    final byte[] payload;

    Frame(boolean last, int opcode, byte[] payload) {
      this.last = last;
      this.opcode = opcode;
      this.payload = payload;
    }

    String text() {
      return new String(payload, UTF_8);
    }

    /** Whether it says where the session stands, and nothing else. */
    boolean isPosition() {
      return (opcode == TEXT || opcode == BINARY)
          && text().contains("\"event\":\"eventchannel.position\"")
          && text().lines().count() == 1;
    }

    int closeCode() {
      return payload.length < 2 ? 1005 : (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
    }

    String closeReason() {
      return payload.length < 2 ? "" : new String(payload, 2, payload.length - 2, UTF_8);
    }

    @Override
    public String toString() {
      return opcode == CLOSE
          ? "close " + closeCode() + " " + closeReason()
          : "frame of type " + opcode + " with " + payload.length + " bytes";
    }
  }
}
