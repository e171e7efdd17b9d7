package io.eventchannel.okhttp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import okio.BufferedSink;

/**
 * Writes frames as a client must: masked, each with a key of its own (RFC 6455, section 5.3). It
 * knows no socket and no thread; confined to whoever writes. A frame passes through one small array
 * on its way, so that it costs no memory of its size.
 */
final class FrameWriter {
  static final int TEXT = 0x1;
  static final int BINARY = 0x2;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xA;

  private static final int FIN = 0x80;
  private static final int MASKED = 0x80;
  private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD}; // U+FFFD

  private final Random keys;
  private final byte[] piece = new byte[8192];
  private final ByteBuffer words = ByteBuffer.wrap(piece);

  /**
   * Creates one.
   *
   * @param keys where masking keys come from; strong, since a page could choose payloads that look
   *     like HTTP to a proxy (RFC 6455, section 10.3)
   */
  FrameWriter(Random keys) {
    this.keys = keys;
  }

  /** Writes one frame, which is a whole message. */
  void write(BufferedSink to, int opcode, byte[] payload) throws IOException {
    int key = keys.nextInt();
    int at = header(opcode, payload.length, key);
    int from = 0;
    do {
      // Whole words but at the end, so that each piece begins with the key's first byte.
      int count = Math.min(payload.length - from, (piece.length - at) & -Long.BYTES);
      mask(payload, from, count, at, key);
      to.write(piece, 0, at + count);
      from += count;
      at = 0;
    } while (from < payload.length);
  }

  private int header(int opcode, int length, int key) {
    int at = 2;
    int shortLength = length;
    if (length > 0xFFFF) {
      shortLength = 127;
      words.putLong(at, length);
      at += Long.BYTES;
    } else if (length > 125) {
      shortLength = 126;
      words.putShort(at, (short) length);
      at += Short.BYTES;
    }
    piece[0] = (byte) (FIN | opcode);
    piece[1] = (byte) (MASKED | shortLength);
    words.putInt(at, key);
    return at + Integer.BYTES;
  }

  private void mask(byte[] payload, int from, int count, int at, int key) {
    long twice = ((key & 0xFFFF_FFFFL) << 32) | (key & 0xFFFF_FFFFL);
    ByteBuffer source = ByteBuffer.wrap(payload);
    int i = 0;
    for (; i <= count - Long.BYTES; i += Long.BYTES) {
      words.putLong(at + i, source.getLong(from + i) ^ twice);
    }
    for (; i < count; i++) {
      piece[at + i] = (byte) (payload[from + i] ^ (key >>> (24 - 8 * (i & 3))));
    }
  }

  /** Encodes a text, a lone surrogate as U+FFFD, as browsers do. */
  static byte[] utf8(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return utf8WithSurrogates(text);
      }
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] utf8WithSurrogates(String text) {
    try {
      ByteBuffer encoded =
          StandardCharsets.UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPLACE)
              .onUnmappableCharacter(CodingErrorAction.REPLACE)
              .replaceWith(REPLACEMENT)
              .encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new AssertionError("replaces whatever it cannot encode", e);
    }
  }
}
