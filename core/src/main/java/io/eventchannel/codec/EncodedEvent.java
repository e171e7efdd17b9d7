package io.eventchannel.codec;

import io.eventchannel.Capability;
import io.eventchannel.Event;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event with its bytes in each form, encoded on first use and then shared. Thread-safe.
 *
 * <p>Two threads that ask first at the same moment may both encode; the arrays are equal and either
 * may stay, so no lock is held over the work. The fields are volatile because the elements of an
 * array are not final: a reader that saw the reference through a plain field could still read zeros
 * from it.
 */
public final class EncodedEvent {
  private final Event event;

  // Written by whoever asks first, null until then. Forms that are equal byte for byte share one
  // field: SSE_BASE64 is SSE for text, JSON and BYTES are one form in two kinds of frame.
  private volatile byte @Nullable [] sse;
  private volatile byte @Nullable [] sseEnvelope;
  private volatile byte @Nullable [] lines;

  /** Wraps an event. */
  public EncodedEvent(Event event) {
    this.event = Objects.requireNonNull(event, "event");
  }

  /** The event. */
  public Event event() {
    return event;
  }

  /**
   * The bytes; the array is shared and must not be changed.
   *
   * @throws UnsupportedOperationException if the event is binary and the form does not carry binary
   *     data; the message names {@link Capability#BINARY}
   * @throws IllegalArgumentException if a field of the event may not travel (protocol rule E-2)
   */
  public byte[] bytes(WireFormat format) {
    if (event.isBinary() && !format.carriesBinary()) {
      throw new UnsupportedOperationException(
          "binary event: " + format + " lacks the capability " + Capability.BINARY);
    }
    byte[] bytes;
    switch (format) {
      case SSE:
      case SSE_BASE64:
        bytes = sse;
        if (bytes == null) {
          sse = bytes = SseEncoder.encode(event, format);
        }
        return bytes;
      case SSE_ENVELOPE:
        bytes = sseEnvelope;
        if (bytes == null) {
          sseEnvelope = bytes = SseEncoder.encode(event, format);
        }
        return bytes;
      case JSON:
      case BYTES:
        bytes = lines;
        if (bytes == null) {
          lines = bytes = EnvelopeWriter.encode(EnvelopeWriter.NO_SEQ, event);
        }
        return bytes;
    }
    throw new AssertionError(format);
  }

  /** What it costs against a byte bound, the forms encoded so far counted; it only grows. */
  public int weight() {
    long weight = event.weight() + length(sse) + length(sseEnvelope) + length(lines);
    return (int) Math.min(Integer.MAX_VALUE, weight);
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
