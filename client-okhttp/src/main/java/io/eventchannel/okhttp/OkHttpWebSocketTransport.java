package io.eventchannel.okhttp;

import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.Scheduler;
import io.eventchannel.transport.Transport;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/**
 * WebSocket over OkHttp, one thread a connection and another one while it writes. While reading is
 * paused the first one waits, so pings are not answered either; a server's own deadline must allow
 * for it.
 */
final class OkHttpWebSocketTransport implements Transport {
  /** A peer that does not end the stream after our close frame is cut off after this. */
  static final long CLOSE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** How long the socket may take for 8 KiB, beyond what its buffers take at once. */
  static final long WRITE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final OkHttpClient client;
  private final WebSocketSettings settings;
  private final Executor writers;
  private final Runnable onClose;

  /**
   * Creates one.
   *
   * @param writers where connections write
   * @param onClose what to free with the transport
   */
  OkHttpWebSocketTransport(
      OkHttpClient.Builder derived, Scheduler scheduler, Executor writers, Runnable onClose) {
    this(derived, scheduler, writers, WRITE_TIMEOUT_NANOS, onClose);
  }

  OkHttpWebSocketTransport(
      OkHttpClient.Builder derived,
      Scheduler scheduler,
      Executor writers,
      long writeTimeoutNanos,
      Runnable onClose) {
    // First, so that the caller's own interceptors see what came.
    derived.networkInterceptors().add(0, new ProxyRefusals());
    this.client =
        derived
            // There is no upgrade in HTTP/2.
            .protocols(Collections.singletonList(Protocol.HTTP_1_1))
            .addNetworkInterceptor(new StrayUpgrades())
            .build();
    this.writers = writers;
    this.settings =
        new WebSocketSettings(
            scheduler, writers, new SecureRandom(), CLOSE_TIMEOUT_NANOS, writeTimeoutNanos);
    this.onClose = onClose;
  }

  @Override
  public String name() {
    return WEBSOCKET;
  }

  @Override
  public Connection connect(ConnectRequest request, ConnectionListener listener) {
    WebSocketConnection connection = new WebSocketConnection(client, settings, request, listener);
    connection.begin();
    return connection;
  }

  /** What is idle in the pool is of the old network; it is closed on a thread that may block. */
  @Override
  public void networkChanged() {
    try {
      writers.execute(client.connectionPool()::evictAll);
    } catch (RejectedExecutionException | OutOfMemoryError none) {
      // A handshake that meets a dead connection times out, and is tried again on another.
    }
  }

  @Override
  public void close() {
    onClose.run();
  }
}
