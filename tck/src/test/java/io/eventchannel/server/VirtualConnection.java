package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.codec.ControlData;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.EnvelopeWriter;
import io.eventchannel.codec.SseLimits;
import io.eventchannel.codec.SseParser;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import io.eventchannel.transport.Scheduler;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Both ends of one connection, with what is under way between them. What was given up at one end
 * may still come to the other.
 */
final class VirtualConnection implements Connection, SseParser.Sink {
  static final String PRINCIPAL = "ann";

  private final ChannelEndpoint endpoint;
  private final Scheduler clock;
  private final Handshake.Kind kind;
  private final ConnectRequest request;
  private final ConnectionListener client;
  private final Deque<Runnable> up = new ArrayDeque<>();
  private final Deque<Runnable> down = new ArrayDeque<>();
  private final SseParser parser;

  // The server's end.
  private @Nullable OutletListener server;
  private WireFormat format = WireFormat.JSON;
  private boolean serverGone;

  // The client's end.
  private ByteArrayOutputStream waiting = new ByteArrayOutputStream();
  private boolean posting;
  private boolean clientGone;
  private String position;
  private String channelId = "";

  VirtualConnection(
      ChannelEndpoint endpoint,
      Scheduler clock,
      Handshake.Kind kind,
      ConnectRequest request,
      ConnectionListener client) {
    this.endpoint = endpoint;
    this.clock = clock;
    this.kind = kind;
    this.request = request;
    this.client = client;
    this.position = request.lastEventId();
    this.parser = new SseParser(this, SseLimits.ofEvent(1 << 20), position);
    up.add(this::handshake);
  }

  // ---- the network

  boolean isBusy() {
    return !up.isEmpty() || !down.isEmpty();
  }

  void move(Random random) {
    boolean upwards = down.isEmpty() || (!up.isEmpty() && random.nextBoolean());
    (upwards ? up : down).remove().run();
  }

  /** Loses what is under way, in one direction or in both; both ends notice in the end. */
  void cut(Random random) {
    if (random.nextBoolean()) {
      up.clear();
    }
    down.clear();
    up.add(() -> leave(CloseReason.of(CloseReason.Kind.NETWORK, "cut")));
    down.add(() -> end(CloseReason.of(CloseReason.Kind.NETWORK, "cut")));
  }

  // ---- the server's end

  private static Handshake.Builder head(Handshake.Kind as, @Nullable String channelId) {
    Handshake.Builder head =
        Handshake.builder(as).header("EventChannel-Version", "1").principal(() -> PRINCIPAL);
    return channelId == null ? head : head.header("EventChannel-Id", channelId);
  }

  private void handshake() {
    Handshake.Builder head = head(kind, request.channelId());
    if (!request.lastEventId().isEmpty()) {
      head.header("Last-Event-ID", request.lastEventId());
    }
    if (kind == Handshake.Kind.WEBSOCKET) {
      head.header("Sec-WebSocket-Protocol", "eventchannel.v1.bytes");
    }
    Admission admission = endpoint.admit(head.build());
    Answer refusal = admission.refusal();
    if (refusal != null) {
      down.add(() -> end(CloseReason.httpStatus(refusal.status(), "refused")));
      return;
    }
    format = admission.format();
    ConnectionInfo info = new ConnectionInfo(true, null, -1);
    if (format.isSse()) {
      channelId = Objects.requireNonNull(admission.headers().get("EventChannel-Id"));
      String ack = admission.headers().get("EventChannel-Ack");
      info =
          new ConnectionInfo(true, channelId, 15_000)
              .withAcknowledged(ack == null ? -1 : Long.parseLong(ack));
    }
    ConnectionInfo told = info;
    down.add(() -> tell(() -> client.onOpen(told)));
    server = admission.open(new ServersEnd());
  }

  private void leave(CloseReason reason) {
    OutletListener there = server;
    if (there != null && !serverGone) {
      serverGone = true;
      there.closed(reason);
    }
  }

  /** Where the server writes. */
  private final class ServersEnd implements Outlet {
    @Override
    public @Nullable Executor executor() {
      return null;
    }

    @Override
    public WriteResult write(Batch batch) {
      if (serverGone) {
        return WriteResult.DEAD;
      }
      byte[] bytes = Arrays.copyOf(batch.array(), batch.size());
      down.add(() -> tell(() -> read(bytes)));
      return WriteResult.DONE;
    }

    @Override
    public WriteResult ping() {
      if (serverGone) {
        return WriteResult.DEAD;
      }
      down.add(() -> tell(VirtualConnection.this::pinged));
      return WriteResult.DONE;
    }

