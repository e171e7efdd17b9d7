package io.eventchannel;

import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A channel of events between a server and a client that outlives its connections. It has an
 * identity, a position and a listener; connections come and go beneath it, over WebSocket or SSE.
 *
 * <p>All methods may be called from any thread and from inside any callback. None of them blocks,
 * but for {@link #send} on a client's channel that was opened so ({@link
 * io.eventchannel.client.ChannelRequest.Builder#blockWhenFull}), outside its callbacks.
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
   * The position handled so far: the last event ID whose listener call returned, or with manual
   * commit the one that {@link #commit} made the position. Null before any position is known. A
   * server's channel has no position of its own and returns null.
   */
  @Nullable String lastEventId();

  /** Whether the current connection offers a capability; false while there is none. */
  boolean supports(Capability capability);

  /**
   * Sends an event to the peer. On a client the stage completes when the server's listener has
   * taken the event; on a server, when the event was handed to the connection. The {@link Receipt}
   * says which, and whether the event may have been taken twice.
   *
   * <p>Events of one channel arrive in the order of the calls. A client sends again, over its next
   * connection, what was not acknowledged when a connection was lost; as long as the server knows
   * the channel its listener gets each event once (protocol rule U-8).
   *
   * <p>The stage fails with {@link SendRejectedException} if the peer refused the event, {@link
   * OutboxFullException} if the bound on what is unacknowledged is reached, at once unless a
   * client's channel was asked to wait before (a server's never waits), {@link
   * DeliveryUnknownException} if nobody can say any more whether the peer took it: the channel
   * closed before the answer, {@link io.eventchannel.client.ChannelRequest.Builder#sendAtMostOnce}
   * forbade to send it again, or it was sent again to a server that had forgotten the channel, and
   * refused it; {@link ChannelClosedException} if it was not sent since the channel is closed, or
   * has no connection on a server; and {@link UnsupportedOperationException} if the connection
   * lacks the capability.
   *
   * @throws IllegalArgumentException if the type or topic holds CR, LF or NUL or the type begins
   *     with {@code eventchannel.} (protocol rules E-2, E-3)
   */
  CompletionStage<Receipt> send(Event event);

  /**
   * Says that everything up to an event is done: its ID becomes the position that is stored. For a
   * client's channel whose request has {@link
   * io.eventchannel.client.ChannelRequest.Builder#manualCommit manualCommit()}.
   *
   * <p>Commits are cumulative, and the last one counts. IDs are not compared, so an ID from before
   * the one committed last moves the stored position back: after a restart events are repeated,
   * none is lost. An ID that this channel never delivered is stored as it is.
   *
   * <p>While all is committed, that is, the ID committed is that of the last event or gap
   * delivered, a position that moves without an event (by a heartbeat, or with a gap once {@code
   * onGap} returned) is stored without a commit, so that a quiet channel does not fall out of the
   * log. Otherwise it waits, so that nothing is skipped that is not committed. An event without an
   * ID needs no commit.
   *
   * <p>Returns at once; the store is called on the client's executor, with the latest position
   * only. Works after {@link #close} and {@code onClosed}, too, as long as that executor takes
   * tasks; if it does not, the error reporter is told. While the channel lives its connections
   * resume after what was received, committed or not.
   *
   * @param lastEventId the {@link Event#id} of an event that is done, or the {@link Gap#resumedAt}
   *     of a gap
   * @throws IllegalStateException if the channel's request is without manual commit
   * @throws IllegalArgumentException if the ID is empty, longer than 4096 characters, or holds CR,
   *     LF or NUL
   * @throws UnsupportedOperationException on a server's channel
   */
  void commit(String lastEventId);

  /**
   * Closes the channel for good and tells the peer why. Idempotent: the first call counts, and a
   * later one is checked and does nothing more. Returns at once. Afterwards the listener gets
   * {@link EventChannelListener#onClosed} and nothing else, with a reason of kind {@link
   * CloseReason.Kind#LOCAL} that has this code and text, unless the channel's end had begun before:
   * a server that goes away, a consumer that was too slow. A call that another thread has begun to
   * make at that moment still comes.
   *
   * <p>Over WebSocket a close frame carries both. Over SSE a server says them in {@code
   * eventchannel.goodbye}; a client has nothing to say them with, so its stream just ends, and the
   * server cannot tell it from one that was cut. The same goes for a client whose handshake is not
   * over.
   *
   * <p>This side's channel is closed in any case. What a client makes of a code from its server is
   * up to its reconnect policy: by default it comes back after 4000 to 4499, after 4001 with fresh
   * credentials, and its channel ends after any other (protocol rule C-1). It comes back as a new
   * channel of the server. A browser's own {@code EventSource} knows no codes and always comes
   * back.
   *
   * @param code 1000, or one of 3000 to 4999 that the application gives a meaning (RFC 6455,
   *     section 7.4; protocol rule C-3)
   * @param reason a text for whoever reads the peer's log, at most 123 bytes of UTF-8; may be empty
   * @throws IllegalArgumentException if the code is another one, or the reason is longer or holds
   *     half a surrogate pair
   */
  void close(int code, String reason);

  /** Closes the channel for good: the same as {@code close(1000, "")}. */
  @Override
  default void close() {
    close(1000, "");
  }
}
