package io.eventchannel.okhttp;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import io.eventchannel.ProtocolException;
import io.eventchannel.codec.ControlData;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.EnvelopeWriter;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import io.eventchannel.transport.Scheduler;
import java.io.EOFException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import okio.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket. With a server of ours a frame holds envelopes; with any other a frame is the data
 * of one {@code message} event. OkHttp's reader thread tells all but the end, which is told once,
 * by whoever sees it first; afterwards OkHttp's own callbacks mean nothing.
 */
final class WebSocketConnection extends WebSocketListener implements Connection {
  static final String BYTES = "eventchannel.v1.bytes";
  static final String JSON = "eventchannel.v1.json";

  private static final List<String> OFFERED = Arrays.asList(BYTES, JSON);

  private enum Format {
    RAW,
    JSON,
    BYTES
  }

  private final ConnectRequest request;
  private final SerialListener listener;
  private final Scheduler scheduler;
  private final EnvelopeReader reader;
  private final ReadGate gate = new ReadGate();

  // Written by OkHttp's reader before the connection is told open, and only then read by others.
  private volatile Format format = Format.RAW;
  private volatile boolean open;

  // Guarded by this; null until OkHttp has returned it, which may be after its first callbacks.
  private @Nullable WebSocket webSocket;
  private boolean cancelled;
  private boolean saidGoodbye;

  WebSocketConnection(ConnectRequest request, ConnectionListener listener, Scheduler scheduler) {
    this.request = request;
    this.listener = new SerialListener(listener);
    this.scheduler = scheduler;
    this.reader = new EnvelopeReader(request.maxEventBytes());
  }

  /**
   * Begins the handshake.
   *
   * @throws IllegalArgumentException if the URL or a header is malformed
   */
  void begin(OkHttpClient client) {
    WebSocket begun = client.newWebSocket(handshake(), this);
    boolean tooLate;
    synchronized (this) {
      webSocket = begun;
      tooLate = cancelled;
    }
    if (tooLate) {
      begun.cancel();
    }
  }

  private Request handshake() {
    HttpUrl url = Wire.url(request.url());
    if (!request.lastEventId().isEmpty()) {
      url = url.newBuilder().setQueryParameter("lastEventId", request.lastEventId()).build();
    }
    Headers.Builder headers = new Headers.Builder();
    Wire.addTo(headers, request);
    headers.set(Wire.VERSION, "1");
    headers.set("Sec-WebSocket-Protocol", BYTES + ", " + JSON);
    return new Request.Builder().url(url).headers(headers.build()).build();
  }

  @Override
  public void onOpen(WebSocket socket, Response response) {
    String selected = response.header("Sec-WebSocket-Protocol");
    if (selected != null && !OFFERED.contains(selected)) {
      end(
          ConnectionEnd.of(
              CloseReason.of(
                  Kind.BAD_HANDSHAKE,
                  "subprotocol: expected one of " + OFFERED + " or none, got " + selected)));
      socket.cancel();
      return;
    }
    boolean ours = selected != null || Wire.isRecognised(response);
    format = !ours ? Format.RAW : BYTES.equals(selected) ? Format.BYTES : Format.JSON;
    open = true;
    listener.onOpen(ours ? new ConnectionInfo(true, null, -1) : ConnectionInfo.foreign().sending());
  }

