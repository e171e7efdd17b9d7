package io.eventchannel.benchmarks;

import org.jspecify.annotations.Nullable;

/**
 * Finds markers and IDs, and takes note of both only when an event has come whole: a client that is
 * cut amid one resumes before it. A blank line ends an event of a stream; a line end, or the end of
 * the message, ends an envelope. Not thread-safe.
 */
final class WholeEvents implements Payload {
  private static final int MOST_PENDING = 64;

  private final boolean webSocket;
  private final IdField idField;
  private final Markers.Sink sink;
  private final Markers markers = new Markers(this::hold);
  private final long[] seqs = new long[MOST_PENDING];
  private final long[] times = new long[MOST_PENDING];
  private int pending;
  private boolean lineIsBlank = true;
  private @Nullable String lastId;

  WholeEvents(boolean webSocket, Markers.Sink sink) {
    this.webSocket = webSocket;
    this.idField = webSocket ? IdField.ofEnvelopes() : IdField.ofStreams();
    this.sink = sink;
  }

  /** The ID of the last whole event that had one, control events included. */
  @Nullable String lastId() {
    return lastId;
  }

  @Override
  public void feed(byte[] bytes, int from, int to) {
    int fed = from;
    for (int i = from; i < to; i++) {
      byte next = bytes[i];
      idField.feed(next);
      if (next == '\n') {
        if (webSocket || lineIsBlank) {
          markers.feed(bytes, fed, i + 1);
          fed = i + 1;
          endEvent();
        }
        lineIsBlank = true;
      } else if (next != '\r') {
        lineIsBlank = false;
      }
    }
    markers.feed(bytes, fed, to);
  }

  @Override
  public void endMessage() {
    endEvent();
  }

  private void hold(long seq, long ts) {
    if (pending == MOST_PENDING) {
      throw new IllegalStateException("one event has more than " + MOST_PENDING + " markers");
    }
    seqs[pending] = seq;
    times[pending++] = ts;
  }

  private void endEvent() {
    String id = idField.take();
    if (id != null) {
      lastId = id;
    }
    for (int i = 0; i < pending; i++) {
      sink.onMarker(seqs[i], times[i]);
    }
    pending = 0;
  }
}
