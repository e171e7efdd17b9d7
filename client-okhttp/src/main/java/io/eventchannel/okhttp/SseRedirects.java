package io.eventchannel.okhttp;

import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.PostBody;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Makes the requests of one stream: the first, and those that its redirects lead to (protocol rule
 * Only a GET is led on: five times at most, never from https to http. On the way to another
 * origin every header of the caller, the position and the channel's ID stay behind, and do not come
 * back. Used by one thread after the other; each call to OkHttp's dispatcher orders them.
 */
final class SseRedirects {
  private static final int MOST = 5;

  private final ConnectRequest request;
  private final @Nullable Request prototype;
  private int followed;
  private boolean leftOrigin;

  /**
   * Creates the requests of a stream.
   *
   * @param prototype where tags, method and body come from; null for those of the channel
   */
  SseRedirects(ConnectRequest request, @Nullable Request prototype) {
    this.request = request;
    this.prototype = prototype;
  }

  /** Whether the last request left the channel's position out, since it went elsewhere. */
  boolean withheldPosition() {
    return leftOrigin && !request.lastEventId().isEmpty();
  }

  /** Whether the stream is opened by GET, which may be redirected and has POST for what is sent. */
  boolean isGet() {
    return method().equals("GET");
  }

  /**
   * Whether the requests ask for binary events as base64 (protocol rule B-2): those of a channel,
   * not those made for okhttp-sse, whose listeners take text alone; and not a POST, which is for
   * servers of others (rule R-10).
   */
  boolean asksBase64() {
    return prototype == null && isGet();
  }

  private String method() {
    return request.post() != null ? "POST" : prototype != null ? prototype.method() : "GET";
  }

  /** Returns the request to begin with. */
  Request first() {
    return to(Wire.url(request.url()));
  }

  private Request to(HttpUrl url) {
    Headers.Builder headers = new Headers.Builder();
    if (!leftOrigin) {
      Wire.addTo(headers, request);
    }
    // The caller's own word counts: some services want more than one type accepted.
    setIfAbsent(headers, "Accept", "text/event-stream");
    setIfAbsent(headers, "Cache-Control", "no-cache");
    // Many a server that compresses a stream does not flush it, and it arrives in lumps.
    setIfAbsent(headers, "Accept-Encoding", "identity");
    headers.set(Wire.VERSION, "1");
    if (asksBase64()) {
      headers.set(Wire.BINARY, "base64");
    }
    PostBody post = request.post();
    if (post != null && post.contentType() != null) {
      headers.set("Content-Type", post.contentType());
    }
    return (prototype == null ? new Request.Builder() : prototype.newBuilder())
        .url(url)
        .headers(headers.build())
        .method(method(), body())
        .build();
  }

  private static void setIfAbsent(Headers.Builder headers, String name, String value) {
    if (headers.get(name) == null) {
      headers.set(name, value);
    }
  }

  private @Nullable RequestBody body() {
    if (request.post() != null) {
      return OneShotBody.of(request.post());
    }
    RequestBody body = prototype == null ? null : prototype.body();
    return body == null ? null : new OneShotBody(body);
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
    return to(target);
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
    if (!isGet()) {
      return "redirect: expected an answer to a " + method() + ", which is not sent elsewhere";
    }
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
