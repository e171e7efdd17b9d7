package io.eventchannel.codec;

import io.eventchannel.Event;

/** Writes the JSON envelope of an event (protocol rules W-1 to W-5). Stateless. */
public final class EnvelopeWriter {
  /** The sequence number of an envelope that carries none. */
  public static final long NO_SEQ = -1;

  private EnvelopeWriter() {}

  /**
   * Returns one envelope as UTF-8 with its line end; for a binary event the raw bytes and another
   * line end follow the line.
   */
  public static byte[] encode(long seq, Event event) {
    throw new UnsupportedOperationException();
  }
}
