package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1 client that hides nothing: the test writes the bytes of its requests and sees those of
 * the answers. Reads fail after ten seconds of silence.
 */
final class RawHttp implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;

  private static final String POSITION = "id: .*\nevent: eventchannel\\.position\ndata:\n\n";

  // With ?envelope=json.
  private static final String POSITION_ENVELOPE =
      "id: .*\ndata: \\{\"id\":\"[^\"]*\",\"event\":\"eventchannel\\.position\",\"data\":\"\"}\n\n";

  private final Socket socket;
  private final InputStream in;
  private int chunkLeft; // of a chunked body: bytes of the current chunk not read yet
  private long bodyLeft; // of a body with a length: bytes not read yet; else as good as endless
  private boolean chunkEndOwed;
  private boolean chunked;
  private boolean finalChunk;
  private boolean positioned; // whether the body has told where its stream stands
  private @Nullable InputStream decoded; // of a compressed body: what it holds

  private RawHttp(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  static RawHttp connect(int port) throws IOException {
    return connect(port, 0);
  }

  /**
   * Connects with a receive buffer of that size, so that a client which does not read soon blocks.
   */
  static RawHttp connect(int port, int receiveBufferBytes) throws IOException {
    Socket socket = new Socket();
    if (receiveBufferBytes > 0) {
      socket.setReceiveBufferSize(receiveBufferBytes);
    }
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
    return new RawHttp(socket);
  }

  /** Sends a request without a body; headers are whole lines. */
  RawHttp send(String method, String target, String... headers) throws IOException {
    StringBuilder request = new StringBuilder(method).append(' ').append(target);
    request.append(" HTTP/1.1\r\nHost: 127.0.0.1:").append(socket.getPort()).append("\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    return send(request.append("\r\n").toString().getBytes(UTF_8));
  }

  /** Sends a request with a body of known length. */
  RawHttp post(String target, byte[] body, String... headers) throws IOException {
    List<String> all = new ArrayList<>(List.of(headers));
    all.add("Content-Length: " + body.length);
    send("POST", target, all.toArray(new String[0]));
    return send(body);
  }

  RawHttp send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** Reads the head of an answer; what follows is its body. */
  Head head() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      lines.add(line);
    }
    Head head = new Head(lines);
    chunked = "chunked".equalsIgnoreCase(head.header("Transfer-Encoding"));
    chunkLeft = 0;
    chunkEndOwed = false;
    finalChunk = false;
    positioned = false;
    decoded = null;
    String length = head.header("Content-Length");
    bodyLeft = length == null ? Long.MAX_VALUE : Long.parseLong(length);
    return head;
  }

  /** Reads a body that has a length or an end. */
  String body() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int b = decodedByte(); b >= 0; b = decodedByte()) {
      body.write(b);
    }
    return body.toString(UTF_8);
  }

  /**
   * Reads one block of an event stream, up to its blank line; null at the end of the body. A
   * position that comes as a heartbeat, which may be at any moment between the first one and the
   * goodbye, is left out.
   */
  @Nullable String block() throws IOException {
    String block = blockOrHeartbeat();
    while (positioned && block != null && isPosition(block)) {
      block = blockOrHeartbeat();
    }
    return seen(block);
  }

  private @Nullable String seen(@Nullable String block) {
    if (block != null) {
      positioned |= isPosition(block);
      positioned &= !block.contains("event: eventchannel.goodbye\n"); // nothing may follow it
    }
    return block;
  }

  private static boolean isPosition(String block) {
    return block.matches(POSITION) || block.matches(POSITION_ENVELOPE);
  }

  /** Reads one block, be it a heartbeat or not. */
  @Nullable String blockOrHeartbeat() throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    int last = 0;
    for (int b = decodedByte(); b >= 0; b = decodedByte()) {
      block.write(b);
      if (b == '\n' && last == '\n') {
        return block.toString(UTF_8);
      }
      last = b;
    }
    if (block.size() > 0) {
      throw new EOFException("the stream ended inside a block: " + block.toString(UTF_8));
    }
    return null;
  }

  /** The body that follows is compressed by gzip; what comes is read as soon as it can be. */
  void gunzip() throws IOException {
    decoded =
        new GZIPInputStream(
            new InputStream() {
              @Override
              public int read() throws IOException {
                return bodyByte();
              }

              @Override
              public int read(byte[] into, int offset, int length) throws IOException {
                int b = bodyByte(); // no more than there is for certain
                if (b < 0) {
                  return -1;
                }
                into[offset] = (byte) b;
                return 1;
              }
            });
  }

  private int decodedByte() throws IOException {
    InputStream from = decoded;
    return from == null ? bodyByte() : from.read();
  }

  /** Reads blocks, also those of heartbeats, until one has a line of that text. */
  String blockWith(String line) throws IOException {
    for (String block = blockOrHeartbeat(); block != null; block = blockOrHeartbeat()) {
      seen(block);
      if (List.of(block.split("\n")).contains(line)) {
        return block;
      }
    }
    throw new EOFException("the stream ended without a line " + line);
  }

  /** Whether a chunked body ended with its final chunk and not just with the connection. */
  boolean endedByFinalChunk() {
    return finalChunk;
  }

  private int bodyByte() throws IOException {
    if (!chunked) {
      return bodyLeft-- > 0 ? in.read() : -1;
    }
    if (finalChunk) {
      return -1;
    }
    if (chunkLeft == 0) {
      if (chunkEndOwed) { // read when it must be there: a server may send it with the next chunk
        line();
      }
      chunkLeft = Integer.parseInt(line().trim(), 16);
      chunkEndOwed = chunkLeft > 0;
      if (chunkLeft == 0) {
        line();
        finalChunk = true;
        return -1;
      }
    }
    int b = in.read();
    if (b < 0) {
      throw new EOFException("the connection ended inside a chunk");
    }
    chunkLeft--;
    return b;
  }

  byte[] bytes(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("expected " + count + " bytes, got " + bytes.length);
    }
    return bytes;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ended after: " + line.toString(ISO_8859_1));
      }
      line.write(b);
    }
    String text = line.toString(ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  /** The next byte of the connection; -1 at its end. */
  int read() throws IOException {
    return in.read();
  }

  void timeout(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  /** Ends the connection with a reset. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** Status line and headers of an answer. */
  static final class Head {
    private final List<String> lines;

    Head(List<String> lines) {
      this.lines = lines;
    }

    int status() {
      return Integer.parseInt(lines.get(0).split(" ")[1]);
    }

    /** The value of a header, its name in any case; null if absent. */
    @Nullable String header(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      for (String line : lines.subList(1, lines.size())) {
        if (line.toLowerCase(Locale.ROOT).startsWith(prefix)) {
          return line.substring(prefix.length()).trim();
        }
      }
      return null;
    }

    /** The line of the header that names the channel, to be sent with requests for it. */
    String channel() {
      return "EventChannel-Id: " + header("EventChannel-Id");
    }

    @Override
    public String toString() {
      return String.join(" | ", lines);
    }
  }
}
