package io.eventchannel.transport;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Everything a transport needs to make one connection. Immutable. */
public final class ConnectRequest {
  private static final List<String> SCHEMES =
      Collections.unmodifiableList(Arrays.asList("http", "https", "ws", "wss"));

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
    int authority = beginOfAuthority(url);
    int host = url.lastIndexOf('@', firstOf("/\\?#", url, authority) - 1) + 1;
    if (host <= authority) {
      host = authority;
    }
    if (url.indexOf('@', host) >= 0) {
      // It may end a user or password that has in it what should end the authority.
      int query = firstOf("?#", url, host);
      int end = url.lastIndexOf('@', query);
      if (end >= host && mayBeUser(url, host, end)) {
        host = end + 1;
      } else if (!isHost(url.substring(host, firstOf("/\\?#", url, host)))) {
        host = query; // the end is in what may be a query as well: nothing is sure
      }
    }
    return url.substring(0, authority) + url.substring(host, firstOf("?#", url, host));
  }

  /** Whether what stands before an '@' behind the authority is no host and path. */
  private static boolean mayBeUser(String url, int begin, int end) {
    int slash = firstOf("/\\", url, begin);
    return !isHost(url.substring(begin, slash))
        || url.charAt(slash) == '\\'
        || url.substring(slash, end).indexOf(':') >= 0;
  }

  /**
   * Where user and host begin: behind a scheme, and as many slashes of either kind as there are.
   * Without any, only what is known to be a scheme is none of a user.
   */
  private static int beginOfAuthority(String url) {
    int colon = url.indexOf(':');
    boolean scheme =
        colon == firstOf(":/\\?#@", url, 0)
            && (colon + 1 == firstOf("/\\", url, 0)
                || SCHEMES.contains(url.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT)));
    int begin = scheme ? colon + 1 : 0;
    while (begin < url.length() && (url.charAt(begin) == '/' || url.charAt(begin) == '\\')) {
      begin++;
    }
    return begin;
  }

  private static int firstOf(String characters, String in, int from) {
    for (int i = from; i < in.length(); i++) {
      if (characters.indexOf(in.charAt(i)) >= 0) {
        return i;
      }
    }
    return in.length();
  }

  /** Whether it may be a host and a port: what is behind the colon is a number. */
  private static boolean isHost(String text) {
    int colon = text.indexOf(':', text.lastIndexOf(']') + 1);
    return colon < 0
        || (colon + 1 < text.length()
            && text.substring(colon + 1).chars().allMatch(c -> c >= '0' && c <= '9'));
  }

  /** Leaves user, query and headers out: they may hold credentials. */
  @Override
  public String toString() {
    return "ConnectRequest{" + redact(url) + " after " + lastEventId + "}";
  }
}
