package io.eventchannel.benchmarks;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Where the {@link LoadClient} connects to, and what it asks for. */
record LoadTarget(InetSocketAddress address, boolean webSocket, byte[] request) {

  /**
   * The feed on that port of the loopback interface.
   *
   * @param subprotocol what a WebSocket offers; empty for none
   */
  static LoadTarget of(String mode, int port, String subprotocol) {
    boolean webSocket =
        switch (mode) {
          case "ws" -> true;
          case "sse" -> false;
          default -> throw new IllegalArgumentException("--mode: expected ws or sse, got " + mode);
        };
    String request =
        "GET /feed HTTP/1.1\r\nHost: 127.0.0.1:"
            + port
            + "\r\n"
            + (webSocket
                ? "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + (subprotocol.isEmpty()
                        ? ""
                        : "Sec-WebSocket-Protocol: " + subprotocol + "\r\n")
                : "Accept: text/event-stream\r\nCache-Control: no-cache\r\n")
            + "\r\n";
    return new LoadTarget(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        webSocket,
        request.getBytes(StandardCharsets.US_ASCII));
  }
}
