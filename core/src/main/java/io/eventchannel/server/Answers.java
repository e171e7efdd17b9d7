package io.eventchannel.server;

import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.WireFormat;
import java.io.ByteArrayOutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The heads and refusals of the endpoint, as headers and lines. */
final class Answers {
  static final String VERSION = "EventChannel-Version";
  static final String CHANNEL = "EventChannel-Id";
  static final String ACK = "EventChannel-Ack";
  static final String ALLOW = "GET, HEAD, POST, OPTIONS";

  private static final String CORS_HEADERS =
      "Authorization, Cache-Control, Content-Type, EventChannel-Binary, EventChannel-Id,"
          + " EventChannel-Version, Last-Event-ID";
  private static final String EXPOSED_HEADERS =
      "EventChannel-Ack, EventChannel-Heartbeat, EventChannel-Id, EventChannel-Resume,"
          + " EventChannel-Version, Retry-After";

  private static final int MAX_HEADER_CHARS = 64 * 1024;

  private static final Logger LOGGER = System.getLogger(Answers.class.getName());

  private final EndpointSettings settings;
  private final AtomicBoolean hostTold = new AtomicBoolean();
  private final AtomicBoolean originTold = new AtomicBoolean();

  Answers(EndpointSettings settings) {
    this.settings = settings;
  }

  /**
   * The headers of every answer of ours; a page of another origin that is allowed may read them.
   */
  Map<String, String> common(Handshake handshake) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(VERSION, "1");
    headers.put("Cache-Control", "no-store");
    headers.put("Vary", "Authorization, Origin"); // for a cache that stores all the same
    headers.put("X-Content-Type-Options", "nosniff");
    String origin = handshake.header("Origin");
    if (origin != null && settings.origins.judge(handshake) == OriginRule.Verdict.ALLOWED) {
      headers.put("Access-Control-Allow-Origin", origin);
      headers.put("Access-Control-Allow-Credentials", "true");
      headers.put("Access-Control-Expose-Headers", EXPOSED_HEADERS);
    }
    return headers;
  }

  /** The headers that make a response a stream which nobody keeps, changes or holds back. */
  Map<String, String> stream(Handshake handshake) {
    Map<String, String> headers = common(handshake);
    headers.put("Content-Type", "text/event-stream");
    headers.put("Cache-Control", "no-store, no-transform");
    headers.put("X-Accel-Buffering", "no");
    return headers;
  }

  Answer refusal(Handshake handshake, int status, String line) {
    return Answer.text(status, common(handshake), OneLine.ofAnswer(line));
  }

  /**
   * The answer to a request whose head is too long, or that comes from where none may come from, or
   * null. Whatever else is asked of a request is asked after this.
   */
  @Nullable Answer refusalOfSource(Handshake handshake) {
    if (handshake.queryChars() > settings.maxQueryChars) {
      return refusal(
          handshake, 414, "query: expected at most " + settings.maxQueryChars + " characters");
    }
    if (handshake.headerChars() > MAX_HEADER_CHARS) {
      return refusal(
          handshake, 431, "headers: expected at most " + MAX_HEADER_CHARS + " characters");
    }
    String host = settings.hosts.refusal(handshake);
    if (host != null) {
      return refusal(handshake, host, hostTold);
    }
    String origin = settings.origins.refusal(handshake);
    return origin == null ? null : refusal(handshake, origin, originTold);
  }

  /** Also tells the operator, the first time: a browser shows the answer to nobody. */
  private Answer refusal(Handshake handshake, String line, AtomicBoolean told) {
    if (told.compareAndSet(false, true)) {
      LOGGER.log(Level.WARNING, "Refused a request; others like it are not logged. " + line);
    }
    return refusal(handshake, 403, line);
  }

  Answer methodNotAllowed(Handshake handshake) {
    Map<String, String> headers = common(handshake);
    headers.put("Allow", ALLOW);
    return Answer.text(405, headers, "method: expected " + ALLOW);
  }

  /**
   * Refuses for now. A plain {@code EventSource} gives up for good on any status but 200, so it
   * gets a stream that says when to come back, and ends (protocol rule H-5).
   */
  Answer later(Handshake handshake, int status, String line, long delayMillis) {
    if (handshake.kind() == Handshake.Kind.SSE && handshake.header(VERSION) == null) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      body.writeBytes(SseEncoder.retry(delayMillis));
      body.writeBytes(
          new EncodedEvent(ControlEvents.goodbye(1013, OneLine.of(line), delayMillis))
              .bytes(WireFormat.SSE));
      return new Answer(200, stream(handshake), body.toByteArray());
    }
    Map<String, String> headers = common(handshake);
    headers.put("Retry-After", seconds(delayMillis));
    return Answer.text(status, headers, OneLine.ofAnswer(line));
  }

  /** A delay as {@code Retry-After} says it. */
  static String seconds(long millis) {
    return Long.toString(Math.max(1, (millis + 999) / 1000));
  }

  /** Answers a CORS preflight, or whoever asks what is allowed here. */
  Answer options(Handshake handshake) {
    Answer refusal = refusalOfSource(handshake);
    if (refusal != null) {
      return refusal;
    }
    OriginRule.Verdict verdict = settings.origins.judge(handshake);
    Map<String, String> headers = common(handshake);
    headers.put("Allow", ALLOW);
    if (verdict == OriginRule.Verdict.ALLOWED) {
      headers.put("Access-Control-Allow-Methods", "GET, POST");
      headers.put("Access-Control-Allow-Headers", CORS_HEADERS);
      headers.put("Access-Control-Max-Age", "600");
    }
    return new Answer(204, headers, new byte[0]);
  }
}
