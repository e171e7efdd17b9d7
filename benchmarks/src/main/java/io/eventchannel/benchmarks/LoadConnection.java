package io.eventchannel.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One connection of the {@link LoadClient}: its handshake, and then what comes. One thread's. */
final class LoadConnection {
  private static final int MOST_HEAD = 8_192;
  private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int PONG = 0x8a;
  private static final int MASKED = 0x80;

  private final SocketChannel channel;
  private final byte[] request;
  private final Subscription subscription;
  private final Sink sink;
  private final boolean webSocket;
  private final ByteArrayOutputStream head = new ByteArrayOutputStream();
  private int matched; // of END_OF_HEAD
  private @Nullable Payloads payloads; // from the end of the handshake
  private @Nullable WholeEvents wholeEvents; // likewise, if the subscription resumes

  /** Is told of every event. */
  interface Sink {
    void onEvent(LoadConnection connection, long seq, long ts);
  }

  private LoadConnection(
      SocketChannel channel, LoadTarget target, Subscription subscription, Sink sink) {
    this.channel = channel;
    this.webSocket = target.webSocket();
    this.request = target.request(subscription.query, subscription.lastId);
    this.subscription = subscription;
    this.sink = sink;
  }

  static LoadConnection open(
      Selector selector, LoadTarget target, Subscription subscription, Sink sink)
      throws IOException {
    SocketChannel channel = SocketChannel.open();
    LoadConnection connection = new LoadConnection(channel, target, subscription, sink);
    if (subscription.receiveBuffer > 0) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, subscription.receiveBuffer);
    }
    channel.configureBlocking(false);
    channel.connect(target.address());
    channel.register(selector, SelectionKey.OP_CONNECT, connection);
    return connection;
  }

  Subscription subscription() {
    return subscription;
  }

  /** Sends the handshake on a socket that is connected now. */
  void connected(SelectionKey key) throws IOException {
    channel.finishConnect();
    write(ByteBuffer.wrap(request));
    key.interestOps(SelectionKey.OP_READ);
  }

  /**
   * Reads what has come, by way of that buffer, which has an array.
   *
   * @return whether that ended the handshake
   * @throws IOException if the connection is at its end
   */
  boolean read(ByteBuffer buffer) throws IOException {
    buffer.clear();
    if (channel.read(buffer) < 0) {
      throw new EOFException("the server ended the connection");
    }
    byte[] bytes = buffer.array();
    Payloads opened = payloads;
    if (opened != null) {
      opened.feed(bytes, 0, buffer.position());
      return false;
    }
    for (int i = 0; i < buffer.position(); i++) {
      head.write(bytes[i]);
      matched = bytes[i] == END_OF_HEAD[matched] ? matched + 1 : bytes[i] == '\r' ? 1 : 0;
      if (matched == END_OF_HEAD.length) {
        opened = payloadsBehind(head.toString(StandardCharsets.ISO_8859_1));
        payloads = opened;
        opened.feed(bytes, i + 1, buffer.position());
        return true;
      }
    }
    if (head.size() > MOST_HEAD) {
      throw new IOException("the head of the answer is over " + MOST_HEAD + " bytes");
    }
    return false;
  }

  private Payloads payloadsBehind(String answer) throws IOException {
    String expected = webSocket ? "HTTP/1.1 101 " : "HTTP/1.1 200 ";
    if (!answer.startsWith(expected)) {
      throw new IOException("expected " + expected + "but the server answered " + answer);
    }
    Payload payload = payload();
    if (webSocket) {
      return new FramePayloads(payload, this::pong);
    }
    return answer.toLowerCase(Locale.ROOT).contains("\r\ntransfer-encoding: chunked\r\n")
        ? new ChunkedPayloads(payload)
        : payload::feed;
  }

  private Payload payload() {
    Markers.Sink markers = (seq, ts) -> sink.onEvent(this, seq, ts);
    if (!subscription.resumes) {
      return new Markers(markers);
    }
    WholeEvents whole = new WholeEvents(webSocket, markers);
    wholeEvents = whole;
    return whole;
  }

  private void pong(byte[] payload, int length) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(2 + 4 + length);
    frame.put((byte) PONG).put((byte) (MASKED | length));
    frame.putInt(0); // a mask that leaves the payload as it is
    write(frame.put(payload, 0, length).flip());
  }

  private void write(ByteBuffer bytes) throws IOException {
    channel.write(bytes);
    if (bytes.hasRemaining()) {
      throw new IOException("a socket does not take " + bytes.remaining() + " bytes");
    }
  }

  /** Reads no more, and leaves the socket open. */
  void stopReading(Selector selector) {
    channel.keyFor(selector).interestOps(0);
  }

  /** Closes the socket so that the server is told of a reset, whatever is under way. */
  void reset() {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException e) {
      throw new IllegalStateException("a socket cannot be reset", e);
    }
    close();
  }

  void close() {
    WholeEvents events = wholeEvents;
    if (events != null && events.lastId() != null) {
      subscription.lastId = events.lastId();
    }
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }
}
