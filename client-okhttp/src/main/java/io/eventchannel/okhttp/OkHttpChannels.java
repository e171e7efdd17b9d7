package io.eventchannel.okhttp;

import io.eventchannel.client.ChannelClient;
import io.eventchannel.internal.SystemScheduler;
import io.eventchannel.transport.Transport;
import java.util.Objects;
import okhttp3.OkHttpClient;

/**
 * Channels over OkHttp. What is made here shares the caller's connection pool, TLS, proxies,
 * cookies and interceptors, and leaves the caller's client as it is: it has threads of its own and
 * never shuts anything down that it did not make. Thread-safe.
 *
 * <p>An event stream is asked for with {@code Accept: text/event-stream}, {@code Cache-Control:
 * no-cache} and {@code Accept-Encoding: identity}; a header of the caller's takes the place of the
 * one of that name. With {@code Accept-Encoding: gzip} a compressed stream is taken too: each event
 * is told as soon as the server flushed it, and limits count what it unpacks to. Any other coding
 * is an error. No header of the caller's goes to another origin.
 */
public final class OkHttpChannels {
  private OkHttpChannels() {}

  /**
   * Starts a client with both transports: WebSocket, and SSE where that does not pass.
   *
   * <pre>{@code
   * ChannelClient client = OkHttpChannels.newClient(okHttpClient).build();
   * EventChannel prices = client.open("https://example.com/feed?topic=prices", listener);
   * }</pre>
   */
  public static ChannelClient.Builder newClient(OkHttpClient client) {
    return ChannelClient.builder().transport(webSocket(client)).transport(sse(client));
  }

  /** Returns a new WebSocket transport, for a client that is built by hand. */
  public static Transport webSocket(OkHttpClient client) {
    Objects.requireNonNull(client, "client");
    OkHttpThreads threads = new OkHttpThreads();
    return new OkHttpWebSocketTransport(
        threads.derive(client), SystemScheduler.shared(), threads::close);
  }

  /** Returns a new SSE transport, for a client that is built by hand. */
  public static Transport sse(OkHttpClient client) {
    Objects.requireNonNull(client, "client");
    OkHttpThreads threads = new OkHttpThreads();
    SystemScheduler scheduler = new SystemScheduler("eventchannel-okhttp-timer");
    return new OkHttpSseTransport(
        threads.derive(client),
        scheduler,
        null,
        response -> {},
        () -> {
          scheduler.close();
          threads.close();
        });
  }
}
