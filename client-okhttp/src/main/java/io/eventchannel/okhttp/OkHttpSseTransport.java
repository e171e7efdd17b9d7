package io.eventchannel.okhttp;

import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.Scheduler;
import io.eventchannel.transport.Transport;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * Server-Sent Events over OkHttp: GET for the stream, POST to the same URL for what is sent. Each
 * stream has a thread, which reads, parses and tells.
 */
final class OkHttpSseTransport implements Transport {
  // How long a POST may take to be answered: the server's listener may be slow, but the events
  // behind it wait, and so does whoever sent them.
  private static final long POST_TIMEOUT_SECONDS = 30;

  private final OkHttpClient streams;
  private final OkHttpClient posts;
  private final Scheduler scheduler;
  private final Consumer<? super Response> onResponse;
  private final Runnable onClose;

  /**
   * Creates one.
   *
   * @param onResponse sees each final response of a stream before anything of it is told; the body
   *     is not to be touched
   * @param onClose what to free with the transport
   */
  OkHttpSseTransport(
      OkHttpClient.Builder derived,
      Scheduler scheduler,
      Consumer<? super Response> onResponse,
      Runnable onClose) {
    this.streams = derived.build();
    this.posts = streams.newBuilder().callTimeout(POST_TIMEOUT_SECONDS, TimeUnit.SECONDS).build();
    this.scheduler = scheduler;
    this.onResponse = onResponse;
    this.onClose = onClose;
  }

  @Override
  public String name() {
    return SSE;
  }

  @Override
  public Connection connect(ConnectRequest request, ConnectionListener listener) {
    SseConnection connection =
        new SseConnection(streams, posts, scheduler, onResponse, request, listener);
    connection.begin();
    return connection;
  }

  @Override
  public void close() {
    onClose.run();
  }
}
