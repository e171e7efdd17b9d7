package io.eventchannel.okhttp;

import io.eventchannel.transport.ConnectRequest;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Follows the redirects of one stream (protocol rule R-6): five at most, never from https to http.
 * On the way to another origin every header of the caller, the position and the channel's ID stay
 * behind, and do not come back. Used by one thread after the other; each call to OkHttp's
 * dispatcher orders them.
 */
final class SseRedirects {
  private static final int MOST = 5;

  private final ConnectRequest request;
  private int followed;
  private boolean leftOrigin;

  SseRedirects(ConnectRequest request) {
    this.request = request;
  }

  /** Returns the request to begin with. */
  Request first() {
    return get(Wire.url(request.url()));
  }

  private Request get(HttpUrl url) {
    Headers.Builder headers = new Headers.Builder();
    if (!leftOrigin) {
      Wire.addTo(headers, request);
    }
    headers.set("Accept", "text/event-stream");
    headers.set("Cache-Control", "no-cache");
    // Compressed, a stream would arrive in lumps.
    headers.set("Accept-Encoding", "identity");
    headers.set(Wire.VERSION, "1");
    return new Request.Builder().url(url).headers(headers.build()).build();
  }

  /**
   * Returns the request that a response redirects to; null if it does not, or must not be followed.
   */
  @Nullable Request follow(Response response) {
    HttpUrl target = target(response);
    if (target == null || explainRefusal(response, target) != null) {
      return null;
    }
    followed++;
    leftOrigin |= !isSameOrigin(response.request().url(), target);
    return get(target);
  }

  private static @Nullable HttpUrl target(Response response) {
    switch (response.code()) {
      case 301:
      case 302:
      case 303:
      case 307:
      case 308:
        String location = response.header("Location");
        return location == null || location.isEmpty()
            ? null
            : response.request().url().resolve(location);
      default:
        return null;
    }
  }

  private @Nullable String explainRefusal(Response response, HttpUrl target) {
    if (followed == MOST) {
      return "redirects: expected at most " + MOST + ", got one more";
    }
    return response.request().isHttps() && !target.isHttps()
        ? "redirect: expected https to stay https, got " + target.scheme()
        : null;
  }

  private static boolean isSameOrigin(HttpUrl one, HttpUrl other) {
    return one.scheme().equals(other.scheme())
        && one.host().equals(other.host())
        && one.port() == other.port();
  }

  /** Says in one line what a response means that is no stream. */
  String explain(Response response) {
    HttpUrl target = target(response);
    String refusal = target == null ? null : explainRefusal(response, target);
    if (refusal != null) {
      return refusal;
    }
    return response.isRedirect() ? "redirect without a usable Location" : response.message();
  }

  /** The caller's headers, where the stream came from the caller's origin; none elsewhere. */
  Headers callerHeaders() {
    Headers.Builder headers = new Headers.Builder();
    if (!leftOrigin) {
      request.headers().forEach(h -> headers.addUnsafeNonAscii(h.getKey(), h.getValue()));
    }
    return headers.build();
  }
}
