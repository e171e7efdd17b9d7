package io.eventchannel.jakarta;

import io.eventchannel.server.Answer;
import io.eventchannel.server.PostAdmission;
import io.eventchannel.transport.Scheduler;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One POST: reads the body without blocking, up to a limit and a deadline, and writes the answer
 * when the endpoint has it.
 *
 * <p>As in {@link SseOutlet}, whoever touches the request's streams or completes the exchange holds
 * the lock, and the container's error callbacks take it before they return, since the container
 * reuses both for the connection's next request. {@code answered} becomes true once, under the
 * lock, by whoever completes the exchange. The endpoint is called outside the lock. The answer goes
 * into the response's buffer; it is the container, not the thread that brings it, that waits for a
 * peer which does not read it.
 *
 * <p><b>A thread of its own.</b> On Undertow the body comes on the connection's I/O thread, and
 * whoever completes an exchange there writes the answer and reads the rest of the body without end,
 * for all connections of that thread. So the exchange is handed to a worker, and only once the body
 * was read to its end: what is over the limit is read and thrown away, and what is not there at the
 * deadline is cut off on the I/O thread, without an answer. A worker that completes while the I/O
 * thread reads would share its buffers; therefore the deadline is not the container's, which comes
 * on a worker.
 */
final class PostExchange implements ReadListener, AsyncListener {
  private static final int CHUNK_BYTES = 4096;

  private final PostAdmission admission;
  private final AsyncContext async;
  private final HttpServletResponse response;
  private final ServletInputStream in;
  private final String channel;
  private final int maxBytes;
  private final long deadlineMillis;
  private final Home home;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private ByteArrayOutputStream body = new ByteArrayOutputStream(512);
  private int charged; // of the room for bodies
  private boolean handedOver;
  private boolean answered;
  private Scheduler.Cancellable deadline = () -> {};

  // Written by the one thread that reads, before it calls or starts what looks at it.
  private volatile boolean overLimit;
  private volatile boolean noRoom;

  private PostExchange(
      PostAdmission admission,
      int maxBytes,
      AsyncContext async,
      HttpServletResponse response,
      ServletInputStream in,
      String channel,
      long deadlineMillis,
      Home home) {
    this.admission = admission;
    this.async = async;
    this.response = response;
    this.in = in;
    this.channel = channel;
    this.maxBytes = maxBytes;
    this.deadlineMillis = deadlineMillis;
    this.home = home;
  }

  /**
   * Answers the request, now or later; what its head already forbids, without reading a body.
   *
   * @param maxBytes the longest body to read
   * @param deadlineMillis from the head of the request to the answer; what is late is answered, not
   *     waited for
   */
  static void start(
      PostAdmission admission,
      int maxBytes,
      HttpServletRequest request,
      HttpServletResponse response,
      long deadlineMillis,
      Home home)
      throws IOException {
    Answer refusal = admission.refusal();
    if (refusal != null) {
      HttpAnswers.write(response, refusal);
      return;
    }
    if (request.getContentLengthLong() > maxBytes) {
      HttpAnswers.write(response, tooLarge(admission, maxBytes));
      return;
    }
    AsyncContext async = request.startAsync(request, response);
    ServletInputStream in = request.getInputStream();
    String channel = String.valueOf(request.getHeader("EventChannel-Id"));
    PostExchange exchange =
        new PostExchange(admission, maxBytes, async, response, in, channel, deadlineMillis, home);
    async.addListener(exchange);
    if (home.isOwn()) {
      async.setTimeout(0);
      exchange.expireOnOwnThread();
    } else {
      async.setTimeout(deadlineMillis);
    }
    in.setReadListener(exchange);
  }

