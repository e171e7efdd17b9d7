package io.eventchannel.okhttp;

import io.eventchannel.client.ChannelClient;
import io.eventchannel.internal.SystemScheduler;
import io.eventchannel.transport.Transport;
import java.util.Objects;
import java.util.concurrent.Executor;
import okhttp3.OkHttpClient;

/**
 * Channels over OkHttp. What is made here shares the caller's TLS, proxies, DNS, cookies and
 * interceptors, for WebSockets his connection pool too, and leaves the caller's client as it is: it
 * has threads of its own, or those of an executor it was given, and never shuts anything down that
 * it did not make. Thread-safe.
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

  /**
   * Starts a client whose connections run on this executor, which is never shut down.
   *
   * <p>Each connection holds one of its threads for as long as it lives, and takes another one now
   * and then to write: so it must have a thread for every task, at once. From Java 21 on, {@code
   * Executors.newVirtualThreadPerTaskExecutor()} has, and makes a connection cost no platform
   * thread. Where the executor refuses a task, the connection fails and is tried again.
   *
   * <p>The callbacks of listeners run elsewhere, see {@link ChannelClient.Builder#executor}.
   */
  public static ChannelClient.Builder newClient(OkHttpClient client, Executor executor) {
    return ChannelClient.builder()
        .transport(webSocket(client, executor))
        .transport(sse(client, executor));
  }

  /** Returns a new WebSocket transport, for a client that is built by hand. */
  public static Transport webSocket(OkHttpClient client) {
    Objects.requireNonNull(client, "client");
    return webSocket(client, new OkHttpThreads());
  }

  /**
   * Returns a new WebSocket transport whose connections run on this executor.
   *
   * @see #newClient(OkHttpClient, Executor) what the executor must be
   */
  public static Transport webSocket(OkHttpClient client, Executor executor) {
    Objects.requireNonNull(client, "client");
    Objects.requireNonNull(executor, "executor");
    return webSocket(client, new OkHttpThreads(executor));
  }

  private static Transport webSocket(OkHttpClient client, OkHttpThreads threads) {
    return new OkHttpWebSocketTransport(
        threads.derive(client), SystemScheduler.shared(), threads, threads::close);
  }

  /** Returns a new SSE transport, for a client that is built by hand. */
  public static Transport sse(OkHttpClient client) {
    Objects.requireNonNull(client, "client");
    return sse(client, new OkHttpThreads());
  }

  /**
   * Returns a new SSE transport whose connections run on this executor.
   *
   * @see #newClient(OkHttpClient, Executor) what the executor must be
   */
  public static Transport sse(OkHttpClient client, Executor executor) {
    Objects.requireNonNull(client, "client");
    Objects.requireNonNull(executor, "executor");
    return sse(client, new OkHttpThreads(executor));
  }

  private static Transport sse(OkHttpClient client, OkHttpThreads threads) {
    SystemScheduler scheduler = new SystemScheduler("eventchannel-okhttp-timer");
    StreamClient streams = new StreamClient(threads.derive(client));
    return new OkHttpSseTransport(
        streams,
        scheduler,
        null,
        response -> {},
        () -> {
          scheduler.close();
          threads.closeAfter(streams::closeIdle);
        });
  }
}
