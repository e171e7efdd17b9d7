package io.eventchannel.transport;

/**
 * A way to connect: WebSocket, SSE, or one of your own. Stateless as to channels: every call makes
 * one physical connection, used once. Thread-safe.
 */
public interface Transport extends AutoCloseable {
  /** The name of the WebSocket transport. */
  String WEBSOCKET = "websocket";

  /** The name of the SSE transport. */
  String SSE = "sse";

  /** A short lower-case name, unique among the transports of a client. */
  String name();

  /**
   * Begins to connect and returns at once. Everything that happens, failure included, is told to
   * the listener; calls may begin before this method returns.
   *
   * <p>An attempt that is on its way while {@link #close} is called may come after it. It then
   * fails like any other, or is made; the engine cancels what is returned.
   */
  Connection connect(ConnectRequest request, ConnectionListener listener);

  /**
   * The device is on another network than before: what is kept for later connections, such as idle
   * sockets, is worthless. Called from any thread, a platform's main thread included; returns at
   * once. Connections themselves are dropped by the engine. By default does nothing.
   */
  default void networkChanged() {}

  /**
   * Frees what the transport holds of its own (threads, not the caller's HTTP client). Connections
   * are closed by the engine before. Idempotent.
   */
  @Override
  void close();
}
