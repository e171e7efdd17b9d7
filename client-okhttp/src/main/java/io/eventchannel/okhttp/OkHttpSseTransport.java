package io.eventchannel.okhttp;

import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.Scheduler;
import io.eventchannel.transport.Transport;
import java.util.function.Consumer;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Server-Sent Events over OkHttp: GET for the stream, POST to the same URL for what is sent; or a
 * POST for the stream, and then nothing is sent. Each stream has a thread, which reads, parses and
 * tells.
 */
final class OkHttpSseTransport implements Transport {
  private final StreamClient client;
  private final Scheduler scheduler;
  private final @Nullable Request prototype;
  private final Consumer<? super Response> onResponse;
  private final Runnable onClose;

  /**
   * Creates one.
   *
   * @param prototype where the tags, method and body of each stream's requests come from; null for
   *     those of the channel
   * @param onResponse sees each final response of a stream before anything of it is told; the body
   *     of an event stream is not to be touched
   * @param onClose what to free with the transport
   */
  OkHttpSseTransport(
      StreamClient client,
      Scheduler scheduler,
      @Nullable Request prototype,
      Consumer<? super Response> onResponse,
      Runnable onClose) {
    this.client = client;
    this.scheduler = scheduler;
    this.prototype = prototype;
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
        new SseConnection(
            client, scheduler, onResponse, request, new SseRedirects(request, prototype), listener);
    connection.begin();
    return connection;
  }

  @Override
  public void networkChanged() {
    client.leave(client.current());
  }

  @Override
  public void close() {
    onClose.run();
  }
}
