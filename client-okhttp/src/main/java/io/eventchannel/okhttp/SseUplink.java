package io.eventchannel.okhttp;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.codec.ControlData;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.EnvelopeWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
 * U-1 to U-7). One is in flight at a time, so events arrive in order; what is sent meanwhile goes
 * with the next one, up to a bound.
 *
 * <p>On the wire events are numbered as the server counts: one that a whole POST failed for was
 * never counted there, so the next one takes its number. {@code uncounted} is the difference to the
 * engine's numbers.
 */
final class SseUplink implements Callback {
  private static final MediaType NDJSON = MediaType.get("application/x-ndjson");

  // Half of what a server takes by default, so that a batch never fails by its size alone.
  private static final int MOST_BATCH_BYTES = 128 * 1024;
  private static final int MOST_ANSWER_BYTES = 64 * 1024;

  private static final class Sent {
    final long seq;
    final Event event;

    Sent(long seq, Event event) {
      this.seq = seq;
      this.event = event;
    }
  }

  private final OkHttpClient client;
  private final HttpUrl url;
  private final Headers headers;
  private final SerialListener listener;
  private final Consumer<? super CloseReason> onLost;

  // All guarded by this. The engine bounds what waits.
  private final ArrayDeque<Sent> waiting = new ArrayDeque<>();
  private List<Sent> batch = new ArrayList<>();
  private long uncounted;
  private @Nullable Call inFlight;
  private boolean cancelled;

  SseUplink(
      OkHttpClient client,
      HttpUrl url,
      Headers callerHeaders,
      @Nullable String channelId,
      SerialListener listener,
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
    this.onLost = onLost;
  }

  void send(long seq, Event event) {
    synchronized (this) {
      if (cancelled) {
        return; // the engine knows by the connection's end
      }
      waiting.add(new Sent(seq, event));
    }
    postNext();
  }

  void cancel() {
    Call current;
    synchronized (this) {
      cancelled = true;
      waiting.clear();
      current = inFlight;
    }
    if (current != null) {
      current.cancel();
    }
  }

  private void postNext() {
    Call next;
    synchronized (this) {
      if (cancelled || inFlight != null || waiting.isEmpty()) {
        return;
      }
      RequestBody body = RequestBody.create(fillBatch(), NDJSON);
      next = client.newCall(new Request.Builder().url(url).headers(headers).post(body).build());
      inFlight = next;
    }
    next.enqueue(this);
  }

  private byte[] fillBatch() {
    batch = new ArrayList<>();
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (Sent next = waiting.peek(); next != null; next = waiting.peek()) {
      byte[] line = EnvelopeWriter.encode(next.seq - uncounted, next.event);
      if (!batch.isEmpty() && lines.size() + line.length > MOST_BATCH_BYTES) {
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
    }
    if (lost != null) {
      onLost.accept(lost);
      return;
    }
    synchronized (this) {
      inFlight = null;
    }
    postNext();
  }

  /** Tells what became of the batch; returns why the connection is lost, or null if it is not. */
  private @Nullable CloseReason decide(Response response) throws IOException {
    int status = response.code();
    if (status == 404 || status == 409) {
      return CloseReason.of(
          Kind.NETWORK,
          status == 404 ? "POST: the server lost the channel" : "POST: the server lost count");
    }
    long ack = Wire.number(response.header(Wire.ACK));
    boolean success = status == 200 || status == 204;
    if (success && ack < 0) {
      return CloseReason.of(
          Kind.PROTOCOL, "POST: expected " + Wire.ACK + " in the answer, got none");
    }
    List<Sent> posted;
    long offset;
    synchronized (this) {
      posted = batch;
      offset = uncounted;
    }
    if (status == 200) {
      tellRefusals(response, offset);
    }
    // Without an acknowledgement the server has counted nothing of this batch.
    long decided = ack < 0 ? posted.get(0).seq - 1 : ack + offset;
    long left = 0;
    for (Sent sent : posted) {
      if (sent.seq > decided) {
        left++;
        listener.onRefused(sent.seq, "POST was answered " + status + " " + response.message());
      }
    }
    synchronized (this) {
      uncounted += left;
    }
    listener.onAcknowledged(posted.get(posted.size() - 1).seq);
    return null;
  }

  private void tellRefusals(Response response, long offset) throws IOException {
    byte[] body = readAtMost(response.body().byteStream());
    new EnvelopeReader(MOST_ANSWER_BYTES)
        .read(
            body,
            0,
            body.length,
            (seq, event) -> {
              if (event.type().equals(ControlData.REFUSED)) {
                ControlData data = ControlData.of(event);
                listener.onRefused(data.number("seq", -1) + offset, data.text("reason", "refused"));
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
