package io.eventchannel.server;

import io.eventchannel.codec.FieldRules;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The checks of a request's head, before anything is allocated for it: what it accepts, where it
 * comes from, what it asks for, whether it may.
 */
final class Admissions {
  private static final String BINARY = "EventChannel-Binary";
  static final String BYTES_PROTOCOL = "eventchannel.v1.bytes";
  static final String JSON_PROTOCOL = "eventchannel.v1.json";

  /** What an admitted request asked for. */
  static final class Request {
    final BatchCache.Reading reading;
    final Set<String> topics;
    final @Nullable String subprotocol;
    final @Nullable Position after;
    final boolean resumes;
    final boolean hello;
    final boolean padding;
    final boolean versioned;
    final boolean probe;
    final @Nullable String principal;
    final String remoteAddress;
    final Judgement judgement;

    Request(
        BatchCache.Reading reading,
        Set<String> topics,
        @Nullable String subprotocol,
        @Nullable String lastEventId,
        Judgement judgement,
        Handshake handshake) {
      this.reading = reading;
      this.principal = judgement.principal;
      this.remoteAddress = handshake.remoteAddress();
      this.judgement = judgement;
      this.topics = topics;
      this.subprotocol = subprotocol;
      this.probe = isProbe(handshake);
      this.resumes = lastEventId != null && !probe;
      this.after = lastEventId == null || probe ? null : Position.parse(lastEventId);
      this.versioned = handshake.header(Answers.VERSION) != null;
      boolean asked = "1".equals(handshake.query("hello"));
      this.hello = asked || (!reading.format.isSse() && (subprotocol != null || versioned));
      this.padding = reading.format.isSse() && "true".equals(handshake.query("padding"));
    }
  }

  /** Exactly one of the two. */
  static final class Verdict {
    final @Nullable Answer refusal;
    final @Nullable Request request;

    private Verdict(@Nullable Answer refusal, @Nullable Request request) {
      this.refusal = refusal;
      this.request = request;
    }
  }

  private final EndpointSettings settings;
  private final Answers answers;
  private final Authorizations authorizations;

  Admissions(EndpointSettings settings, Answers answers, Authorizations authorizations) {
    this.settings = settings;
    this.answers = answers;
    this.authorizations = authorizations;
  }

  /** Checks a request for a connection; the stage never fails. */
  CompletionStage<Verdict> check(Handshake handshake) {
    Answer malformed = refusalOfForm(handshake);
    return malformed != null
        ? CompletableFuture.completedFuture(new Verdict(malformed, null))
        : authorizations.ask(handshake).thenApply(judgement -> verdict(handshake, judgement));
  }

  /** The answer to a request that is refused whoever asks, or null. */
  private @Nullable Answer refusalOfForm(Handshake handshake) {
    Answer source = answers.refusalOfSource(handshake);
    if (source != null) {
      return source;
    }
    boolean sse = handshake.kind() == Handshake.Kind.SSE;
    if (sse && !acceptsEventStream(handshake.headers("Accept"))) {
      return answers.refusal(handshake, 406, "Accept: expected text/event-stream");
    }
    Set<String> topics = handshake.topics();
    if (topics.size() > settings.maxTopics) {
      return answers.refusal(
          handshake,
          400,
          "topic: expected at most " + settings.maxTopics + ", got " + topics.size());
    }
    for (String topic : topics) {
      if (!FieldRules.isTopic(topic)) {
        return answers.refusal(handshake, 400, "topic: expected [A-Za-z0-9._:/-]{1,200}");
      }
    }
    String malformed = malformedOption(handshake, sse);
    return malformed == null ? null : answers.refusal(handshake, 400, malformed);
  }