  /** Where the container's own clock must not end the exchange: begins to count on ours. */
  private void expireOnOwnThread() {
    lock.lock();
    try {
      deadline = home.later(this::expired, deadlineMillis);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onDataAvailable() throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    lock.lock();
    try {
      while (!answered && in.isReady()) {
        int n = in.read(chunk);
        if (n < 0) {
          return; // onAllDataRead follows
        }
        if (!isRefused()) {
          take(chunk, n);
        }
        if (isRefused() && !home.isOwn()) {
          break;
        }
      }
    } finally {
      lock.unlock();
    }
    if (isRefused() && !home.isOwn()) {
      answer(refusal(), null);
    }
  }

  /** Guarded by lock: adds what was read, if there is room for it. */
  private void take(byte[] chunk, int n) {
    if (n > maxBytes - body.size()) {
      overLimit = true;
    } else if (!home.bodies.take(channel, n)) {
      noRoom = true;
    } else {
      charged += n;
      body.write(chunk, 0, n);
      return;
    }
    dropBody();
  }

  /** Guarded by lock: gives up what there is of the body, and its room. */
  private void dropBody() {
    body = new ByteArrayOutputStream(0);
    if (charged > 0) {
      home.bodies.giveBack(channel, charged);
      charged = 0;
    }
  }

  /** Whether the body is not wanted, whatever else comes of it. */
  private boolean isRefused() {
    return overLimit || noRoom;
  }

  private Answer refusal() {
    return overLimit
        ? tooLarge(admission, maxBytes)
        : admission.abandon(503, "too many bodies are on their way");
  }

  @Override
  public void onAllDataRead() {
    byte[] whole;
    lock.lock();
    try {
      if (answered || handedOver) {
        return;
      }
      handedOver = true;
      whole = body.toByteArray();
    } finally {
      lock.unlock();
    }
    if (!home.isOwn()) {
      handOver(whole);
      return;
    }
    try {
      async.start(() -> handOver(whole));
    } catch (RejectedExecutionException e) { // and with the container goes the connection
      ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "the container has stopped", e);
    }
  }

  private void handOver(byte[] whole) {
    if (isRefused()) {
      answer(refusal(), null);
      return;
    }
    try {
      CompletionStage<Answer> answer = admission.take(whole);
      taken(); // the endpoint has a bound of its own for what it holds
      answer.whenComplete(this::answer);
    } catch (RuntimeException | Error e) { // the container's page would show it to the client
      answer(null, e);
    }
  }

  private void taken() {
    lock.lock();
    try {
      dropBody();
    } finally {
      lock.unlock();
    }
  }

  private void answer(@Nullable Answer answer, @Nullable Throwable failure) {
    if (answer == null) {
      ChannelServlet.LOG.log(System.Logger.Level.ERROR, "POST failed", failure);
    }
    end(
        () -> {
          if (answer != null) {
            HttpAnswers.write(response, answer);
          } else {
            HttpAnswers.text(response, 500, "internal error");
          }
        });
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    boolean taken;
    lock.lock();
    try {
      taken = handedOver;
    } finally {
      lock.unlock();
    }
    late(taken);
  }

  private void late(boolean taken) {
    Answer late =
        taken
            ? admission.abandon(503, "the application has not taken the events in time")
            : admission.abandon(408, "body: expected all of it within " + deadlineMillis + " ms");
    end(
        () -> {
          if (!taken) {
            // What is left of the body is not worth a thread that reads it (RFC 9110, 15.5.9).
            response.setHeader("Connection", "close");
          }
          HttpAnswers.write(response, late);
        });
  }

  /** On the connection's own thread: the deadline has passed. */
  private void expired() {
    boolean taken;
    lock.lock();
    try {
      if (answered) {
        return;
      }
      taken = handedOver;
    } finally {
      lock.unlock();
    }
    if (!taken && home.cut()) {
      end(() -> {});
      return;
    }
    try {
      async.start(() -> late(taken));
    } catch (RejectedExecutionException e) { // and with the container goes the connection
      ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "the container has stopped", e);
    }
  }

  /** The container's word that the body cannot be read, from this or the other listener. */
  @Override
  public void onError(Throwable cause) {
    broken();
  }

  @Override
  public void onError(AsyncEvent event) {
    broken();
  }

  private void broken() {
    if (home.isHere()) {
      home.cut(); // or the end would wait here for the rest of the body
    }
    end(() -> {});
  }

  @Override
  public void onComplete(AsyncEvent event) {
    lock.lock(); // waits for a thread that is still inside the response
    try {
      answered = true;
      deadline.cancel();
      dropBody();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}

  private void end(Writing writing) {
    lock.lock();
    try {
      if (answered) {
        return;
      }
      answered = true;
      deadline.cancel();
      dropBody();
      writing.run();
      async.complete();
    } catch (IOException | IllegalStateException e) { // the peer is gone, and the container knows
      ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "answering a POST", e);
    } finally {
      lock.unlock();
    }
  }

  private static Answer tooLarge(PostAdmission admission, int maxBytes) {
    return admission.abandon(413, "body over the limit of " + maxBytes + " bytes");
  }

  /** Writes an answer, under the lock. */
  @FunctionalInterface
  private interface Writing {
    void run() throws IOException;
  }
}
