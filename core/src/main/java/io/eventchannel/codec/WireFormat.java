package io.eventchannel.codec;

/** The forms in which one event travels; each event is encoded at most once in each. */
public enum WireFormat {
  /** {@code text/event-stream} fields; cannot carry binary events. */
  SSE,
  /** {@code text/event-stream} fields, binary data as base64 (protocol rule B-2). */
  SSE_BASE64,
  /**
   * {@code text/event-stream} whose every event, control too, is an {@code id:} line and the JSON
   * envelope as data of the default type; cannot carry binary events.
   */
  SSE_ENVELOPE,
  /** JSON envelopes, one a line, in WebSocket text frames; binary events in binary frames. */
  JSON,
  /**
   * JSON envelopes, one a line, as UTF-8 in WebSocket binary frames; binary data follows its line.
   */
  BYTES;

  /** Whether this is one of the forms of {@code text/event-stream}. */
  public boolean isSse() {
    return this == SSE || this == SSE_BASE64 || this == SSE_ENVELOPE;
  }

  /** Whether a binary event can travel in this form. */
  public boolean carriesBinary() {
    return this != SSE && this != SSE_ENVELOPE;
  }
}
