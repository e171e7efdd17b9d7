package io.eventchannel.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import io.eventchannel.ProtocolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Reads JSON envelopes, one a line, and the binary frame (protocol rules W-1 to W-5). Stateless
 * between calls, so one reader may serve many threads.
 *
 * <p>A line end after the last line may be missing, blank lines are skipped, unknown fields with
 * plain values are ignored. A lone surrogate in a text becomes U+FFFD.
 */
public final class EnvelopeReader {
  /** Receives the envelopes of a frame, in order. */
  @FunctionalInterface
  public interface Sink {
    /** An envelope; {@code seq} is {@link EnvelopeWriter#NO_SEQ} if it has none. */
    void onEnvelope(long seq, Event event);
  }

  private final int maxEventBytes;

  /**
   * Creates a reader that refuses an envelope longer than the limit, which bounds its line and its
   * raw bytes, each alone.
   */
  public EnvelopeReader(int maxEventBytes) {
    if (maxEventBytes < 1) {
      throw new IllegalArgumentException(
          "maxEventBytes: expected at least 1, got " + maxEventBytes);
    }
    this.maxEventBytes = maxEventBytes;
  }

  /**
   * Reads a whole frame. The sink has got what stands before a mistake when the exception comes.
   *
   * @throws ProtocolException if the frame breaks a rule
   * @throws LimitExceededException if an envelope is longer than the limit
   */
  public void read(byte[] frame, int offset, int length, Sink sink) {
    if (offset < 0 || length < 0 || length > frame.length - offset) {
      throw new IndexOutOfBoundsException(
          "offset " + offset + ", length " + length + " in " + frame.length + " bytes");
    }
    Objects.requireNonNull(sink, "sink");
    int to = offset + length;
    int position = offset;
    while (position < to) {
      int lineEnd = lineEnd(frame, position, to);
      int start = skipBlanks(frame, position, lineEnd);
      position = lineEnd + 1;
      if (start < lineEnd) {
        Envelope envelope = readLine(frame, start, lineEnd);
        if (envelope.binaryLength() < 0) {
          sink.onEnvelope(envelope.seq(), envelope.textEvent());
        } else {
          int rawEnd = rawEnd(frame, Math.min(position, to), to, envelope.binaryLength());
          byte[] raw = Arrays.copyOfRange(frame, rawEnd - envelope.binaryLength(), rawEnd);
          position = rawEnd + 1;
          sink.onEnvelope(envelope.seq(), envelope.binaryEvent(raw));
        }
      }
    }
  }

  private Envelope readLine(byte[] frame, int from, int to) {
    checkLimit(to - from);
    // A line of JSON never has NUL outside its strings; seen here, it would make Jackson guess
    // UTF-16 or UTF-32, whereas our lines are UTF-8.
    if (frame[from] != '{' || to - from < 2 || frame[from + 1] == 0) {
      throw malformed(frame, from, to);
    }
    Envelope envelope = new Envelope();
    try (JsonParser json = EnvelopeJson.parser(frame, from, to - from)) {
      json.nextToken(); // the brace, as seen above
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        envelope.set(name, json.nextToken(), json);
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw malformed(frame, from, to);
      }
    } catch (StreamConstraintsException e) {
      throw new ProtocolException(
          "envelope: expected names of at most "
              + EnvelopeJson.MAX_NAME_LENGTH
              + " characters and numbers of at most "
              + EnvelopeJson.MAX_NUMBER_LENGTH
              + ", got a longer one");
    } catch (IOException e) {
      // What Jackson says about the place is for whoever wrote the line; the exception itself, with
      // its source and its class, stays here.
      throw malformed(frame, from, to);
    }
    envelope.check();
    return envelope;
  }

  private int rawEnd(byte[] frame, int from, int to, int length) {
    checkLimit(length);
    if (length > to - from) {
      throw new ProtocolException(
          "bytes: expected " + length + " raw bytes after the line, got " + (to - from));
    }
    int end = from + length;
    if (end < to && frame[end] != '\n') {
      throw new ProtocolException(
          "bytes: expected a line end after " + length + " raw bytes, got byte " + frame[end]);
    }
    return end;
  }

  private void checkLimit(int length) {
    if (length > maxEventBytes) {
      throw new LimitExceededException(
          "maxEventBytes: expected at most " + maxEventBytes + " in an envelope, got " + length);
    }
  }

  private static ProtocolException malformed(byte[] frame, int from, int to) {
    // Latin-1 keeps one character for each byte; quote() shows ASCII only.
    String start = new String(frame, from, Math.min(to - from, 64), StandardCharsets.ISO_8859_1);
    return new ProtocolException(
        "envelope: expected one JSON object in a line, got " + FieldRules.quote(start));
  }

  private static int lineEnd(byte[] frame, int from, int to) {
    int i = from;
    while (i < to && frame[i] != '\n') {
      i++;
    }
    return i;
  }

  private static int skipBlanks(byte[] frame, int from, int to) {
    int i = from;
    while (i < to && (frame[i] == ' ' || frame[i] == '\t' || frame[i] == '\r')) {
      i++;
    }
    return i;
  }
}
