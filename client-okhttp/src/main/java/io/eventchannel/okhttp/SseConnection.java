package io.eventchannel.okhttp;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import io.eventchannel.ProtocolException;
import io.eventchannel.codec.SseLimits;
import io.eventchannel.codec.SseParser;
import io.eventchannel.okhttp.ProxyRefusals.ProxyRefusal;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import io.eventchannel.transport.Scheduler;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * One SSE stream. OkHttp's callback thread reads it to its end; where a redirect leads elsewhere,
 * the next call's thread goes on. The end is told once, by whoever sees it first.
 */
final class SseConnection implements Connection, Callback {
  private static final int READ_BYTES = 8192;

  private final StreamClient client;
  private final StreamClient.OnePool onePool;
  private final Scheduler scheduler;
  private final Consumer<? super Response> onResponse;
  private final ConnectRequest request;
  private final SerialListener listener;
  private final ReadGate gate = new ReadGate();
  private final SseRedirects redirects;

  // Guarded by this.
  private @Nullable Call call;
  private @Nullable CloseReason givenUp;
  private Scheduler.@Nullable Cancellable timer;

  // Written by the reader before the connection is told open, and only then read by others.
  private volatile @Nullable SseUplink uplink;

  // Whether others may be on the same socket: over HTTP/2, and as long as nobody knows.
  private volatile boolean mayShareSocket = true;

  SseConnection(
      StreamClient client,
      Scheduler scheduler,
      Consumer<? super Response> onResponse,
      ConnectRequest request,
      SseRedirects redirects,
      ConnectionListener listener) {
    this.client = client;
    this.onePool = client.current();
    this.scheduler = scheduler;
    this.onResponse = onResponse;
    this.request = request;
    this.listener = new SerialListener(listener);
    this.redirects = redirects;
  }

  /**
   * Makes the first call.
   *
   * @throws IllegalArgumentException if the URL or a header is malformed
   */
  void begin() {
    Request first = redirects.first();
    synchronized (this) {
      timer = scheduler.schedule(this::timedOut, request.connectTimeoutNanos());
    }
    try {
      enqueue(first);
    } catch (RuntimeException | Error noThread) { // which whoever begins it hears of
      stopTimer();
      throw noThread;
    }
  }

  private void enqueue(Request next) {
    Call nextCall = onePool.streams.newCall(next);
    synchronized (this) {
      if (givenUp == null) {
        call = nextCall;
      }
    }
    // A call that is cancelled before it begins fails at once, which tells the end.
    if (isGivenUp()) {
      nextCall.cancel();
    }
    nextCall.enqueue(this);
  }

  private void timedOut() {
    leaveSocket();
    giveUp(
        CloseReason.of(
            Kind.CONNECT_TIMEOUT,
            "no response within " + request.connectTimeoutNanos() / 1_000_000 + " ms"));
  }

  /** It may be dead, so no other stream shall be put on it. */
  private void leaveSocket() {
    if (mayShareSocket && !isGivenUp()) {
      client.leave(onePool);
    }
  }

  private synchronized boolean isGivenUp() {
    return givenUp != null;
  }

  /** Ends the connection for a reason of this side; the first reason holds. */
  private void giveUp(CloseReason reason) {
    Call current;
    synchronized (this) {
      if (givenUp != null) {
        return;
      }
      givenUp = reason;
      current = call;
    }
    stopTimer();
    gate.release();
    if (current != null) {
      current.cancel(); // fails the read or the callback, which tells the end
    }
    SseUplink posting = uplink;
    if (posting != null) {
      posting.cancel();
    }
  }

  private void stopTimer() {
    Scheduler.Cancellable pending;
    synchronized (this) {
      pending = timer;
      timer = null;
    }
    if (pending != null) {
      pending.cancel();
    }
  }

  @Override
  public void onFailure(Call failed, IOException cause) {
    if (cause instanceof ProxyRefusal) {
      onResponse(failed, ((ProxyRefusal) cause).response());
      return;
    }
    // OkHttp's own timeouts, which a caller may have set shorter than the channel's. It says the
    // same where an executor takes no task.
    boolean late =
        cause instanceof InterruptedIOException
            && !(cause.getCause() instanceof RejectedExecutionException);
    Kind kind = late ? Kind.CONNECT_TIMEOUT : Kind.NETWORK;
    end(ConnectionEnd.of(CloseReason.of(kind, String.valueOf(cause), cause)));
  }

