package io.eventchannel.okhttp;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The opening handshake of one connection (RFC 6455, section 4.1). No extension is offered, so none
 * may be selected: what arrives is as long as it says it is. Immutable.
 */
final class UpgradeHandshake {
  static final String BYTES = "eventchannel.v1.bytes";
  static final String JSON = "eventchannel.v1.json";

  private static final List<String> OFFERED = Arrays.asList(BYTES, JSON);

  private static final String PROTOCOL = "Sec-WebSocket-Protocol";
  private static final String EXTENSIONS = "Sec-WebSocket-Extensions";
  private static final String ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final ConnectRequest request;
  private final String key;

  UpgradeHandshake(ConnectRequest request, Random keys) {
    this.request = request;
    byte[] nonce = new byte[16];
    keys.nextBytes(nonce);
    this.key = ByteString.of(nonce).base64();
  }

  /**
   * Returns the request.
   *
   * @throws IllegalArgumentException if the URL or a header is malformed
   */
  Request request() {
    HttpUrl url = Wire.url(request.url());
    if (!request.lastEventId().isEmpty()) {
      url = url.newBuilder().setQueryParameter("lastEventId", request.lastEventId()).build();
    }
    Headers.Builder headers = new Headers.Builder();
    Wire.addTo(headers, request);
    headers.removeAll(EXTENSIONS);
    headers.set(Wire.VERSION, "1");
    headers.set("Connection", "Upgrade");
    headers.set("Upgrade", "websocket");
    headers.set("Sec-WebSocket-Version", "13");
    headers.set("Sec-WebSocket-Key", key);
    headers.set(PROTOCOL, BYTES + ", " + JSON);
    return new Request.Builder().url(url).headers(headers.build()).build();
  }

  /** Why the response opens no WebSocket; null if it does. */
  @Nullable ConnectionEnd refusal(Response response, long currentTimeMillis) {
    if (response.code() != 101) {
      return new ConnectionEnd(
          CloseReason.httpStatus(response.code(), response.message()),
          Wire.isRecognised(response),
          RetryAfter.millis(response.headers(), currentTimeMillis));
    }
    String mistake = mistake(response);
    return mistake == null ? null : ConnectionEnd.of(CloseReason.of(Kind.BAD_HANDSHAKE, mistake));
  }

  private @Nullable String mistake(Response response) {
    String upgrade = response.header("Upgrade");
    if (!"websocket".equalsIgnoreCase(upgrade)) {
      return "Upgrade: expected websocket, got " + upgrade;
    }
    String connection = response.header("Connection");
    if (!"Upgrade".equalsIgnoreCase(connection)) { // OkHttp, too, asks for this word alone
      return "Connection: expected Upgrade, got " + connection;
    }
    String accept = response.header("Sec-WebSocket-Accept");
    String expected = ByteString.encodeUtf8(key + ACCEPT_GUID).sha1().base64();
    if (accept == null || !expected.equals(accept.trim())) {
      return "Sec-WebSocket-Accept: expected " + expected + ", got " + accept;
    }
    List<String> extensions = response.headers(EXTENSIONS);
    if (!extensions.isEmpty()) {
      return EXTENSIONS + ": expected none, as offered, got " + extensions;
    }
    List<String> selected = response.headers(PROTOCOL);
    if (selected.size() > 1 || !OFFERED.containsAll(selected)) {
      return "subprotocol: expected one of " + OFFERED + " or none, got " + selected;
    }
    return response.socket() == null
        ? "expected the upgraded stream, got a response without it; does an interceptor take it?"
        : null;
  }

  /** Returns the subprotocol that an accepted response selects, or null. */
  static @Nullable String selected(Response response) {
    return response.header(PROTOCOL);
  }
}
