package io.eventchannel.log;

/**
 * Receives the tail of a log; see {@link EventLog#subscribeTail}. Must return quickly. One that
 * throws has ended: it gets {@link #onFailure}, and no other sink notices.
 */
public interface TailSink {
  /** The tail starts: the next {@link #onEntry} is the first entry after {@code head}. */
  void onStart(Position head);

  /** The next entry of the log. */
  void onEntry(LogEntry entry);

  /** The subscription has ended against its will; nothing follows. */
  void onFailure(Throwable cause);
}
