package io.eventchannel.codec;

import io.eventchannel.Event;

/** Incremental push parser of {@code text/event-stream} (WHATWG HTML, section 9.2.6). */
public final class SseParser {
  /** Receives what the parser finds, in the order of the stream. */
  public interface Sink {
    /** An event; its ID is the last event ID at this moment, null when that is empty. */
    void onEvent(Event event);

    /** A block without data changed the last event ID; the empty string took it back. */
    void onLastEventId(String lastEventId);

    /** A valid {@code retry} field, at its line; clamped to {@link Long#MAX_VALUE}. */
    void onRetry(long millis);

    /** A comment line, without the colon and at most one space. */
    void onComment(String text);
  }

  /** Creates a parser of one connection's stream; the ID seeds its first events. */
  public SseParser(Sink sink, SseLimits limits, String lastEventId) {
    throw new UnsupportedOperationException();
  }

  /** Parses the next bytes. */
  public void feed(byte[] bytes, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  /** The stream ended: an unterminated block is discarded. */
  public void end() {
    throw new UnsupportedOperationException();
  }

  /** The last event ID committed so far; empty for none. */
  public String lastEventId() {
    throw new UnsupportedOperationException();
  }
}
