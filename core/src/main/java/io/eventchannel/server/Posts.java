package io.eventchannel.server;

import io.eventchannel.LimitExceededException;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.WireFormat;
import java.io.ByteArrayOutputStream;
import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Upstream events by POST: the same envelopes as over WebSocket, answered by a status. */
final class Posts {
  private static final byte[] EMPTY = new byte[0];

  private final EndpointSettings settings;
  private final Answers answers;
  private final Admissions admissions;
  private final Channels channels;

  Posts(EndpointSettings settings, Answers answers, Admissions admissions, Channels channels) {
    this.settings = settings;
    this.answers = answers;
    this.admissions = admissions;
    this.channels = channels;
  }

  CompletionStage<Answer> post(Handshake handshake, byte[] body) {
    Answer refusal = refusalOfHead(handshake);
    if (refusal == null && body.length > settings.maxUpstreamBytes) {
      refusal =
          abandon(handshake, 413, "body: expected at most " + settings.maxUpstreamBytes + " bytes");
    }
    ServerChannel channel = refusal == null ? channelOf(handshake) : null;
    if (refusal != null || channel == null) {
      return CompletableFuture.completedFuture(refusal != null ? refusal : unknown(handshake));
    }
    return take(handshake, channel, body);
  }

  private @Nullable ServerChannel channelOf(Handshake handshake) {
    String id = handshake.header(Answers.CHANNEL);
    ServerChannel channel = id == null ? null : channels.find(id);
    boolean own =
        channel != null && Objects.equals(channel.principal(), nameOf(handshake.principal()));
    return own ? channel : null;
  }

  /** One answer for unknown and for not yours. */
  private Answer unknown(Handshake handshake) {
    return answers.refusal(handshake, 404, Answers.CHANNEL + ": unknown channel");
  }

  /** Who asks, by name: a container may make a new object for the same user at each request. */
  static @Nullable String nameOf(@Nullable Principal principal) {
    return principal == null ? null : principal.getName();
  }

  /** The answer to a head that is refused whatever the body, or null. */
  @Nullable Answer refusalOfHead(Handshake handshake) {
    Answer source = answers.refusalOfSource(handshake);
    if (source != null) {
      return source;
    }
    List<String> types = handshake.headers("Content-Type");
    if (types.size() != 1 || !isLines(types.get(0))) {
      return answers.refusal(
          handshake, 415, "Content-Type: expected application/x-ndjson or application/json");
    }
    Answer refusal = admissions.refusalOf(admissions.authorize(handshake), handshake);
    if (refusal != null) {
      return refusal;
    }
    ServerChannel channel = channelOf(handshake);
    return channel == null ? unknown(handshake) : overRate(handshake, channel);
  }

  /** The answer to a channel whose events before these were over the rate, or null. */
  private @Nullable Answer overRate(Handshake handshake, ServerChannel channel) {
    channel.heard();
    Uplink uplink = channel.uplink();
    long wait = uplink.waitNanos();
    if (wait == 0) {
      return null;
    }
    Map<String, String> headers = answers.common(handshake);
    headers.put(Answers.ACK, Long.toString(uplink.ack()));
    headers.put("Retry-After", Answers.seconds(wait / 1_000_000));
    return Answer.text(429, headers, uplink.overRate());
  }

  /** The answer to a body that is not taken in to its end, or not in time. */
  Answer abandon(Handshake handshake, int status, String line) {
    Map<String, String> headers = answers.common(handshake);
    ServerChannel channel = channelOf(handshake);
    if (channel != null) {
      headers.put(Answers.ACK, Long.toString(channel.uplink().ack()));
    }
    return Answer.text(status, headers, OneLine.of(line));
  }

  private static boolean isLines(String contentType) {
    int parameters = contentType.indexOf(';');
    String type = parameters < 0 ? contentType : contentType.substring(0, parameters);
    type = type.trim().toLowerCase(Locale.ROOT);
    return type.equals("application/x-ndjson") || type.equals("application/json");
  }

  private CompletionStage<Answer> take(Handshake handshake, ServerChannel channel, byte[] body) {
    Uplink uplink = channel.uplink();
    Reply reply = new Reply();
    Uplink.Outcome outcome = uplink.take(body, reply);
    for (Uplink.Refusal refusal : outcome.refusals) {
      reply.refused(refusal);
    }
    if (!outcome.waits) {
      return CompletableFuture.completedFuture(answer(handshake, uplink, outcome, reply));
    }
    // The calls of a channel are made in order: when this one comes, all of the body is decided.
    CompletableFuture<Answer> result = new CompletableFuture<>();
    channel.calls().add(() -> result.complete(answer(handshake, uplink, outcome, reply)));
    return result;
  }

  private Answer answer(Handshake handshake, Uplink uplink, Uplink.Outcome outcome, Reply reply) {
    Map<String, String> headers = answers.common(handshake);
    headers.put(Answers.ACK, Long.toString(uplink.ack()));
    if (outcome.hole > 0) {
      return Answer.text(409, headers, "seq: expected " + outcome.hole);
    }
    RuntimeException broken = outcome.broken;
    if (broken != null) {
      int status = broken instanceof LimitExceededException ? 413 : 400;
      return Answer.text(status, headers, OneLine.of(broken.getMessage()));
    }
    if (reply.isEmpty()) {
      return new Answer(204, headers, EMPTY);
    }
    headers.put("Content-Type", "application/x-ndjson");
    return new Answer(200, headers, reply.lines());
  }

  /**
   * The refusals of one body. Those at the door are added before the calls begin to be waited for,
   * those of the listener by the calls; the answer is made by a later call of the same order.
   */
  private static final class Reply implements Uplink.Decisions {
    // Guarded by this.
    private final List<Uplink.Refusal> refusals = new ArrayList<>(0);

    @Override
    public synchronized void refused(Uplink.Refusal refusal) {
      refusals.add(refusal);
    }

    @Override
    public void decided(long ack) {}

    synchronized byte[] lines() {
      ByteArrayOutputStream lines = new ByteArrayOutputStream();
      for (Uplink.Refusal refusal : refusals) {
        lines.writeBytes(
            new EncodedEvent(ControlEvents.refused(refusal.seq, refusal.reason))
                .bytes(WireFormat.JSON));
      }
      return lines.toByteArray();
    }

    synchronized boolean isEmpty() {
      return refusals.isEmpty();
    }
  }
}
