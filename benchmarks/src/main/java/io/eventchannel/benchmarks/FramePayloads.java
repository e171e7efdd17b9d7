package io.eventchannel.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The messages of a WebSocket, whose fragments are one payload, and its pings. Not thread-safe. It
 * believes the server in what it does not need for a measurement.
 */
final class FramePayloads implements Payloads {
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int FINAL = 0x80;
  private static final int MOST_HEADER = 10;
  private static final int MOST_CONTROL = 125;

  private final Payload payload;
  private final Pings pings;
  private final byte[] header = new byte[MOST_HEADER];
  private final byte[] control = new byte[MOST_CONTROL];
  private int headerLength;
  private long length = -1; // of the frame; -1 while its header is being read
  private long taken;

  /** Answers pings. */
  interface Pings {
    void onPing(byte[] payload, int length) throws IOException;
  }

  FramePayloads(Payload payload, Pings pings) {
    this.payload = payload;
    this.pings = pings;
  }

  @Override
  public void feed(byte[] bytes, int from, int to) throws IOException {
    int at = from;
    while (at < to) {
      if (length < 0) {
        header[headerLength++] = bytes[at++];
        length = lengthOnceKnown();
      } else {
        int end = at + (int) Math.min(length - taken, to - at);
        if (opcode() < CLOSE) {
          payload.feed(bytes, at, end);
        } else {
          System.arraycopy(bytes, at, control, (int) taken, end - at);
        }
        taken += end - at;
        at = end;
      }
      if (taken == length) {
        endFrame();
      }
    }
  }

  private int opcode() {
    return header[0] & 15;
  }

  private long lengthOnceKnown() throws IOException {
    if (headerLength < 2) {
      return -1;
    }
    int first = header[1] & 0xff;
    int more = first < 126 ? 0 : first == 126 ? 2 : 8;
    if (first > 127 || (opcode() >= CLOSE && more > 0)) {
      throw new IOException("a frame that no server sends");
    }
    if (headerLength < 2 + more) {
      return -1;
    }
    long value = more == 0 ? first : 0;
    for (int i = 2; i < 2 + more; i++) {
      value = (value << 8) | (header[i] & 0xff);
    }
    return value;
  }

  private String closeReason() {
    if (length < 2) {
      return "without a code";
    }
    int code = ((control[0] & 0xff) << 8) | (control[1] & 0xff);
    return code + " " + new String(control, 2, (int) length - 2, StandardCharsets.UTF_8);
  }

  private void endFrame() throws IOException {
    if (opcode() == CLOSE) {
      throw new EOFException("the server closed the WebSocket: " + closeReason());
    }
    if (opcode() == PING) {
      pings.onPing(control, (int) length);
    } else if (opcode() < CLOSE && (header[0] & FINAL) != 0) {
      payload.endMessage();
    }
    headerLength = 0;
    length = -1;
    taken = 0;
  }
}
