package io.eventchannel.server;

import io.eventchannel.LimitExceededException;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.transport.Scheduler;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Upstream events by POST: the same envelopes as over WebSocket, answered by a status. */
final class Posts {
  private static final byte[] EMPTY = new byte[0];

  // Clients bound what they read of an answer, those of ours at 64 KiB. What does not fit is behind
  // the number that the answer tells, so it is asked for again.
  private static final int MOST_REFUSAL_BYTES = 48 * 1024;

  private static final String ASKED_AGAIN = "events: asked about again by a later request";

  private final EndpointSettings settings;
  private final Answers answers;
  private final Authorizations authorizations;
  private final Channels channels;
  private final Scheduler scheduler;

  Posts(
      EndpointSettings settings,
      Answers answers,
      Authorizations authorizations,
      Channels channels,
      Scheduler scheduler) {
    this.settings = settings;
    this.answers = answers;
    this.authorizations = authorizations;
    this.channels = channels;
    this.scheduler = scheduler;
  }

  /** Decides about a POST by its head; the stage never fails. */
  CompletionStage<PostAdmission> admit(Handshake handshake) {
    Answer malformed = refusalOfForm(handshake);
    return malformed != null
        ? CompletableFuture.completedFuture(new Post(handshake, malformed, null, null))
        : authorizations.ask(handshake).thenApply(judgement -> post(handshake, judgement));
  }

  private Post post(Handshake handshake, Judgement judgement) {
    Answer refusal = judgement.refusal;
    if (refusal == null) {
      ServerChannel channel = channelOf(handshake, judgement.principal);
      refusal = channel == null ? unknown(handshake) : overRate(handshake, channel);
    }
    return new Post(handshake, refusal, judgement.principal, judgement.expiresAt);
  }

  /** One whose head is decided. */
  private final class Post implements PostAdmission {
    private final Handshake handshake;
    private final @Nullable Answer refusal;
    private final @Nullable String principal;
    private final @Nullable Long expiresAt;

    Post(
        Handshake handshake,
        @Nullable Answer refusal,
        @Nullable String principal,
        @Nullable Long expiresAt) {
      this.handshake = handshake;
      this.refusal = refusal;
      this.principal = principal;
      this.expiresAt = expiresAt;
    }

    @Override
    public @Nullable Answer refusal() {
      return refusal;
    }

    @Override
    public CompletionStage<Answer> take(byte[] body) {
      Answer no = refusal;
      ServerChannel channel = no == null ? channelOf(handshake, principal) : null;
      if (no == null && expiresAt != null && scheduler.nanoTime() - expiresAt >= 0) {
        no = answers.refusal(handshake, 401, Authorizations.EXPIRED); // while the body came
      } else if (no == null && body.length > settings.maxUpstreamBytes) {
        no = abandon(413, "body: expected at most " + settings.maxUpstreamBytes + " bytes");
      } else if (no == null && channel == null) {
        no = unknown(handshake);
      }
      return no != null || channel == null
          ? CompletableFuture.completedFuture(no)
          : Posts.this.take(handshake, channel, body);
    }

    @Override
    public Answer abandon(int status, String line) {
      return undecided(
          handshake, refusal == null ? channelOf(handshake, principal) : null, status, line);
    }
  }

  private @Nullable ServerChannel channelOf(Handshake handshake, @Nullable String principal) {
    ServerChannel channel = channels.find(handshake.header(Answers.CHANNEL));
    return channel != null && channel.belongsTo(principal) ? channel : null;
  }

  /** One answer for unknown and for not yours. */
  private Answer unknown(Handshake handshake) {
    return answers.refusal(handshake, 404, Answers.CHANNEL + ": unknown channel");
  }

  /** The answer to a head that is refused whoever asks, or null. */
  private @Nullable Answer refusalOfForm(Handshake handshake) {
    Answer source = answers.refusalOfSource(handshake);
    if (source != null) {
      return source;
    }
    List<String> types = handshake.headers("Content-Type");
    if (types.size() != 1 || !isLines(types.get(0))) {
      return answers.refusal(
          handshake, 415, "Content-Type: expected application/x-ndjson or application/json");
    }
    return null;
  }

  /** The answer to a channel whose events before these were over the rate, or null. */
  private @Nullable Answer overRate(Handshake handshake, ServerChannel channel) {
    channel.heard();
    Uplink uplink = channel.uplink();
    long wait = uplink.waitNanos();
    return wait == 0 ? null : overRate(handshake, uplink, wait);
  }

