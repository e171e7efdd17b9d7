package io.eventchannel.okhttp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** What a {@link FrameReader} told, one line each; the end as {@code refused CODE}. */
final class FrameLog implements FrameReader.Sink {
  final List<String> lines = new ArrayList<>();
  String refusal = "";
  int mostHeld;

  /** Reads bytes in pieces of the given sizes, which repeat. */
  static FrameLog read(int limit, byte[] bytes, int... pieces) {
    FrameLog log = new FrameLog();
    FrameReader reader = new FrameReader(limit, "limit", log);
    int i = 0;
    for (int piece = 0; i < bytes.length; piece++) {
      int count = Math.min(pieces[piece % pieces.length], bytes.length - i);
      // In an array of its own, as no reader may look beyond what it is given.
      byte[] padded = new byte[count + 2];
      System.arraycopy(bytes, i, padded, 1, count);
      log.feed(reader, padded, 1, count);
      i += count;
    }
    return log;
  }

  /** Feeds a reader whose sink this is; returns whether it took the bytes. */
  boolean feed(FrameReader reader, byte[] bytes, int offset, int count) {
    try {
      reader.feed(bytes, offset, count);
    } catch (FrameException refused) {
      lines.add("refused " + refused.closeCode());
      refusal = refused.getMessage();
      return false;
    } finally {
      mostHeld = Math.max(mostHeld, reader.held());
    }
    return true;
  }

  @Override
  public void onText(byte[] bytes, int offset, int length) {
    lines.add("text " + shortened(new String(bytes, offset, length, StandardCharsets.UTF_8)));
  }

  @Override
  public void onBinary(byte[] bytes, int offset, int length) {
    lines.add(binary(Arrays.copyOfRange(bytes, offset, offset + length)));
  }

  static String binary(byte[] bytes) {
    return "binary " + shortened(HexFormat.of().formatHex(bytes));
  }

  static String shortened(String text) {
    return text.length() <= 200 ? text : text.length() + " characters, " + text.hashCode();
  }

  @Override
  public void onPing(byte[] payload) {
    lines.add("ping " + HexFormat.of().formatHex(payload));
  }

  @Override
  public void onPong() {
    lines.add("pong");
  }

  @Override
  public void onClose(int code, String reason) {
    lines.add("close " + code + " " + reason);
  }
}
