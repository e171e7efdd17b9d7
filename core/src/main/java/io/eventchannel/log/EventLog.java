package io.eventchannel.log;

import io.eventchannel.Event;
import java.util.concurrent.CompletionStage;

/**
 * One total order of events with bounded history. The seam for logs of your own: a database, a
 * stream broker.
 *
 * <p>Everything is asynchronous, because a log may live in another process; no method blocks, and a
 * stage may complete at once or late, on any thread, or fail. All methods are thread-safe.
 *
 * <p>Rules (each has a test in the kit's {@code EventLogContract}):
 *
 * <ul>
 *   <li>Positions are issued in the order of the log and never twice, in any epoch (INV-01,
 *       INV-02).
 *   <li>A confirmed append is readable by every later read; a failed one never is (INV-06).
 *   <li>A read is atomic: entries with the next cursor, or a gap, with the page behind it if you
 *       can; never a silent hole (INV-04).
 *   <li>Whenever events may have been lost or replaced, the epoch changes.
 * </ul>
 */
public interface EventLog extends AutoCloseable {
  /**
   * Appends an event; its own ID is ignored.
   *
   * @return the stage of its position; it fails if the event was not appended, or if nobody can
   *     know
   */
  CompletionStage<Position> append(Event event);

  /**
   * Reads the entries of {@code topics} after a position.
   *
   * <ul>
   *   <li>A position at the head gives an empty page, even when that event itself is evicted.
   *   <li>If an entry of the asked topics after {@code after} has been evicted: a gap of reason
   *       {@code EVICTED}. Its next lies just before the oldest entry held of the asked topics that
   *       has no evicted one of them after it, or at the head if there is none; so reading on from
   *       there is no gap again.
   *   <li>If the epoch is another: {@code EPOCH}, likewise.
   *   <li>If the log never issued the position: {@code UNKNOWN}; its next is the head.
   *   <li>The first two may bring the page behind the gap, which is then of the same moment as the
   *       verdict; without it a slow reader of a busy log may get gap after gap and no event.
   * </ul>
   *
   * @param limit the most entries to return, at least 1, also of the page behind a gap
   */
  CompletionStage<Page> read(Position after, TopicFilter topics, int limit);

  /** Returns the stage of the newest position: what a reader of the future reads after. */
  CompletionStage<Position> head();

  /**
   * Follows the log from now on: first {@link TailSink#onStart}, then every entry that is appended
   * after that position, by whomever, in order and without holes.
   *
   * <p>Calls of one sink are serial, on any thread, never under a lock of the log, and may begin
   * before this method returns. When the log can no longer keep that promise it calls {@link
   * TailSink#onFailure} and forgets the sink; the engine then follows anew.
   *
   * @return closes the subscription; a call that is under way may still end afterwards
   */
  AutoCloseable subscribeTail(TailSink sink);

  /**
   * Frees what the log holds. Pending and later stages fail with {@link IllegalStateException}, and
   * so do sinks, by {@link TailSink#onFailure}. Idempotent.
   */
  @Override
  void close();
}
