package io.eventchannel.codec;

import io.eventchannel.Event;

/** Writes events as {@code text/event-stream}. Stateless. */
public final class SseEncoder {
  private SseEncoder() {}

  /** Returns the event's bytes in one of the SSE forms, blank line included. */
  public static byte[] encode(Event event, WireFormat format) {
    throw new UnsupportedOperationException();
  }

  /** Returns a comment; every line of the text gets a colon of its own. */
  public static byte[] comment(String text) {
    throw new UnsupportedOperationException();
  }

  /** Returns a {@code retry:} field and a blank line. */
  public static byte[] retry(long millis) {
    throw new UnsupportedOperationException();
  }
}