  @Override
  public void onMessage(WebSocket socket, String text) {
    gate.pass();
    if (format == Format.RAW) {
      checkedRaw(socket, Utf8.size(text), Event.message(text));
    } else {
      readEnvelopes(socket, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void onMessage(WebSocket socket, ByteString bytes) {
    gate.pass();
    if (format == Format.RAW) {
      checkedRaw(socket, bytes.size(), Event.binary(Event.DEFAULT_TYPE, bytes.toByteArray()));
    } else {
      readEnvelopes(socket, bytes.toByteArray());
    }
  }

  private void checkedRaw(WebSocket socket, long length, Event event) {
    if (length > request.maxEventBytes()) {
      refuse(
          socket,
          1009,
          CloseReason.of(
              Kind.LIMIT,
              "maxEventBytes: expected at most "
                  + request.maxEventBytes()
                  + " in a frame, got "
                  + length));
      return;
    }
    listener.onEvent(event, null);
  }

  private void readEnvelopes(WebSocket socket, byte[] frame) {
    try {
      reader.read(frame, 0, frame.length, (seq, event) -> tell(event));
    } catch (ProtocolException broken) {
      refuse(
          socket, 1007, CloseReason.of(Kind.PROTOCOL, String.valueOf(broken.getMessage()), broken));
    } catch (LimitExceededException tooLong) {
      refuse(
          socket, 1009, CloseReason.of(Kind.LIMIT, String.valueOf(tooLong.getMessage()), tooLong));
    }
  }

  private void tell(Event event) {
    switch (event.type()) {
      case ControlData.ACK:
        listener.onAcknowledged(ControlData.of(event).number("seq", 0));
        return;
      case ControlData.REFUSED:
        ControlData refused = ControlData.of(event);
        listener.onRefused(refused.number("seq", 0), refused.text("reason", "refused"));
        return;
      default:
        listener.onEvent(event, event.id());
    }
  }

  /** Ends the connection because of what the peer sent; says so with a close code. */
  private void refuse(WebSocket socket, int code, CloseReason reason) {
    sayGoodbye(socket, code);
    end(ConnectionEnd.of(reason));
  }

  /**
   * Sends a close frame, and leaves the socket to OkHttp, which frees it with the peer's answer or
   * after its timeout. False if the socket is past that.
   */
  private boolean sayGoodbye(WebSocket socket, int code) {
    boolean accepted = socket.close(code, null);
    synchronized (this) {
      saidGoodbye |= accepted;
    }
    return accepted;
  }

  @Override
  public void onClosing(WebSocket socket, int code, String reason) {
    sayGoodbye(socket, 1000); // else OkHttp keeps the socket until the peer drops it
    end(ConnectionEnd.of(CloseReason.closeCode(code, reason)));
  }

  @Override
  public void onFailure(WebSocket socket, Throwable cause, @Nullable Response response) {
    end(failure(cause, response));
  }

  private ConnectionEnd failure(Throwable cause, @Nullable Response response) {
    if (!open && response != null && response.code() != 101) {
      return new ConnectionEnd(
          CloseReason.httpStatus(response.code(), response.message()),
          Wire.isRecognised(response),
          RetryAfter.millis(response.headers(), scheduler.currentTimeMillis()));
    }
    if (open && cause instanceof EOFException) {
      return ConnectionEnd.of(CloseReason.closeCode(1006, "ended without a close frame"));
    }
    Kind kind = Kind.NETWORK;
    if (cause instanceof java.net.ProtocolException) {
      kind = open ? Kind.PROTOCOL : Kind.BAD_HANDSHAKE;
    } else if (!open && cause instanceof InterruptedIOException) {
      kind = Kind.CONNECT_TIMEOUT;
    }
    return ConnectionEnd.of(CloseReason.of(kind, String.valueOf(cause), cause));
  }

  private void end(ConnectionEnd end) {
    gate.release();
    listener.onClosed(end);
  }

  @Override
  public void send(long seq, Event event) {
    WebSocket socket = current();
    if (socket != null && !sendFrame(socket, seq, event)) {
      end(
          ConnectionEnd.of(
              CloseReason.of(Kind.NETWORK, "the connection takes no more frames to send")));
      socket.cancel();
    }
  }

  private boolean sendFrame(WebSocket socket, long seq, Event event) {
    if (format == Format.RAW) {
      return event.isBinary()
          ? socket.send(ByteString.of(event.bytes()))
          : socket.send(event.data());
    }
    byte[] envelope = EnvelopeWriter.encode(seq, event);
    return (event.isBinary() || format == Format.BYTES)
        ? socket.send(ByteString.of(envelope))
        : socket.send(new String(envelope, StandardCharsets.UTF_8));
  }

  private synchronized @Nullable WebSocket current() {
    return webSocket;
  }

  @Override
  public void pauseReading() {
    gate.pause();
  }

  @Override
  public void resumeReading() {
    gate.resume();
  }

  @Override
  public void close() {
    WebSocket socket = current();
    if (!open || socket == null || listener.isEnded() || !sayGoodbye(socket, 1000)) {
      cancel();
      return;
    }
    end(ConnectionEnd.of(CloseReason.of(Kind.LOCAL, "closed")));
  }

  @Override
  public void cancel() {
    WebSocket socket;
    synchronized (this) {
      cancelled = true;
      socket = saidGoodbye ? null : webSocket; // a cut would take the close frame with it
    }
    end(ConnectionEnd.of(CloseReason.of(Kind.LOCAL, "cancelled")));
    if (socket != null) {
      socket.cancel();
    }
  }
}
