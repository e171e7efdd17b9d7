package io.eventchannel.server;

import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.WireFormat;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** The heads and refusals of the endpoint, as headers and lines. */
final class Answers {
  static final String VERSION = "EventChannel-Version";
  static final String CHANNEL = "EventChannel-Id";
  static final String ACK = "EventChannel-Ack";
  static final String ALLOW = "GET, HEAD, POST, OPTIONS";

  private static final String CORS_HEADERS =
      "Authorization, Cache-Control, Content-Type, EventChannel-Id, EventChannel-Version, Last-Event-ID";
  private static final String EXPOSED_HEADERS =
      "EventChannel-Ack, EventChannel-Heartbeat, EventChannel-Id, EventChannel-Resume,"
          + " EventChannel-Version, Retry-After";

  private final EndpointSettings settings;

  Answers(EndpointSettings settings) {
    this.settings = settings;
  }

  /**
   * The headers of every answer of ours; a page of another origin that is allowed may read them.
   */
  Map<String, String> common(Handshake handshake) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(VERSION, "1");
    headers.put("Vary", "Origin");
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
    headers.put("X-Content-Type-Options", "nosniff");
    return headers;
  }

  Answer refusal(Handshake handshake, int status, String line) {
    return Answer.text(status, common(handshake), OneLine.of(line));
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
    headers.put("Retry-After", Long.toString(Math.max(1, (delayMillis + 999) / 1000)));
    return Answer.text(status, headers, OneLine.of(line));
  }

  /** Answers a CORS preflight, or whoever asks what is allowed here. */
  Answer options(Handshake handshake) {
    OriginRule.Verdict verdict = settings.origins.judge(handshake);
    if (verdict == OriginRule.Verdict.REFUSED) {
      return refusal(handshake, 403, Admissions.ORIGIN_REFUSED);
    }
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
