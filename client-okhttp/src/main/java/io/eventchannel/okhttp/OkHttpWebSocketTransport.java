package io.eventchannel.okhttp;

import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.Scheduler;
import io.eventchannel.transport.Transport;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;

/**
 * WebSocket over OkHttp, one thread a connection. While reading is paused that thread waits, so
 * pings are not answered either; a server's own deadline must allow for it.
 *
 * <p>OkHttp bounds no incoming frame: the limit on an event is checked when the frame is complete.
 */
final class OkHttpWebSocketTransport implements Transport {
  // A peer that does not answer our close frame is cut off after this.
  private static final long CLOSE_TIMEOUT_SECONDS = 2;

  private final OkHttpClient client;
  private final Scheduler scheduler;
  private final Runnable onClose;

  OkHttpWebSocketTransport(OkHttpClient.Builder derived, Scheduler scheduler, Runnable onClose) {
    this.client = derived.webSocketCloseTimeout(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS).build();
    this.scheduler = scheduler;
    this.onClose = onClose;
  }

  @Override
  public String name() {
    return WEBSOCKET;
  }

  @Override
  public Connection connect(ConnectRequest request, ConnectionListener listener) {
    WebSocketConnection connection = new WebSocketConnection(request, listener, scheduler);
    // OkHttp counts a WebSocket's call up to the answer and no further.
    connection.begin(
        client
            .newBuilder()
            .callTimeout(
                Math.max(1, request.connectTimeoutNanos() / 1_000_000), TimeUnit.MILLISECONDS)
            .build());
    return connection;
  }

  @Override
  public void close() {
    onClose.run();
  }
}
