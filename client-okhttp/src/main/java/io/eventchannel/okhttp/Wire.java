package io.eventchannel.okhttp;

import io.eventchannel.codec.FieldRules;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.ConnectionInfo;
import java.util.Map;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The names of the protocol's headers, and what both transports read and write of them. */
final class Wire {
  static final String VERSION = "EventChannel-Version";
  static final String ID = "EventChannel-Id";
  static final String BINARY = "EventChannel-Binary";
  static final String HEARTBEAT = "EventChannel-Heartbeat";
  static final String ACK = "EventChannel-Ack";
  static final String LAST_EVENT_ID = "Last-Event-ID";

  private Wire() {}

  /**
   * Returns the URL to connect to; OkHttp speaks of WebSockets by http and https, too.
   *
   * @throws IllegalArgumentException if it is none; the message leaves user and query out
   */
  static HttpUrl url(String url) {
    String http =
        url.regionMatches(true, 0, "ws:", 0, 3)
            ? "http:" + url.substring(3)
            : url.regionMatches(true, 0, "wss:", 0, 4) ? "https:" + url.substring(4) : url;
    HttpUrl parsed = HttpUrl.parse(http);
    if (parsed == null) {
      throw new IllegalArgumentException(
          "url: expected http, https, ws or wss, got " + ConnectRequest.redact(url));
    }
    return parsed;
  }

  /** Adds the caller's headers and those that tell the server where to resume. */
  static void addTo(Headers.Builder headers, ConnectRequest request) {
    for (Map.Entry<String, String> header : request.headers()) {
      headers.addUnsafeNonAscii(header.getKey(), header.getValue());
    }
    if (request.channelId() != null) {
      headers.set(ID, request.channelId());
    }
    String lastEventId = request.lastEventId();
    if (travelsInHeader(lastEventId)) {
      // As UTF-8, which the standard asks for (WHATWG HTML, section 9.2.3) and set() refuses.
      headers.removeAll(LAST_EVENT_ID).addUnsafeNonAscii(LAST_EVENT_ID, lastEventId);
    }
  }

  /** Whether a header can carry the ID: it is not empty and holds no control (RFC 9110, 5.5). */
  private static boolean travelsInHeader(String id) {
    return !id.isEmpty() && id.chars().allMatch(c -> c >= 0x20 && c != 0x7F);
  }

  static boolean isRecognised(Response response) {
    return response.header(VERSION) != null;
  }

  static ConnectionInfo info(Response response) {
    return isRecognised(response)
        ? new ConnectionInfo(true, channelId(response), number(response.header(HEARTBEAT)))
            .carryingBinary()
            .withAcknowledged(number(response.header(ACK)))
        : ConnectionInfo.foreign();
  }

  /** Returns the channel's ID, which later requests carry; null if there is none that may. */
  static @Nullable String channelId(Response response) {
    String id = response.header(ID);
    return id != null && FieldRules.isChannelId(id) ? id : null;
  }

  /** Returns a whole number of a header; -1 if it is missing or none. */
  static long number(@Nullable String text) {
    if (text == null) {
      return -1;
    }
    try {
      return Math.max(-1, Long.parseLong(text.trim()));
    } catch (NumberFormatException notWhole) {
      return -1;
    }
  }
}
