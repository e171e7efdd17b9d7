package io.eventchannel.tck;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 request as it came over the wire. Immutable.
 *
 * @param method such as {@code GET}
 * @param target path and query, as written
 * @param headers all header lines in order, names as written
 * @param body as long as {@code Content-Length} says, read as UTF-8; else empty
 */
public record RawRequest(
    String method, String target, List<Map.Entry<String, String>> headers, String body) {
  private static final int MAX_HEAD = 64 * 1024;

  /** Copies the headers. */
  public RawRequest {
    headers = List.copyOf(headers);
  }

  /** Returns the first header of that name, in any case of letters. */
  public Optional<String> header(String name) {
    return headers(name).stream().findFirst();
  }

  /** Returns all headers of that name, in order. */
  public List<String> headers(String name) {
    return headers.stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .toList();
  }

  /**
   * Checks a header that must be there exactly once, with that value.
   *
   * @return this request
   */
  public RawRequest expectHeader(String name, String value) {
    if (!headers(name).equals(List.of(value))) {
      throw new AssertionError(
          "expected header " + name + ": " + value + ", got " + headers(name) + " in " + this);
    }
    return this;
  }

  /**
   * Checks that there is no such header.
   *
   * @return this request
   */
  public RawRequest expectNoHeader(String name) {
    if (!headers(name).isEmpty()) {
      throw new AssertionError("expected no header " + name + ", got " + headers(name));
    }
    return this;
  }

  /** Reads a request with its body; null if the stream ends before its first byte. */
  static @Nullable RawRequest read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || head.lastIndexOf("\r\n\r\n") != head.length() - 4) {
      int next = in.read();
      if (next < 0) {
        if (head.length() == 0) {
          return null;
        }
        throw new EOFException("request: ended within its head: " + head);
      }
      if (head.length() >= MAX_HEAD) {
        throw new IOException("request: expected a head of at most " + MAX_HEAD + " bytes");
      }
      head.append((char) next);
    }
    String[] lines = head.substring(0, head.length() - 4).split("\r\n", -1);
    String[] request = lines[0].split(" ", -1);
    if (request.length != 3) {
      throw new IOException("request: expected \"METHOD target version\", got " + lines[0]);
    }
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon < 1) {
        throw new IOException("request: expected \"Name: value\", got " + lines[i]);
      }
      headers.add(Map.entry(lines[i].substring(0, colon), lines[i].substring(colon + 1).trim()));
    }
    RawRequest withoutBody = new RawRequest(request[0], request[1], headers, "");
    int length = withoutBody.header("Content-Length").map(Integer::parseInt).orElse(0);
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("request: expected " + length + " bytes of body, got " + body.length);
    }
    return new RawRequest(
        request[0], request[1], headers, new String(body, StandardCharsets.UTF_8));
  }
}
