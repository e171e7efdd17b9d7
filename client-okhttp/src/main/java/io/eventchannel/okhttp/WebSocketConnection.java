package io.eventchannel.okhttp;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import io.eventchannel.transport.Scheduler;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okio.Buffer;
import okio.Socket;
import okio.Source;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket, on the stream that OkHttp hands out when a call is upgraded. OkHttp's callback
 * thread reads it to its end; {@link FrameSender} writes. The end is told once, by whoever sees it
 * first.
 *
 * <p>An orderly end is told when our close frame is under way: afterwards the reader only waits for
 * the peer to end the stream, which is cut if that takes too long (RFC 6455, section 7.1.1).
 */
final class WebSocketConnection implements Connection, Callback {
  private static final int READ_BYTES = 8192;

  private final WebSocketSettings settings;
  private final ConnectRequest request;
  private final SerialListener listener;
  private final UpgradeHandshake handshake;
  private final Call call;
  private final ReadGate gate = new ReadGate();

  // Written by the reader before the connection is told open, and only then read by others.
  private volatile MessageFormat format = MessageFormat.RAW;
  private volatile @Nullable FrameSender sender;

  // Guarded by this.
  private boolean saidGoodbye;
  private boolean isFree;
  private Scheduler.@Nullable Cancellable cut;

  /**
   * Creates one, which does nothing yet.
   *
   * @throws IllegalArgumentException if the URL or a header is malformed
   */
  WebSocketConnection(
      OkHttpClient client,
      WebSocketSettings settings,
      ConnectRequest request,
      ConnectionListener listener) {
    this.settings = settings;
    this.request = request;
    this.listener = new SerialListener(listener);
    this.handshake = new UpgradeHandshake(request, settings.keys);
    this.call = client.newCall(handshake.request());
    // OkHttp counts up to the upgrade and no further.
    call.timeout().timeout(Math.max(1, request.connectTimeoutNanos()), TimeUnit.NANOSECONDS);
  }

  /** Begins the handshake. */
  void begin() {
    call.enqueue(this);
  }

  @Override
  public void onFailure(Call failed, IOException cause) {
    if (cause instanceof ProxyRefusals.ProxyRefusal) {
      onResponse(failed, ((ProxyRefusals.ProxyRefusal) cause).response());
      return;
    }
    Kind kind = Kind.NETWORK;
    if (cause instanceof ProtocolException) {
      kind = Kind.BAD_HANDSHAKE;
    } else if (cause instanceof InterruptedIOException
        && !(cause.getCause() instanceof RejectedExecutionException)) {
      kind = Kind.CONNECT_TIMEOUT;
    }
    end(reason(kind, cause));
  }

  @Override
  public void onResponse(Call answered, Response response) {
    Socket socket = response.socket();
    try (Response closing = response) {
      ConnectionEnd refusal = handshake.refusal(closing, settings.scheduler.currentTimeMillis());
      if (refusal == null && socket != null) {
        converse(closing, socket);
        return;
      }
      end(Objects.requireNonNull(refusal, "a handshake without a stream is refused"));
      if (closing.code() == 101) {
        call.cancel(); // should an interceptor have kept the stream
      }
    } catch (RuntimeException broken) {
      // An interceptor of the caller's, most likely. OkHttp would let it end the thread, which ends
      // an Android process, and nobody would hear of the end of this connection.
      end(reason(Kind.NETWORK, broken));
    } catch (Error broken) { // out of memory, most likely
      end(reason(Kind.NETWORK, broken));
      throw broken;
    } finally {
      if (socket != null) {
        free(socket);
      }
    }
  }

  private void converse(Response response, Socket socket) {
    format = MessageFormat.of(response);
    sender =
        new FrameSender(
            socket.getSink(),
            settings.writeTimeoutNanos,
            settings.writers,
            new FrameWriter(settings.keys),
            this::giveUp);
    listener.onOpen(format.info());
    try {
      read(socket.getSource());
      end(CloseReason.closeCode(1006, "ended without a close frame"));
    } catch (IOException cut) {
      end(reason(Kind.NETWORK, cut));
    }
  }

