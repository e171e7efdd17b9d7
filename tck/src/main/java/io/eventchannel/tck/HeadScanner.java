package io.eventchannel.tck;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Finds the end of the first HTTP head of a stream that comes in pieces. For one thread. */
final class HeadScanner {
  private static final String END = "\r\n\r\n";

  private final ByteArrayOutputStream head = new ByteArrayOutputStream();
  private int matched;

  /**
   * Takes the next piece.
   *
   * @return how many bytes of it belong to the head; all of them while the head goes on
   */
  int scan(byte[] bytes, int length) {
    int used = 0;
    while (used < length && !isComplete()) {
      byte next = bytes[used++];
      head.write(next);
      matched = next == END.charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
    }
    return used;
  }

  /** Whether the blank line was seen. */
  boolean isComplete() {
    return matched == END.length();
  }

  /** What was seen of the head so far, and nothing behind it. */
  byte[] bytes() {
    return head.toByteArray();
  }

  /** Whether the head is that of a request for a WebSocket. */
  boolean asksForWebSocket() {
    return text().toLowerCase(Locale.ROOT).contains("\r\nupgrade: websocket\r\n");
  }

  /** Whether the head is that of an answer after which the protocol is another one. */
  boolean switchesProtocols() {
    return text().startsWith("HTTP/1.1 101 ");
  }

  private String text() {
    return head.toString(StandardCharsets.ISO_8859_1);
  }
}
