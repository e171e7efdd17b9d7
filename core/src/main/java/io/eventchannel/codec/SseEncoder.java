package io.eventchannel.codec;

import io.eventchannel.Capability;
import io.eventchannel.Event;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Writes events as {@code text/event-stream}. Stateless.
 *
 * <p>What comes back from a parser is what went in, with two exceptions that the form leaves no
 * choice about: CR and CRLF in data come back as LF, and a lone surrogate comes back as U+FFFD.
 * Blanks at the ends of an event ID and controls inside it survive the stream, but not the {@code
 * Last-Event-ID} header of every client; the IDs of our own logs hold neither.
 */
public final class SseEncoder {
  private SseEncoder() {}

  /**
   * Returns the event's bytes in one of the SSE forms, blank line included.
   *
   * <p>In {@link WireFormat#SSE_ENVELOPE} every event, those of the protocol too, is an {@code id:}
   * line, by which an {@code EventSource} keeps its position, and an envelope as data of the
   * default type, so that a page needs one reader for both transports.
   *
   * @throws IllegalArgumentException if the format is not an SSE form, or the id, type or topic
   *     holds CR, LF or NUL, or the topic is none (protocol rules E-2, T-1)
   * @throws UnsupportedOperationException if the event is binary and the format does not carry that
   */
  public static byte[] encode(Event event, WireFormat format) {
    if (!format.isSse()) {
      throw new IllegalArgumentException("format: expected a form of SSE, got " + format);
    }
    if (event.isBinary() && !format.carriesBinary()) {
      throw new UnsupportedOperationException(
          "binary event: " + format + " lacks the capability " + Capability.BINARY);
    }
    FieldRules.checkTravels(event);
    Utf8Buffer out = new Utf8Buffer(guess(event));
    putField(out, "id", event.id());
    if (format == WireFormat.SSE_ENVELOPE) {
      out.put("data: ");
      EnvelopeWriter.putObject(out, EnvelopeWriter.NO_SEQ, event);
      return out.put("\n\n").toByteArray();
    }
    if (!event.type().equals(Event.DEFAULT_TYPE)) {
      putField(out, "event", event.type());
    }
    putField(out, "topic", event.topic());
    if (event.isBinary()) {
      putField(out, "encoding", "base64");
      putLine(out, "data:", Base64.getEncoder().encodeToString(event.bytes()));
    } else {
      putLines(out, "data:", event.data());
    }
    return out.put('\n').toByteArray();
  }

  /** Returns a comment; every line of the text gets a colon of its own. */
  public static byte[] comment(String text) {
    Utf8Buffer out = new Utf8Buffer(text.length() + 4);
    putLines(out, ":", text);
    return out.put('\n').toByteArray();
  }

  /**
   * Returns a {@code retry:} field and a blank line.
   *
   * @throws IllegalArgumentException if the delay is negative
   */
  public static byte[] retry(long millis) {
    if (millis < 0) {
      throw new IllegalArgumentException("retry: expected milliseconds >= 0, got " + millis);
    }
    return new Utf8Buffer(32).put("retry: ").put(millis).put("\n\n").toByteArray();
  }

  private static int guess(Event event) {
    int data = event.isBinary() ? 0 : event.data().length();
    return (int) Math.min(Integer.MAX_VALUE - 8, data + (data >> 3) + 96L);
  }

  private static void putField(Utf8Buffer out, String name, @Nullable String value) {
    if (value != null) {
      out.put(name).put(": ").put(value).put('\n');
    }
  }

  /** Writes a field for each line of the text; CR, LF and CRLF each end one. */
  private static void putLines(Utf8Buffer out, String prefix, String text) {
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' || c == '\r') {
        putLine(out, prefix, text, from, i);
        if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
          i++;
        }
        from = i + 1;
      }
    }
    putLine(out, prefix, text, from, text.length());
  }

  private static void putLine(Utf8Buffer out, String prefix, String line) {
    putLine(out, prefix, line, 0, line.length());
  }

  /** The space after the colon guards one that the line begins with; an empty line needs none. */
  private static void putLine(Utf8Buffer out, String prefix, String text, int from, int to) {
    out.put(prefix);
    if (from < to) {
      out.put(' ').put(text, from, to);
    }
    out.put('\n');
  }
}
