package io.eventchannel.benchmarks;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where the {@link LoadClient} connects to, and what it asks for.
 *
 * @param subprotocol what a WebSocket offers; empty for none
 */
record LoadTarget(InetSocketAddress address, boolean webSocket, String subprotocol) {

  /** The feed on that port of the loopback interface. */
  static LoadTarget of(String mode, int port, String subprotocol) {
    boolean webSocket =
        switch (mode) {
          case "ws" -> true;
          case "sse" -> false;
          default -> throw new IllegalArgumentException("--mode: expected ws or sse, got " + mode);
        };
    return new LoadTarget(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), webSocket, subprotocol);
  }

  /**
   * The request of a connection.
   *
   * @param query of the URL; empty for none
   * @param lastId where it resumes: a stream says it by the header, as browsers do, and a WebSocket
   *     in the query, as browsers must
   */
  byte[] request(String query, @Nullable String lastId) {
    StringBuilder request = new StringBuilder("GET /feed");
    String parameters = query;
    if (webSocket && lastId != null) {
      parameters += (query.isEmpty() ? "" : "&") + "lastEventId=" + lastId;
    }
    if (!parameters.isEmpty()) {
      request.append('?').append(parameters);
    }
    line(request, " HTTP/1.1");
    line(request, "Host: 127.0.0.1:" + address.getPort());
    if (webSocket) {
      line(request, "Upgrade: websocket");
      line(request, "Connection: Upgrade");
      line(request, "Sec-WebSocket-Version: 13");
      line(request, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
      if (!subprotocol.isEmpty()) {
        line(request, "Sec-WebSocket-Protocol: " + subprotocol);
      }
    } else {
      line(request, "Accept: text/event-stream");
      line(request, "Cache-Control: no-cache");
      if (lastId != null) {
        line(request, "Last-Event-ID: " + lastId);
      }
    }
    line(request, "");
    return request.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static void line(StringBuilder request, String line) {
    request.append(line).append("\r\n");
  }
}
