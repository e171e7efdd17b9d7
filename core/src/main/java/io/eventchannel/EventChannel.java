package io.eventchannel;

import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A channel of events between a server and a client that outlives its connections. It has an
 * identity, a position and a listener; connections come and go beneath it, over WebSocket or SSE.
 *
 * <p>All methods may be called from any thread and from inside any callback. None of them blocks.
 */
public interface EventChannel extends AutoCloseable {
  /** The channel's ID, minted by the server; null on a client that no server has answered yet. */
  @Nullable String id();

  /** Where the channel stands now. */
  ChannelState state();

  /**
   * The transport of the latest connection that opened ({@code websocket}, {@code sse}), so that
   * {@link EventChannelListener#onOpen} finds it even if that connection is lost by then; null
   * before the first.
   */
  @Nullable String transport();

  /** The topics asked for; empty means all that the server allows. */
  Set<String> topics();

  /**
   * The position handled so far: the last event ID whose listener call returned. Null before any
   * position is known. A server's channel has no position of its own and returns null.
   */
  @Nullable String lastEventId();

  /** Whether the current connection offers a capability; false while there is none. */
  boolean supports(Capability capability);

  /**
   * Sends an event to the peer. On a client the stage completes when the server's listener has
   * taken the event; on a server, when the event was handed to the connection.
   *
   * <p>Events of one channel arrive in the order of the calls. The stage fails with {@link
   * SendRejectedException} if the peer refused the event, {@link OutboxFullException} if the bound
   * on unacknowledged bytes is reached, {@link DeliveryUnknownException} if the connection was lost
   * before the answer, {@link ChannelClosedException} if the channel is closed, and {@link
   * UnsupportedOperationException} if the connection lacks the capability.
   *
   * @throws IllegalArgumentException if the type or topic holds CR, LF or NUL or the type begins
   *     with {@code eventchannel.} (protocol rules E-2, E-3)
   */
  CompletionStage<Void> send(Event event);

  /**
   * Closes the channel for good. Idempotent; returns at once. Afterwards the listener gets {@link
   * EventChannelListener#onClosed} and nothing else.
   */
  @Override
  void close();
}
