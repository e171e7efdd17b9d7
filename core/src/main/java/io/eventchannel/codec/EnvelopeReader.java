package io.eventchannel.codec;

import io.eventchannel.Event;

/** Reads JSON envelopes, one a line, and the binary frame (protocol rules W-1 to W-5). */
public final class EnvelopeReader {
  /** Receives the envelopes of a frame, in order. */
  @FunctionalInterface
  public interface Sink {
    /** An envelope; {@code seq} is {@link EnvelopeWriter#NO_SEQ} if it has none. */
    void onEnvelope(long seq, Event event);
  }

  /** Creates a reader that refuses an envelope longer than the limit. */
  public EnvelopeReader(int maxEventBytes) {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads a whole frame.
   *
   * @throws io.eventchannel.ProtocolException if the frame breaks a rule
   * @throws io.eventchannel.LimitExceededException if an envelope is longer than the limit
   */
  public void read(byte[] frame, int offset, int length, Sink sink) {
    throw new UnsupportedOperationException();
  }
}
