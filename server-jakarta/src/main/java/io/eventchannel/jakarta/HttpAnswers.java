package io.eventchannel.jakarta;

import io.eventchannel.server.Answer;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Writes whole answers. Never by {@code sendError}: a container's error page is HTML, names the
 * container and may repeat the request.
 */
final class HttpAnswers {
  private HttpAnswers() {}

  /**
   * Writes the endpoint's answer into the response's buffer, made large enough: without blocking.
   */
  static void write(HttpServletResponse response, Answer answer) throws IOException {
    write(response, answer.status(), answer.headers(), answer.body());
  }

  /** Writes an answer of the adapter's own: one line, which must not repeat the request. */
  static void text(HttpServletResponse response, int status, String line) throws IOException {
    response.setContentType("text/plain;charset=utf-8");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Cache-Control", "no-store");
    put(response, "Vary", "Authorization, Origin");
    write(response, status, Map.of(), (line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Sets a header; what the answer varies by is added to what filters in front have said. */
  static void put(HttpServletResponse response, String name, String value) {
    if (name.equals("Vary")) {
      response.addHeader(name, value);
    } else {
      response.setHeader(name, value);
    }
  }

  private static void write(
      HttpServletResponse response, int status, Map<String, String> headers, byte[] body)
      throws IOException {
    response.setStatus(status);
    headers.forEach((name, value) -> put(response, name, value));
    if (body.length > 0) {
      if (response.getBufferSize() <= body.length) {
        response.setBufferSize(body.length + 1);
      }
      // No Content-Length of ours: a container that sees the last byte of it may flush at once. It
      // sets the header itself when it finds a whole answer in its buffer.
      response.getOutputStream().write(body);
    }
  }
}
