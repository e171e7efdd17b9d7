package io.eventchannel.tck;

import io.eventchannel.tck.RawFrames.Frame;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The server's end of one connection to a {@link ScriptedServer}: what it reads and writes is what
 * the test says, byte for byte. Every write is flushed as a segment of its own. Every read fails as
 * an {@link AssertionError} when nothing comes within the server's patience. For one thread at a
 * time, but {@link #reset} and {@link #close}, which may come from any.
 */
public final class RawConnection implements AutoCloseable {
  private static final int MAX_FRAME = 16 * 1024 * 1024;

  private final Socket socket;
  private final InputStream in;
  private final Duration patience;
  private final Consumer<RawRequest> requests;

  RawConnection(Socket socket, Duration patience, Consumer<RawRequest> requests)
      throws IOException {
    this.socket = socket;
    this.patience = patience;
    this.requests = requests;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) patience.toMillis());
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** Reads the next request with its body. */
  public RawRequest readRequest() throws IOException {
    RawRequest request;
    try {
      request = RawRequest.read(in);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("expected a request within " + patience, e);
    }
    if (request == null) {
      throw new AssertionError("expected a request, but the client closed the connection");
    }
    requests.accept(request);
    return request;
  }

  /**
   * Reads a request head that must be there, and answers it with an endless event stream: status
   * 200, {@code text/event-stream}, no length.
   *
   * @param headers further header lines, such as {@code "EventChannel-Version: 1"}
   * @return the request
   */
  public RawRequest acceptEventStream(String... headers) throws IOException {
    RawRequest request = readRequest();
    StringBuilder head =
        new StringBuilder("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n");
    appendLines(head, headers);
    write(head.append("Connection: close\r\n\r\n").toString());
    return request;
  }

  /**
   * Reads an upgrade request that must be there, and answers it with status 101 and the right
   * accept key.
   *
   * @param headers further header lines, such as {@code "Sec-WebSocket-Protocol: chat"}
   * @return the request
   */
  public RawRequest acceptWebSocket(String... headers) throws IOException {
    RawRequest request = readRequest();
    String key =
        request
            .header("Sec-WebSocket-Key")
            .orElseThrow(() -> new AssertionError("expected a WebSocket upgrade, got " + request));
    StringBuilder head =
        new StringBuilder(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
    head.append("Sec-WebSocket-Accept: ").append(RawFrames.acceptKey(key)).append("\r\n");
    appendLines(head, headers);
    write(head.append("\r\n").toString());
    return request;
  }

  /** Answers with a status and a body of known length; the connection stays open. */
  public void respond(int status, String body, String... headers) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
    appendLines(head, headers);
    if (status != 204 && status != 304) {
      head.append("Content-Length: ").append(bytes.length).append("\r\n");
    }
    write(head.append("\r\n").append(body).toString());
  }

  private static void appendLines(StringBuilder head, String[] headers) {
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
  }

  /** Writes text as UTF-8. */
  public void write(String text) throws IOException {
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes bytes. */
  public void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Writes a frame without a mask, as a server does. */
  public void write(Frame frame) throws IOException {
    write(RawFrames.fromServer(frame));
  }

  /** Reads the next frame, which must come. */
  public Frame readFrame() throws IOException {
    try {
      return RawFrames.read(in, MAX_FRAME);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("expected a frame within " + patience, e);
    }
  }

  /** Waits until the latch is open, and meanwhile neither reads nor writes. */
  public void stallUntil(CountDownLatch told) throws InterruptedException {
    if (!told.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new AssertionError("stalled, and was not told to go on within " + patience);
    }
  }

  /** Reads and drops bytes until the client ends the connection, by FIN or RST. */
  public void awaitEnd() {
    byte[] dropped = new byte[8192];
    try {
      while (in.read(dropped) >= 0) {}
    } catch (SocketTimeoutException e) {
      throw new AssertionError("expected the client to end the connection within " + patience, e);
    } catch (IOException e) {
      // A reset is an end, too.
    }
  }

  /** Ends this direction by FIN; the other may go on. */
  public void finish() throws IOException {
    socket.shutdownOutput();
  }

  /** Ends the connection by RST. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Ends the connection in both directions: by FIN, unless bytes of the client are unread. */
  @Override
  public void close() throws IOException {
    socket.close();
  }
}
