package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.Gap;

/**
 * What a feed tells of itself, for those who watch it in production: implement what you want to
 * know, and hand it to {@link EventFeed.Builder#metrics}. Every method does nothing by default.
 *
 * <p>All methods are called by the threads that serve the connections, the container's among them,
 * by those that publish, and those of the log; several at a time, never under a lock of the feed.
 * So an implementation is thread-safe, returns at once, and does no I/O. What it throws is caught,
 * logged the first time, and hurts nobody; that call is lost.
 *
 * <p>Costs: {@link #onWritten} is called once for each write of each connection and should do no
 * more than add to a few {@link java.util.concurrent.atomic.LongAdder}s. All others are rarer, as
 * their text says. Nothing is allocated for a call, and the clock is read once for each event that
 * is published and once for each pass of a loop, never for each connection. Without metrics, not
 * even that.
 *
 * <p>A transport is {@code sse} or {@code websocket}, as {@code EventChannel.transport()} says it.
 * Moments are measured by the feed's own clock. A name, a topic, an ID or a principal is never
 * told: what is told can be a label.
 */
public interface ServerMetrics {
  /** Returns the metrics that do nothing: the default. */
  static ServerMetrics none() {
    return NoMetrics.INSTANCE;
  }

  /**
   * The log took an event. Once for each.
   *
   * @param nanos from the call of {@code publish} to the log's answer; 0 or more
   */
  default void onPublished(long nanos) {}

  /**
   * The log did not take an event, or cannot know. An event that {@code publish} refused by an
   * exception, or since the feed is closed, is not told.
   *
   * @param nanos from the call of {@code publish} to the log's answer; 0 or more
   */
  default void onPublishFailed(long nanos) {}

  /**
   * A connection is open and about to be served. It is told before anything else of that
   * connection, and {@link #onClosed} follows once, so that the number of those that are open is
   * the difference. Connections by which a client only looks whether a transport passes count, too.
   *
   * @param resumed whether the client named the last event that it has
   */
  default void onOpened(String transport, boolean resumed) {}

  /**
   * A connection has ended.
   *
   * <p>It is told last of that connection, the end of a stall before it.
   *
   * @param reason as the endpoint's listener gets it; {@link CloseReason.Kind#HEARTBEAT_TIMEOUT} is
   *     one whose peer was silent, {@link CloseReason.Kind#LOCAL} with the code 4000 a slow
   *     consumer's, and with 1011 an error of ours that is in the log. Its code may be the client's
   *     choice where the kind is {@link CloseReason.Kind#CLOSE_CODE}, and its text may be, too: no
   *     labels.
   */
  default void onClosed(String transport, CloseReason reason) {}

  /**
   * A connection's outlet took a write, which may still be under way to the container. Once for
   * each: what stood ready at once is one write.
   *
   * @param events how many events of the feed it carries; 0 for heartbeats, direct sends, and what
   *     else is said beside the feed
   * @param bytes how many bytes it has, without the transport's own framing
   */
  default void onWritten(String transport, int events, int bytes) {}

  /**
   * A write that was told by {@link #onWritten} carried events which a returning connection had
   * missed: they were there when it was first served. The write which reaches the head of that
   * moment counts as a whole.
   *
   * @param events how many; 1 or more
   */
  default void onReplayed(String transport, int events) {}

  /** A client was told that events are missing. */
  default void onGap(String transport, Gap.Reason reason) {}

  /**
   * How far a connection is behind. Looked at with each heartbeat of each connection, also while
   * nothing can be written to it.
   *
   * @param events how many events of the feed lie between it and the head, those of topics it does
   *     not read included; 0 if it has all that is meant for it. Nobody counts beyond what the feed
   *     keeps at hand ({@link EventFeed.Builder#windowEvents}).
   * @param beyondWindow whether it is further behind, so that {@code events} is what the feed has
   *     at hand and the true number is higher
   */
  default void onLag(String transport, long events, boolean beyondWindow) {}

  /**
   * The container has been busy with one write of a connection for a second or more: its client
   * does not read. Told up to a sixteenth of a heartbeat late. {@link #onStallEnded} follows once.
   */
  default void onStallBegan(String transport) {}

  /**
   * That write is finished, or its connection has ended.
   *
   * @param nanos since the write began
   */
  default void onStallEnded(String transport, long nanos) {}

  /**
   * How long an event took to a connection that had everything and waited for it: from when it came
   * out of the log to this feed until the outlet had taken it. A sample: in each pass of a loop it
   * is the last connection of those that were waiting and were written to, so of a thousand
   * connections about one, and of a single one each event. Connections that are behind have no part
   * in it; see {@link #onLag}.
   *
   * @param nanos 0 or more
   */
  default void onDelivered(long nanos) {}
}
