package io.eventchannel.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the {@link NioPeer}: an upgrade makes it a WebSocket, anything else a stream of
 * server-sent events. What the peer sends later is read and forgotten.
 */
final class NioConnection extends Subscriber<NioConnection.Wire> {
  private static final String KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int MOST_HEAD = 8_192;
  private static final int TEXT_FINAL = 0x81;

  private final SocketChannel channel;
  private final SelectionKey key;
  private final ByteBuffer input = ByteBuffer.allocate(MOST_HEAD);
  private boolean open; // the selecting thread's
  private volatile boolean webSocket; // set before it becomes a subscriber

  // Guarded by this: what the socket did not take, and how many events that is.
  private @Nullable ByteArrayOutputStream rest;
  private int restEvents;

  /** One event in both forms, in direct memory, which the system writes without a copy of it. */
  record Wire(ByteBuffer frame, ByteBuffer chunk) {
    static Wire of(long seq, String data) {
      byte[] text = Subscribers.webSocketText(seq, data).getBytes(StandardCharsets.UTF_8);
      byte[] event = Subscribers.sseBytes(seq, data);
      byte[] size =
          (Integer.toHexString(event.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      ByteBuffer frame = ByteBuffer.allocateDirect(text.length + 10).put((byte) TEXT_FINAL);
      if (text.length < 126) {
        frame.put((byte) text.length);
      } else if (text.length < 65_536) {
        frame.put((byte) 126).putShort((short) text.length);
      } else {
        frame.put((byte) 127).putLong(text.length);
      }
      ByteBuffer chunk = ByteBuffer.allocateDirect(size.length + event.length + 2);
      chunk.put(size).put(event).put((byte) '\r').put((byte) '\n');
      return new Wire(frame.put(text).flip(), chunk.flip());
    }
  }

  NioConnection(SocketChannel channel, SelectionKey key) {
    this.channel = channel;
    this.key = key;
  }

  @Override
  synchronized void send(Wire event) throws IOException {
    ByteBuffer bytes = (webSocket ? event.frame() : event.chunk()).duplicate();
    if (rest == null) {
      channel.write(bytes);
      if (!bytes.hasRemaining()) {
        return;
      }
      rest = new ByteArrayOutputStream();
      key.interestOpsOr(SelectionKey.OP_WRITE);
      key.selector().wakeup();
    }
    begin();
    restEvents++;
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    rest.writeBytes(copy);
  }

  /** Writes what is left, as far as the socket takes it. */
  synchronized void writeRest() throws IOException {
    if (rest == null) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(rest.toByteArray());
    channel.write(bytes);
    if (bytes.hasRemaining()) {
      rest.reset();
      rest.write(bytes.array(), bytes.position(), bytes.remaining());
      return;
    }
    rest = null;
    key.interestOpsAnd(~SelectionKey.OP_WRITE);
    for (; restEvents > 0; restEvents--) {
      end();
    }
  }

  /** Reads what has come; returns whether that made it a subscriber. */
  boolean read() throws IOException {
    if (channel.read(input) < 0) {
      throw new EOFException();
    }
    if (open) {
      input.clear();
      return false;
    }
    String head = new String(input.array(), 0, input.position(), StandardCharsets.ISO_8859_1);
    if (!head.endsWith("\r\n\r\n")) {
      if (!input.hasRemaining()) {
        throw new IOException("the head is over " + MOST_HEAD + " bytes");
      }
      return false;
    }
    input.clear();
    open = true;
    String webSocketKey = header(head, "sec-websocket-key");
    webSocket = webSocketKey != null;
    ByteBuffer answer = ByteBuffer.wrap(answer(webSocketKey).getBytes(StandardCharsets.US_ASCII));
    channel.write(answer);
    if (answer.hasRemaining()) {
      throw new IOException("a new connection does not take its answer");
    }
    return true;
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  private static String answer(@Nullable String webSocketKey) {
    if (webSocketKey == null) {
      return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n";
    }
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: "
        + accept(webSocketKey)
        + "\r\n\r\n";
  }

  private static String accept(String webSocketKey) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((webSocketKey + KEY_SUFFIX).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static @Nullable String header(String head, String name) {
    for (String line : head.split("\r\n")) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).toLowerCase(Locale.ROOT).equals(name)) {
        return line.substring(colon + 1).trim();
      }
    }
    return null;
  }
}