  @Override
  public void onResponse(Call answered, Response response) {
    try {
      Request next = judge(response);
      if (next != null) {
        enqueue(next);
      }
    } catch (RuntimeException broken) {
      // An interceptor of the caller's, most likely. OkHttp would let it end the thread, which ends
      // an Android process, and nobody would hear of the end of this connection.
      end(ConnectionEnd.of(CloseReason.of(Kind.NETWORK, String.valueOf(broken), broken)));
    } catch (Error broken) { // out of memory, most likely
      end(ConnectionEnd.of(CloseReason.of(Kind.NETWORK, String.valueOf(broken), broken)));
      throw broken;
    }
  }

  /** Reads the response if it is a stream, to its end; returns where it redirects to, or null. */
  private @Nullable Request judge(Response response) {
    mayShareSocket =
        response.protocol() != Protocol.HTTP_1_1 && response.protocol() != Protocol.HTTP_1_0;
    try (Response closing = response) {
      Request next = redirects.follow(closing);
      if (next == null) {
        onResponse.accept(closing);
        ConnectionEnd refusal = refusal(closing);
        end(refusal != null ? refusal : read(closing));
      }
      return next;
    }
  }

  /** Why the response is no stream; null if it is one. */
  private @Nullable ConnectionEnd refusal(Response response) {
    CloseReason reason = StreamHead.whyNoStream(response, redirects.explain(response));
    return reason == null
        ? null
        : new ConnectionEnd(
            reason,
            Wire.isRecognised(response),
            RetryAfter.millis(response.headers(), scheduler.currentTimeMillis()));
  }

  private ConnectionEnd read(Response response) {
    stopTimer();
    if (isGivenUp()) {
      return ConnectionEnd.of(CloseReason.of(Kind.LOCAL, "cancelled"));
    }
    if (redirects.isGet()) {
      uplink =
          new SseUplink(
              onePool.posts,
              response.request().url(),
              redirects.callerHeaders(),
              Wire.channelId(response),
              listener,
              scheduler,
              this::giveUp);
    }
    ConnectionInfo info = Wire.info(response);
    listener.onOpen(redirects.withheldPosition() ? info.withPositionWithheld() : info);
    Telling telling = new Telling();
    boolean recognised = Wire.isRecognised(response);
    SseParser parser =
        new SseParser(
            telling,
            SseLimits.ofEvent(request.maxEventBytes()),
            request.lastEventId(),
            recognised && redirects.asksBase64());
    try (InputStream in = StreamHead.body(response)) {
      byte[] buffer = new byte[READ_BYTES];
      gate.pass();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        telling.told = false;
        parser.feed(buffer, 0, n);
        if (!telling.told) {
          listener.onActivity();
        }
        gate.pass();
      }
      parser.end();
      return new ConnectionEnd(
          CloseReason.of(Kind.END_OF_STREAM, "the stream ended"), recognised, RetryAfter.NONE);
    } catch (LimitExceededException tooLong) {
      return new ConnectionEnd(
          CloseReason.of(Kind.LIMIT, String.valueOf(tooLong.getMessage()), tooLong),
          recognised,
          RetryAfter.NONE);
    } catch (ProtocolException broken) {
      return new ConnectionEnd(
          CloseReason.of(Kind.PROTOCOL, String.valueOf(broken.getMessage()), broken),
          recognised,
          RetryAfter.NONE);
    } catch (IOException cut) {
      return new ConnectionEnd(
          CloseReason.of(Kind.NETWORK, String.valueOf(cut), cut), recognised, RetryAfter.NONE);
    }
  }

  private void end(ConnectionEnd seen) {
    stopTimer();
    CloseReason reason;
    synchronized (this) {
      reason = givenUp;
      givenUp = reason == null ? seen.reason() : reason;
    }
    SseUplink posting = uplink;
    if (posting != null) {
      posting.cancel();
    }
    listener.onClosed(reason == null ? seen : ConnectionEnd.of(reason));
  }

  @Override
  public void send(long seq, Event event) {
    SseUplink posting = uplink;
    if (posting != null) {
      posting.send(seq, event);
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
    giveUp(CloseReason.local(code, reason)); // HTTP has no goodbye that a client could say
  }

  @Override
  public void cancel() {
    leaveSocket();
    giveUp(CloseReason.of(Kind.LOCAL, "cancelled"));
  }

  /** Tells what the parser finds; the last event ID of a stream is the position. */
  private final class Telling implements SseParser.Sink {
    private String position = request.lastEventId();
    private boolean told;

    @Override
    public void onEvent(Event event) {
      String id = event.id() == null ? "" : event.id();
      boolean moved = !id.equals(position);
      position = id;
      told = true;
      listener.onEvent(event, moved ? id : null);
    }

    @Override
    public void onLastEventId(String lastEventId) {
      position = lastEventId;
      told = true;
      listener.onPosition(lastEventId);
    }

    @Override
    public void onRetry(long millis) {
      listener.onRetryHint(millis);
    }

    @Override
    public void onComment(String text) {} // any bytes are told as activity
  }
}
