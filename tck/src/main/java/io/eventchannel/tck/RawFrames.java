package io.eventchannel.tck;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/**
 * WebSocket frames as bytes (RFC 6455, section 5.2), for tests that speak the protocol by hand. It
 * writes what it is told, right or wrong: that is its purpose. It knows no extension, joins no
 * fragments and answers nothing.
 */
public final class RawFrames {
  /** Opcode of a frame that continues a message. */
  public static final int CONTINUATION = 0x0;

  /** Opcode of text. */
  public static final int TEXT = 0x1;

  /** Opcode of binary data. */
  public static final int BINARY = 0x2;

  /** Opcode of a close frame. */
  public static final int CLOSE = 0x8;

  /** Opcode of a ping. */
  public static final int PING = 0x9;

  /** Opcode of a pong. */
  public static final int PONG = 0xA;

  // RFC 6455, section 1.3
  private static final String ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private RawFrames() {}

  /** One frame. Immutable. */
  public static final class Frame {
    private final boolean fin;
    private final int reserved;
    private final int opcode;
    private final boolean masked;
    private final byte[] payload;

    private Frame(boolean fin, int reserved, int opcode, boolean masked, byte[] payload) {
      this.fin = fin;
      this.reserved = reserved;
      this.opcode = opcode;
      this.masked = masked;
      this.payload = payload;
    }

    /** Whether it ends its message. */
    public boolean fin() {
      return fin;
    }

    /** The three reserved bits, RSV1 as 4. */
    public int reserved() {
      return reserved;
    }

    /** The opcode, 0 to 15. */
    public int opcode() {
      return opcode;
    }

    /** Whether it came masked; the payload is unmasked. */
    public boolean masked() {
      return masked;
    }

    /** A copy of the payload. */
    public byte[] payload() {
      return payload.clone();
    }

    /** The payload read as UTF-8. */
    public String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    /** The code of a close frame; 1005 if it holds none (RFC 6455, section 7.4.1). */
    public int closeCode() {
      return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
    }

    /** The reason of a close frame, possibly empty. */
    public String closeText() {
      return payload.length < 2
          ? ""
          : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
    }

    /** Returns this frame with FIN set or not: one that is not is the first of several. */
    public Frame withFin(boolean newFin) {
      return new Frame(newFin, reserved, opcode, masked, payload);
    }

    /** Returns this frame with other reserved bits, 0 to 7. */
    public Frame withReserved(int newReserved) {
      return new Frame(fin, newReserved & 7, opcode, masked, payload);
    }

    @Override
    public String toString() {
      String content =
          switch (opcode) {
            case TEXT -> "text \"" + text() + "\"";
            case CLOSE -> "close " + closeCode() + " \"" + closeText() + "\"";
            default -> "opcode " + opcode + " " + HexFormat.of().formatHex(payload);
          };
      return (fin ? "" : "unfinished ") + content;
    }
  }

  /** Returns a frame with any opcode, 0 to 15. */
  public static Frame frame(int opcode, byte[] payload) {
    return new Frame(true, 0, opcode & 0xF, false, payload.clone());
  }

  /** Returns a text frame. */
  public static Frame text(String text) {
    return frame(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns a binary frame. */
  public static Frame binary(byte[] payload) {
    return frame(BINARY, payload);
  }

  /** Returns a ping. */
  public static Frame ping(String payload) {
    return frame(PING, payload.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns a pong. */
  public static Frame pong(String payload) {
    return frame(PONG, payload.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns a close frame. */
  public static Frame close(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    return frame(
        CLOSE, ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
  }

  /** Encodes a frame as a server does, without a mask. */
  public static byte[] fromServer(Frame frame) {
    return encode(frame, 0, 0, 0);
  }

  /** Encodes a frame as a client does, masked by {@code key}. */
  public static byte[] fromClient(Frame frame, int key) {
    return encode(frame, 0x80, 4, key);
  }

  private static byte[] encode(Frame frame, int maskBit, int maskLength, int key) {
    int length = frame.payload.length;
    int extended = length < 126 ? 0 : length <= 0xFFFF ? 2 : 8;
    byte[] encoded = new byte[2 + extended + maskLength + length];
    ByteBuffer bytes = ByteBuffer.wrap(encoded);
    bytes.put((byte) ((frame.fin ? 0x80 : 0) | (frame.reserved << 4) | frame.opcode));
    bytes.put((byte) (maskBit | (extended == 0 ? length : extended == 2 ? 126 : 127)));
    if (extended == 2) {
      bytes.putShort((short) length);
    } else if (extended == 8) {
      bytes.putLong(length);
    }
    if (maskLength > 0) {
      bytes.putInt(key);
    }
    byte[] payload = frame.payload.clone();
    mask(payload, key);
    bytes.put(payload);
    return encoded;
  }

  /**
   * Reads one frame, masked or not.
   *
   * @param maxPayload the longest payload to accept, in bytes
   * @throws java.io.EOFException if the stream ends within it or before it
   * @throws IOException if the payload is longer, or reading fails
   */
  public static Frame read(InputStream in, int maxPayload) throws IOException {
    DataInputStream data = new DataInputStream(in); // buffers nothing
    int first = data.readUnsignedByte();
    int second = data.readUnsignedByte();
    long length = second & 0x7F;
    if (length == 126) {
      length = data.readUnsignedShort();
    } else if (length == 127) {
      length = data.readLong();
    }
    if (length < 0 || length > maxPayload) {
      throw new IOException(
          "frame: expected at most " + maxPayload + " bytes of payload, got " + length);
    }
    boolean masked = (second & 0x80) != 0;
    int key = masked ? data.readInt() : 0;
    byte[] payload = new byte[(int) length];
    data.readFully(payload);
    mask(payload, key);
    return new Frame((first & 0x80) != 0, (first >> 4) & 7, first & 0xF, masked, payload);
  }

  private static void mask(byte[] payload, int key) {
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= (byte) (key >>> (24 - 8 * (i & 3)));
    }
  }

  /** Returns {@code Sec-WebSocket-Accept} for a {@code Sec-WebSocket-Key} (RFC 6455, 4.2.2). */
  public static String acceptKey(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      byte[] digest = sha1.digest((key.trim() + ACCEPT_GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-1", e);
    }
  }
}