    @Override
    public void close(int code, String text) {
      CloseReason heard =
          format.isSse()
              ? CloseReason.of(CloseReason.Kind.END_OF_STREAM, "end")
              : CloseReason.closeCode(code, text);
      down.add(() -> end(heard));
      leave(CloseReason.of(CloseReason.Kind.LOCAL, "closed"));
    }

    @Override
    public void abort() {
      CloseReason aborted = CloseReason.of(CloseReason.Kind.NETWORK, "aborted");
      down.add(() -> end(aborted));
      leave(aborted);
    }

    @Override
    public WireFormat format() {
      return format;
    }
  }

  private void pinged() {
    client.onActivity();
    up.add(Objects.requireNonNull(server)::pong);
  }

  // ---- the client's end

  private void tell(Runnable what) {
    if (!clientGone) {
      what.run();
    }
  }

  private void end(CloseReason reason) {
    if (!clientGone) {
      clientGone = true;
      client.onClosed(ConnectionEnd.of(reason));
    }
  }

  private void read(byte[] bytes) {
    if (format.isSse()) {
      parser.feed(bytes, 0, bytes.length);
      client.onActivity();
    } else {
      new EnvelopeReader(1 << 20).read(bytes, 0, bytes.length, (seq, event) -> readEnvelope(event));
    }
  }

  private void readEnvelope(Event event) {
    ControlData data = ControlData.of(event);
    switch (event.type()) {
      case ControlData.ACK:
        client.onAcknowledged(data.number("seq", 0));
        return;
      case ControlData.REFUSED:
        client.onRefused(data.number("seq", 0), data.text("reason", ""));
        return;
      default:
        client.onEvent(event, event.id());
    }
  }

  @Override
  public void onEvent(Event event) {
    boolean moved = event.id() != null && !event.id().equals(position);
    position = moved ? event.id() : position;
    client.onEvent(event, moved ? position : null);
  }

  @Override
  public void onLastEventId(String lastEventId) {
    position = lastEventId;
    client.onPosition(lastEventId);
  }

  @Override
  public void onRetry(long millis) {
    client.onRetryHint(millis);
  }

  @Override
  public void onComment(String text) {}

  @Override
  public void send(long seq, Event event) {
    byte[] line = EnvelopeWriter.encode(seq, event);
    if (clientGone) {
      return;
    }
    if (format.isSse()) {
      waiting.writeBytes(line);
      post();
    } else {
      up.add(
          () -> {
            if (!serverGone) {
              Objects.requireNonNull(server).received(line);
            }
          });
    }
  }

  private void post() {
    if (posting || waiting.size() == 0) {
      return;
    }
    posting = true;
    byte[] body = waiting.toByteArray();
    waiting = new ByteArrayOutputStream();
    Handshake head =
        head(Handshake.Kind.POST, channelId).header("Content-Type", "application/x-ndjson").build();
    // Over a connection of its own, so also when the stream is gone.
    up.add(
        () ->
            endpoint
                .post(head, body)
                .thenAccept(answer -> down.add(() -> tell(() -> answered(answer, body)))));
  }

  private void answered(Answer answer, byte[] body) {
    switch (answer.status()) {
      case 200:
        new EnvelopeReader(1 << 20)
            .read(answer.body(), 0, answer.body().length, (seq, event) -> readEnvelope(event));
        break;
      case 204:
        break;
      case 503: // one that was held up on its way came behind this one: the same again (rule U-7)
        byte[] later = waiting.toByteArray();
        waiting = new ByteArrayOutputStream();
        waiting.writeBytes(body);
        waiting.writeBytes(later);
        break;
      case 404:
        end(CloseReason.of(CloseReason.Kind.NETWORK, "POST: the server lost the channel"));
        return;
      case 429:
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        again.writeBytes(body);
        again.writeBytes(waiting.toByteArray());
        waiting = again;
        long seconds = Long.parseLong(answer.headers().get("Retry-After"));
        clock.schedule(() -> tell(this::postAgain), seconds * 1_000_000_000);
        return;
      default:
        throw new AssertionError("POST was answered " + answer.status());
    }
    posting = false;
    client.onAcknowledged(Long.parseLong(answer.headers().get("EventChannel-Ack")));
    post();
  }

  private void postAgain() {
    posting = false;
    post();
  }

  @Override
  public void pauseReading() {}

  @Override
  public void resumeReading() {}

  @Override
  public void close(int code, String reason) {
    giveUp(
        format.isSse()
            ? CloseReason.of(CloseReason.Kind.NETWORK, "the stream was left")
            : CloseReason.closeCode(code, reason));
  }

  @Override
  public void cancel() {
    giveUp(CloseReason.of(CloseReason.Kind.NETWORK, "reset"));
  }

  private void giveUp(CloseReason told) {
    if (!clientGone) {
      up.add(() -> leave(told));
      end(CloseReason.of(CloseReason.Kind.LOCAL, "given up"));
    }
  }
}
