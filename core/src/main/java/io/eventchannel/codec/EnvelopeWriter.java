package io.eventchannel.codec;

import io.eventchannel.Event;

/**
 * Writes the JSON envelope of an event (protocol rules W-1 to W-5). Stateless.
 *
 * <p>A lone surrogate in a text becomes U+FFFD; all else comes back from {@link EnvelopeReader} as
 * it was.
 */
public final class EnvelopeWriter {
  /** The sequence number of an envelope that carries none. */
  public static final long NO_SEQ = -1;

  private EnvelopeWriter() {}

  /**
   * Returns one envelope as UTF-8 with its line end; for a binary event the raw bytes and another
   * line end follow the line.
   *
   * @throws IllegalArgumentException if the sequence number is below 1 and not {@link #NO_SEQ}, or
   *     the id, type or topic holds CR, LF or NUL, or the topic is none (protocol rules E-2, T-1,
   *     U-1)
   */
  public static byte[] encode(long seq, Event event) {
    if (seq < 1 && seq != NO_SEQ) {
      throw new IllegalArgumentException("seq: expected a number >= 1 or NO_SEQ, got " + seq);
    }
    FieldRules.checkTravels(event);
    Utf8Buffer out = new Utf8Buffer(guess(event));
    putObject(out, seq, event);
    out.put('\n');
    if (event.isBinary()) {
      out.put(event.bytes()).put('\n');
    }
    return out.toByteArray();
  }

  /** Writes the JSON object alone, of an event whose fields have been checked. */
  static void putObject(Utf8Buffer out, long seq, Event event) {
    out.put('{');
    if (seq != NO_SEQ) {
      out.put("\"seq\":").put(seq).put(',');
    }
    String id = event.id();
    if (id != null) {
      out.put("\"id\":").putJson(id).put(',');
    }
    if (!event.type().equals(Event.DEFAULT_TYPE)) {
      out.put("\"event\":").putJson(event.type()).put(',');
    }
    String topic = event.topic();
    if (topic != null) {
      out.put("\"topic\":").putJson(topic).put(',');
    }
    if (event.isBinary()) {
      out.put("\"bytes\":").put(event.bytes().length);
    } else {
      out.put("\"data\":").putJson(event.data());
    }
    out.put('}');
  }

  private static int guess(Event event) {
    if (event.isBinary()) {
      return 128;
    }
    int data = event.data().length();
    return (int) Math.min(Integer.MAX_VALUE - 8, data + (data >> 3) + 128L);
  }
}
