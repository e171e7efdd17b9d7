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

  /**
   * Creates a request.
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
    this.url = Objects.requireNonNull(url, "url");
    this.headers = Collections.unmodifiableList(new ArrayList<Map.Entry<String, String>>(headers));
    this.channelId = channelId;
    this.lastEventId = Objects.requireNonNull(lastEventId, "lastEventId");
    this.connectTimeoutNanos = connectTimeoutNanos;
    this.maxEventBytes = maxEventBytes;
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

  /** Leaves the headers and the query out: they may hold credentials. */
  @Override
  public String toString() {
    int query = url.indexOf('?');
    return "ConnectRequest{"
        + (query < 0 ? url : url.substring(0, query))
        + " after "
        + lastEventId
        + "}";
  }
}