  /** What follows for a well-formed request from what the authorizer says. */
  private Verdict verdict(Handshake handshake, Judgement judgement) {
    Answer refusal = judgement.refusal;
    if (refusal != null) {
      return new Verdict(refusal, null);
    }
    boolean sse = handshake.kind() == Handshake.Kind.SSE;
    Set<String> topics = handshake.topics();
    Set<String> allowed = judgement.topics;
    if (allowed != null && !allowed.containsAll(topics)) {
      // Which one, and whether it exists, is nobody's business.
      return new Verdict(answers.refusal(handshake, 403, "topic: not allowed"), null);
    }
    TopicFilter filter = filter(handshake, topics, allowed);
    String subprotocol = sse ? null : subprotocol(handshake.headers("Sec-WebSocket-Protocol"));
    BatchCache.Reading reading =
        new BatchCache.Reading(
            filter,
            sse ? sseFormat(handshake) : frameFormat(subprotocol),
            !sse && subprotocol == null);
    return new Verdict(
        null,
        new Request(reading, topics, subprotocol, lastEventId(handshake), judgement, handshake));
  }

  private static TopicFilter filter(
      Handshake handshake, Set<String> topics, @Nullable Set<String> allowed) {
    if (isProbe(handshake)) {
      return TopicFilter.of(Collections.emptySet());
    }
    if (!topics.isEmpty()) {
      return TopicFilter.of(topics);
    }
    return allowed == null ? TopicFilter.all() : TopicFilter.of(allowed);
  }

  /** Whether the client only looks whether connections of this kind pass (protocol rule F-6). */
  private static boolean isProbe(Handshake handshake) {
    return "1".equals(handshake.query("probe"));
  }

  private static @Nullable String malformedOption(Handshake handshake, boolean sse) {
    String envelope = handshake.query("envelope");
    if (sse && envelope != null && !envelope.equals("json")) {
      return "envelope: expected json";
    }
    if (sse && isOther(handshake.query("binary"))) {
      return "binary: expected base64";
    }
    return sse && isOther(handshake.header(BINARY)) ? BINARY + ": expected base64" : null;
  }

  private static boolean isOther(@Nullable String binary) {
    return binary != null && !binary.equals("base64");
  }

  private static WireFormat sseFormat(Handshake handshake) {
    if (handshake.query("envelope") != null) {
      return WireFormat.SSE_ENVELOPE;
    }
    boolean base64 = handshake.query("binary") != null || handshake.header(BINARY) != null;
    return base64 ? WireFormat.SSE_BASE64 : WireFormat.SSE;
  }

  private static WireFormat frameFormat(@Nullable String subprotocol) {
    return BYTES_PROTOCOL.equals(subprotocol) ? WireFormat.BYTES : WireFormat.JSON;
  }

  /** Our first choice among what the client offers, or null (RFC 6455, section 4.2.2). */
  private static @Nullable String subprotocol(List<String> offers) {
    boolean json = false;
    for (String line : offers) {
      for (String offer : line.split(",", -1)) {
        if (offer.trim().equals(BYTES_PROTOCOL)) {
          return BYTES_PROTOCOL;
        }
        json |= offer.trim().equals(JSON_PROTOCOL);
      }
    }
    return json ? JSON_PROTOCOL : null;
  }

  /** Whether an event stream is acceptable (RFC 9110, section 12.5.1); no header accepts all. */
  static boolean acceptsEventStream(List<String> accept) {
    boolean said = false;
    for (String line : accept) {
      for (String range : line.split(",", -1)) {
        String[] parts = range.toLowerCase(Locale.ROOT).split(";", -1);
        String type = parts[0].trim();
        said |= !type.isEmpty();
        boolean fits =
            type.equals("text/event-stream") || type.equals("text/*") || type.equals("*/*");
        if (fits && !hasZeroWeight(parts)) {
          return true;
        }
      }
    }
    return !said;
  }

  private static boolean hasZeroWeight(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].trim().matches("q=0(\\.0{0,3})?")) {
        return true;
      }
    }
    return false;
  }

  /**
   * The position asked for, or null for none. The header wins over the query, which exists because
   * a browser's WebSocket and a first {@code EventSource} cannot set headers.
   */
  private static @Nullable String lastEventId(Handshake handshake) {
    String id = handshake.header("Last-Event-ID");
    if (id == null) {
      id = handshake.query("lastEventId");
    }
    if (id == null) {
      id = handshake.query("last_event_id");
    }
    return id == null || id.isEmpty() ? null : id;
  }
}
