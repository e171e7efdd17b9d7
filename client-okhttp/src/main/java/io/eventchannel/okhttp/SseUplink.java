package io.eventchannel.okhttp;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.codec.CloseRules;
import io.eventchannel.codec.ControlData;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.EnvelopeWriter;
import io.eventchannel.transport.Scheduler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * What an SSE channel sends: POSTs of envelopes, one a line, to the stream's URL (protocol rules
 * U-1 to U-9). One is in flight at a time, so events arrive in order; what is sent meanwhile goes
 * with the next one, up to a bound.
 *
 * <p>A number is the same event in each POST that holds it. Whatever is not decided by an answer is
 * posted again; an event that an answer refused as a whole leaves a skip in its place, since only
 * what a server has counted may be followed.
 */
final class SseUplink implements Callback {
  private static final MediaType NDJSON = MediaType.get("application/x-ndjson");
  private static final Event SKIP = Event.of(ControlData.SKIP, "");

  // Half of what a server takes by default, so that a batch never fails by its size alone.
  private static final int MOST_BATCH_BYTES = 128 * 1024;
  private static final int MOST_ANSWER_BYTES = 64 * 1024;

  // As the reconnect policy has it: a broken date must not silence a channel for ever.
  private static final long LONGEST_RETRY_AFTER_MILLIS = TimeUnit.HOURS.toMillis(1);

  private static final long FIRST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_DOUBLINGS = 5; // half a minute

  private static final class Sent {
    final long seq;
    final Event event;

    Sent(long seq, Event event) {
      this.seq = seq;
      this.event = event;
    }

    boolean isSkip() {
      return event.type().equals(ControlData.SKIP); // no application may send the type
    }
  }

  private final OkHttpClient client;
  private final HttpUrl url;
  private final Headers headers;
  private final SerialListener listener;
  private final Scheduler scheduler;
  private final Consumer<? super CloseReason> onLost;

  // All guarded by this. The engine bounds what waits.
  private final ArrayDeque<Sent> waiting = new ArrayDeque<>(); // by number
  private List<Sent> batch = new ArrayList<>(); // what the POST in flight holds
  private @Nullable Call inFlight;
  private Scheduler.@Nullable Cancellable timer;
  private boolean held; // until the timer is due
  private int failures; // in a row
  private int holes; // in a row
  private long aloneUpTo; // events up to this number are posted one by one
  private boolean cancelled;

  SseUplink(
      OkHttpClient client,
      HttpUrl url,
      Headers callerHeaders,
      @Nullable String channelId,
      SerialListener listener,
      Scheduler scheduler,
      Consumer<? super CloseReason> onLost) {
    this.client = client;
    this.url = url;
    // With a wish of the caller's for a compressed stream, OkHttp would leave answers compressed.
    Headers.Builder all =
        callerHeaders.newBuilder().removeAll("Accept-Encoding").set(Wire.VERSION, "1");
    if (channelId != null) {
      all.set(Wire.ID, channelId);
    }
    this.headers = all.build();
    this.listener = listener;
    this.scheduler = scheduler;
    this.onLost = onLost;
  }

  void send(long seq, Event event) {
    synchronized (this) {
      if (cancelled) {
        return; // the engine knows by the connection's end
      }
      waiting.add(new Sent(seq, event));
    }
    postNext(false);
  }

  void cancel() {
    Call current;
    synchronized (this) {
      cancelled = true;
      waiting.clear();
      current = inFlight;
      stopTimer();
    }
    if (current != null) {
      current.cancel();
    }
  }