  private Answer overRate(Handshake handshake, Uplink uplink, long wait) {
    Map<String, String> headers = answers.common(handshake);
    headers.put(Answers.ACK, Long.toString(uplink.ack()));
    headers.put("Retry-After", Answers.seconds(wait / 1_000_000));
    return Answer.text(429, headers, uplink.overRate());
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
    channel.heard();
    Uplink.Outcome outcome = uplink.take(body, reply, false);
    if (outcome.overRateFor > 0) { // others may have been taken in while the body came
      return CompletableFuture.completedFuture(overRate(handshake, uplink, outcome.overRateFor));
    }
    outcome.refusals.forEach(reply::refused);
    if (!outcome.waits) {
      return CompletableFuture.completedFuture(answer(handshake, uplink, outcome, reply));
    }
    CompletableFuture<Answer> result = new CompletableFuture<>();
    if (outcome.brings) {
      // The calls of a channel are made in order: when this one comes, all of the body is decided.
      channel.calls().add(() -> result.complete(answer(handshake, uplink, outcome, reply)));
    } else {
      uplink
          .repeats()
          .byPost(
              outcome.repeated,
              new Repeats.Asking() {
                @Override
                public void decided() {
                  result.complete(answer(handshake, uplink, outcome, reply));
                }

                @Override
                public void replaced() {
                  result.complete(undecided(handshake, channel, 503, ASKED_AGAIN));
                }
              });
    }
    return result;
  }

  /** Tells up to where all is decided, though not all is that was asked for. */
  private Answer undecided(
      Handshake handshake, @Nullable ServerChannel channel, int status, String line) {
    Map<String, String> headers = answers.common(handshake);
    if (channel != null) {
      headers.put(Answers.ACK, Long.toString(channel.uplink().ack()));
    }
    return Answer.text(status, headers, OneLine.of(line));
  }

  private Answer answer(Handshake handshake, Uplink uplink, Uplink.Outcome outcome, Reply reply) {
    if (uplink.isRevoked()) {
      return unknown(handshake); // not all is decided, and never will be
    }
    Map<String, String> headers = answers.common(handshake);
    // It may cover more than this body: what another request brought and its client gave up. So all
    // refusals up to it belong here.
    long ack = outcome.first > 0 ? uplink.ack() : uplink.ackForReturn();
    headers.put(Answers.ACK, Long.toString(ack));
    if (outcome.hole > 0) {
      return Answer.text(409, headers, "seq: expected " + outcome.hole);
    }
    RuntimeException broken = outcome.broken;
    if (broken != null) {
      int status = broken instanceof LimitExceededException ? 413 : 400;
      return Answer.text(status, headers, OneLine.withoutMarkup(broken.getMessage()));
    }
    uplink.refusals(outcome.first, ack).forEach(reply::refused);
    Lines lines = reply.lines();
    if (lines.bytes.length == 0) {
      return new Answer(204, headers, EMPTY);
    }
    headers.put(Answers.ACK, Long.toString(Math.min(ack, lines.upTo)));
    headers.put("Content-Type", "application/x-ndjson");
    return new Answer(200, headers, lines.bytes);
  }

  /**
   * The refusals of one body. Those at the door are added before the calls begin to be waited for,
   * those of the listener by the calls; the answer is made by a later call of the same order.
   */
  private static final class Reply implements Uplink.Decisions {
    // Guarded by this; by number, since what is repeated may be told twice.
    private final TreeMap<Long, String> refusals = new TreeMap<>();

    @Override
    public synchronized void refused(Uplink.Refusal refusal) {
      refusals.put(refusal.seq, refusal.reason);
    }

    @Override
    public void decided(long ack) {}

    /** As many as fit, and at least one if there is any. */
    synchronized Lines lines() {
      ByteArrayOutputStream lines = new ByteArrayOutputStream();
      for (Map.Entry<Long, String> refusal : refusals.entrySet()) {
        long seq = refusal.getKey();
        byte[] line =
            new EncodedEvent(ControlEvents.refused(seq, refusal.getValue())).bytes(WireFormat.JSON);
        if (lines.size() > 0 && lines.size() + line.length > MOST_REFUSAL_BYTES) {
          return new Lines(lines.toByteArray(), seq - 1);
        }
        lines.writeBytes(line);
      }
      return new Lines(lines.toByteArray(), Long.MAX_VALUE);
    }
  }

  /** Refusals in the form in which they are told. */
  private static final class Lines {
    final byte[] bytes;
    final long upTo; // the number up to which none is left out

    Lines(byte[] bytes, long upTo) {
      this.bytes = bytes;
      this.upTo = upTo;
    }
  }
}
