package io.eventchannel.transport;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Everything a transport needs to make one connection. Immutable. */
public final class ConnectRequest {
  private final String url;
  private final List<Map.Entry<String, String>> headers;
  private final @Nullable String channelId;
  private final String lastEventId;
  private final long connectTimeoutNanos;
  private final int maxEventBytes;
  private final @Nullable PostBody post;

  /**
   * Creates a request by GET.
   *
   * @param url the feed's URL with its topics in the query; http, https, ws or wss
   * @param headers the caller's headers, credentials included, in order
   * @param channelId the channel to attach to, or null for a new one
   * @param lastEventId the position to resume after; empty for none
   * @param connectTimeoutNanos the bound on connecting, up to the response head
   * @param maxEventBytes the bound on one event on the wire
   */
  public ConnectRequest(
      String url,
      List<? extends Map.Entry<String, String>> headers,
      @Nullable String channelId,
      String lastEventId,
      long connectTimeoutNanos,
      int maxEventBytes) {
    this(url, headers, channelId, lastEventId, connectTimeoutNanos, maxEventBytes, null);
  }

  private ConnectRequest(
      String url,
      List<? extends Map.Entry<String, String>> headers,
      @Nullable String channelId,
      String lastEventId,
      long connectTimeoutNanos,
      int maxEventBytes,
      @Nullable PostBody post) {
    this.url = Objects.requireNonNull(url, "url");
    this.headers = Collections.unmodifiableList(new ArrayList<Map.Entry<String, String>>(headers));
    this.channelId = channelId;
    this.lastEventId = Objects.requireNonNull(lastEventId, "lastEventId");
    this.connectTimeoutNanos = connectTimeoutNanos;
    this.maxEventBytes = maxEventBytes;
    this.post = post;
  }

  /**
   * Returns this request by POST with that body, or by GET if it is null. Only the SSE transport is
   * asked for the former.
   */
  public ConnectRequest withPost(@Nullable PostBody body) {
    return new ConnectRequest(
        url, headers, channelId, lastEventId, connectTimeoutNanos, maxEventBytes, body);
  }

  /** The feed's URL. */
  public String url() {
    return url;
  }

  /** The caller's headers, in order. */
  public List<Map.Entry<String, String>> headers() {
    return headers;
  }

  /** The channel to attach to, or null for a new one. */
  public @Nullable String channelId() {
    return channelId;
  }

  /** The position to resume after; empty for none. */
  public String lastEventId() {
    return lastEventId;
  }

  /** The bound on connecting, up to the response head, in nanoseconds. */
  public long connectTimeoutNanos() {
    return connectTimeoutNanos;
  }

  /** The bound on one event on the wire, in bytes. */
  public int maxEventBytes() {
    return maxEventBytes;
  }

  /**
   * The body of the POST that opens the stream; null for a GET. A transport sends it at most once:
   * whether it may be sent again is the policy's decision, not that of an HTTP client.
   */
  public @Nullable PostBody post() {
    return post;
  }

  /**
   * Returns a URL without what may be secret in it: its user, its query and its fragment. For logs
   * and messages; takes any text.
   */
  public static String redact(String url) {
    int end = url.length();
    for (int i = 0; i < end; i++) {
      if (url.charAt(i) == '?' || url.charAt(i) == '#') {
        end = i;
      }
    }
    int authority = url.indexOf("://") < 0 ? 0 : url.indexOf("://") + 3;
    int path = url.indexOf('/', authority);
    int user = url.lastIndexOf('@', (path < 0 ? end : Math.min(path, end)) - 1);
    return user < authority || authority > end
        ? url.substring(0, end)
        : url.substring(0, authority) + url.substring(user + 1, end);
  }

  /** Leaves user, query and headers out: they may hold credentials. */
  @Override
  public String toString() {
    return "ConnectRequest{" + redact(url) + " after " + lastEventId + "}";
  }
}