  /** Guarded by this. */
  private void stopTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    held = false;
  }

  private void due() {
    synchronized (this) {
      timer = null;
      held = false;
    }
    postNext(true);
  }

  private void postNext(boolean waited) {
    try {
      Call next = nextCall(waited);
      if (next != null) {
        next.enqueue(this);
      }
    } catch (RuntimeException | Error broken) { // no thread: OkHttp forgets it, and calls nobody
      onLost.accept(CloseReason.of(Kind.NETWORK, "POST: could not be made: " + broken, broken));
    }
  }

  private @Nullable Call nextCall(boolean waited) {
    synchronized (this) {
      if (cancelled || inFlight != null || held || waiting.isEmpty()) {
        return null;
      }
      if (!waited && waiting.getLast().isSkip()) {
        // Nobody waits for skips. They go with the next event, or by and by: a server that refuses
        // each POST would get one after the other.
        waitFor(0);
        return null;
      }
      stopTimer();
      RequestBody body = RequestBody.create(fillBatch(), NDJSON);
      Call next =
          client.newCall(new Request.Builder().url(url).headers(headers).post(body).build());
      inFlight = next;
      return next;
    }
  }

  /** Sets the timer; guarded by this. */
  private void waitFor(long leastNanos) {
    if (timer == null) {
      long backoff = FIRST_WAIT_NANOS << Math.min(failures, MOST_DOUBLINGS);
      timer = scheduler.schedule(this::due, Math.max(backoff, leastNanos));
    }
  }

  private byte[] fillBatch() {
    batch = new ArrayList<>();
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (Sent next = waiting.peek(); next != null; next = waiting.peek()) {
      byte[] line = EnvelopeWriter.encode(next.seq, next.event);
      boolean full = next.seq <= aloneUpTo || lines.size() + line.length > MOST_BATCH_BYTES;
      if (!batch.isEmpty() && full) {
        break;
      }
      lines.write(line, 0, line.length);
      batch.add(waiting.remove());
    }
    return lines.toByteArray();
  }

  @Override
  public void onFailure(Call call, IOException cause) {
    // Nobody knows whether the server took it.
    onLost.accept(CloseReason.of(Kind.NETWORK, "POST failed: " + cause, cause));
  }

  @Override
  public void onResponse(Call call, Response response) {
    CloseReason lost;
    try (Response closing = response) {
      lost = decide(closing);
    } catch (IOException | RuntimeException broken) { // interceptors of the caller's may throw
      lost = CloseReason.of(Kind.NETWORK, "POST: the answer broke off: " + broken, broken);
    } catch (Error broken) { // out of memory, most likely
      onLost.accept(CloseReason.of(Kind.NETWORK, "POST: the answer broke off: " + broken, broken));
      throw broken;
    }
    if (lost != null) {
      onLost.accept(lost);
      return;
    }
    synchronized (this) {
      inFlight = null;
    }
    postNext(false);
  }

  /**
   * Tells what became of the batch, and puts back what is to be posted again (protocol rule U-7);
   * returns why the connection is lost, or null if it is not.
   */
  private @Nullable CloseReason decide(Response response) throws IOException {
    int status = response.code();
    long ack = Wire.number(response.header(Wire.ACK));
    switch (status) {
      case 200:
      case 204:
        return taken(response, ack);
      case 401:
        return CloseReason.httpStatus(401, "POST: " + response.message());
      case 404:
        return CloseReason.of(Kind.NETWORK, "POST: the server lost the channel");
      case 409:
        return hole(ack);
      case 408:
      case 425:
      case 429:
      case 503:
        waitAndPostAgain(response);
        return null;
      default:
        if (status >= 500 && !Wire.isRecognised(response)) {
          // What stands in between does not know whether the server took it.
          waitAndPostAgain(response);
        } else {
          refused(response, ack);
        }
        return null;
    }
  }

  private @Nullable CloseReason taken(Response response, long ack) throws IOException {
    if (ack < 0) {
      return CloseReason.of(
          Kind.PROTOCOL, "POST: expected " + Wire.ACK + " in the answer, got none");
    }
    if (response.code() == 200) {
      tellRefusals(response);
    }
    boolean all;
    synchronized (this) {
      failures = 0;
      holes = 0;
      all = putBack(sent -> sent.seq > ack ? sent : null) == 0;
      if (!all) {
        held = true;
        waitFor(0);
      }
    }
    listener.onAcknowledged(ack);
    return null;
  }

  /** The server counts from {@code ack} on; goes on from there once, if that is here. */
  private @Nullable CloseReason hole(long ack) {
    synchronized (this) {
      long last = batch.get(batch.size() - 1).seq;
      boolean mended = holes == 0 && ack >= batch.get(0).seq - 1 && ack < last;
      holes++;
      if (mended) {
        putBack(sent -> sent.seq > ack ? sent : null);
        return null;
      }
    }
    return CloseReason.closeCode(CloseRules.SEQUENCE_HOLE, "POST: the server lost count");
  }

  private void waitAndPostAgain(Response response) {
    long asked = RetryAfter.millis(response.headers(), scheduler.currentTimeMillis());
    synchronized (this) {
      putBack(sent -> sent);
      held = true;
      long least = Math.min(Math.max(0, asked), LONGEST_RETRY_AFTER_MILLIS);
      waitFor(TimeUnit.MILLISECONDS.toNanos(least));
      failures++;
    }
  }

  /**
   * The server took nothing behind {@code ack}. What it had decided before is posted again, since
   * this answer does not say how.
   */
  private void refused(Response response, long ack) {
    List<Sent> refused = new ArrayList<>();
    synchronized (this) {
      failures++;
      if (response.code() == 413 && batch.size() > 1) { // which one?
        aloneUpTo = batch.get(batch.size() - 1).seq;
        putBack(sent -> sent);
        return;
      }
      putBack(
          sent -> {
            if (sent.seq <= ack) {
              return sent;
            }
            refused.add(sent);
            return new Sent(sent.seq, SKIP);
          });
      if (refused.isEmpty()) { // it refuses what it has decided: not one POST after the other
        held = true;
        waitFor(0);
      }
    }
    for (Sent sent : refused) {
      listener.onRefused(
          sent.seq, "POST was answered " + response.code() + " " + response.message());
    }
  }

  /**
   * Puts the batch before what waits, each event as the function says; null leaves it out. Returns
   * how many it has put. Guarded by this.
   */
  private int putBack(Function<Sent, @Nullable Sent> as) {
    int put = 0;
    for (int i = batch.size() - 1; i >= 0; i--) {
      Sent sent = as.apply(batch.get(i));
      if (sent != null) {
        waiting.addFirst(sent);
        put++;
      }
    }
    batch = new ArrayList<>();
    return put;
  }

  private void tellRefusals(Response response) throws IOException {
    byte[] body = readAtMost(response.body().byteStream());
    new EnvelopeReader(MOST_ANSWER_BYTES)
        .read(
            body,
            0,
            body.length,
            (seq, event) -> {
              if (event.type().equals(ControlData.REFUSED)) {
                ControlData data = ControlData.of(event);
                listener.onRefused(data.number("seq", -1), data.text("reason", "refused"));
              }
            });
  }

  private static byte[] readAtMost(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] buffer = new byte[4096];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      body.write(buffer, 0, n);
      if (body.size() > MOST_ANSWER_BYTES) {
        throw new IOException("expected an answer of at most " + MOST_ANSWER_BYTES + " bytes");
      }
    }
    return body.toByteArray();
  }
}