  /** Reads to the end of the stream; what comes after the end was told is dropped. */
  private void read(Source source) throws IOException {
    MessageTeller teller =
        new MessageTeller(format, request.maxEventBytes(), listener, new Answers());
    Buffer buffer = new Buffer();
    gate.pass();
    while (source.read(buffer, READ_BYTES) >= 0) {
      if (!listener.isEnded()) {
        try {
          teller.tell(buffer);
        } catch (FrameException refused) {
          sayGoodbye(refused.closeCode(), "", false);
          end(refused.reason());
        }
      }
      buffer.clear();
      gate.pass();
    }
  }

  /** Frees the stream; after a goodbye, only when that is out or its time is over. */
  private void free(Socket socket) {
    boolean orderly;
    synchronized (this) {
      orderly = saidGoodbye;
    }
    if (!orderly) {
      call.cancel();
    }
    try {
      socket.getSource().close();
    } catch (IOException e) {
      // It is at its end.
    }
    FrameSender writing = sender;
    if (writing != null) {
      writing.release(this::freed);
    } else {
      try {
        socket.getSink().close();
      } catch (IOException e) {
        // It was cancelled.
      }
    }
  }

  private void freed() {
    Scheduler.Cancellable pending;
    synchronized (this) {
      isFree = true;
      pending = cut;
      cut = null;
    }
    if (pending != null) {
      pending.cancel();
    }
  }

  /**
   * Sends a close frame, after which nothing else is sent, and cuts the stream if the peer does not
   * end it in time. False if there was nothing to send it over.
   */
  private boolean sayGoodbye(int code, String reason, boolean afterMessages) {
    FrameSender writing = sender;
    synchronized (this) {
      if (writing == null || isFree || saidGoodbye) {
        return saidGoodbye;
      }
      saidGoodbye = true;
      cut = settings.scheduler.schedule(call::cancel, settings.closeTimeoutNanos);
    }
    writing.close(code, reason, afterMessages);
    return true;
  }

  private void end(CloseReason reason) {
    end(ConnectionEnd.of(reason));
  }

  private void end(ConnectionEnd end) {
    gate.release();
    listener.onClosed(end);
  }

  /** Ends the connection without a goodbye. */
  private void giveUp(CloseReason reason) {
    end(reason);
    call.cancel();
  }

  private static CloseReason reason(Kind kind, Throwable cause) {
    return CloseReason.of(kind, String.valueOf(cause), cause);
  }

  @Override
  public void send(long seq, Event event) {
    FrameSender writing = sender;
    if (writing == null || listener.isEnded()) {
      return; // the engine knows by the connection's end
    }
    MessageFormat as = format;
    if (!writing.send(as.opcode(event), event.weight(), () -> as.encode(seq, event))) {
      giveUp(
          CloseReason.of(
              Kind.NETWORK,
              "send queue: expected at most "
                  + FrameSender.MOST_BYTES
                  + " bytes that the peer does not read, got more"));
    }
  }

  @Override
  public void ping() {
    FrameSender writing = sender;
    if (writing != null) {
      writing.ping();
    }
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
  public void close(int code, String reason) {
    if (listener.isEnded() || !sayGoodbye(code, reason, true)) {
      cancel();
      return;
    }
    end(CloseReason.local(code, reason));
  }

  @Override
  public void cancel() {
    boolean orderly;
    synchronized (this) {
      orderly = saidGoodbye;
    }
    end(CloseReason.of(Kind.LOCAL, "cancelled"));
    if (!orderly) { // a cut would take the close frame with it
      call.cancel();
    }
  }

  /** What this side does by itself when a control frame comes. */
  private final class Answers implements MessageTeller.Control {
    @Override
    public void onPing(byte[] payload) {
      FrameSender writing = sender;
      if (writing != null) {
        writing.pong(payload);
      }
    }

    @Override
    public void onClose(int code, String text) {
      sayGoodbye(code, "", false); // the same code (RFC 6455, section 5.5.1)
      end(CloseReason.closeCode(code, text));
    }
  }
}
