package io.eventchannel.codec;

import io.eventchannel.Event;

/** An event with its bytes in each form, encoded on first use and then shared. Thread-safe. */
public final class EncodedEvent {
  /** Wraps an event. */
  public EncodedEvent(Event event) {
    throw new UnsupportedOperationException();
  }

  /** The event. */
  public Event event() {
    throw new UnsupportedOperationException();
  }

  /** The bytes; the array is shared and must not be changed. */
  public byte[] bytes(WireFormat format) {
    throw new UnsupportedOperationException();
  }

  /** What it costs against a byte bound, the encoded forms counted. */
  public int weight() {
    throw new UnsupportedOperationException();
  }
}
