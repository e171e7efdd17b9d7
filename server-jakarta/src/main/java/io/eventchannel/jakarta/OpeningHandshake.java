package io.eventchannel.jakarta;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The checks of a WebSocket opening handshake (RFC 6455, section 4.2.1), which containers do in
 * part or not at all. Needs no WebSocket classes, so a container without them can still refuse.
 *
 * <p>These refusals do not carry the protocol's version header. Our clients never send such a
 * request: something in between has mangled it, and an answer that is not ours lets a client move
 * on to SSE, where one that is ours would be final.
 */
final class OpeningHandshake {
  private OpeningHandshake() {}

  /** Whether the request asks for WebSocket at all. */
  static boolean isAskedBy(HttpServletRequest request) {
    return Handshakes.hasToken(request, "Upgrade", "websocket");
  }

  /** Returns whether it is well formed; if not, the request is answered. */
  static boolean check(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (!Handshakes.hasToken(request, "Connection", "upgrade")) {
      HttpAnswers.text(response, 400, "WebSocket handshake: expected Connection: Upgrade");
      return false;
    }
    if (!"13".equals(request.getHeader("Sec-WebSocket-Version"))) {
      response.setHeader("Sec-WebSocket-Version", "13");
      HttpAnswers.text(response, 426, "WebSocket handshake: expected Sec-WebSocket-Version: 13");
      return false;
    }
    if (!isKey(request.getHeader("Sec-WebSocket-Key"))) {
      HttpAnswers.text(
          response, 400, "WebSocket handshake: expected a Sec-WebSocket-Key of 16 bytes in base64");
      return false;
    }
    return true;
  }

  private static boolean isKey(@Nullable String key) {
    if (key == null || key.length() != 24) {
      return false;
    }
    try {
      return Base64.getDecoder().decode(key).length == 16;
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }
}
