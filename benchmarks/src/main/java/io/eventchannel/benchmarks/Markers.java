package io.eventchannel.benchmarks;

/**
 * Finds {@code #seq:<number>;ts:<nanoseconds>;} in the payload of one connection, which comes in
 * pieces of any length: what it has seen of a marker is kept from one piece to the next. Not
 * thread-safe.
 */
final class Markers implements Payload {
  private static final byte[] SEQ = {'#', 's', 'e', 'q', ':'};
  private static final byte[] TS = {';', 't', 's', ':'};
  private static final int SEQ_DIGITS = SEQ.length;
  private static final int TS_AT = SEQ_DIGITS + 1;
  private static final int TS_DIGITS = TS_AT + TS.length - 1;

  private final Sink sink;

  // How much of a marker has been seen: a position in SEQ, then its digits, and the same with TS.
  private int state;
  private boolean digits;
  private long seq;
  private long ts;

  /** Is told of each marker. */
  interface Sink {
    void onMarker(long seq, long ts);
  }

  Markers(Sink sink) {
    this.sink = sink;
  }

  @Override
  public void feed(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      byte next = bytes[i];
      if (state == 0) {
        // Most of the payload is padding.
        if (next == '#') {
          begin();
        }
      } else if (!accept(next)) {
        state = 0;
        if (next == '#') {
          begin();
        }
      }
    }
  }

  private void begin() {
    state = 1;
    digits = false;
    seq = 0;
    ts = 0;
  }

  private boolean accept(byte next) {
    if (state < SEQ_DIGITS) {
      return next == SEQ[state] && advance();
    }
    if (state == SEQ_DIGITS) {
      if (isDigit(next)) {
        digits = true;
        seq = seq * 10 + (next - '0');
        return true;
      }
      return digits && next == TS[0] && advance();
    }
    if (state < TS_DIGITS) {
      digits = false;
      return next == TS[state - SEQ_DIGITS] && advance();
    }
    if (isDigit(next)) {
      digits = true;
      ts = ts * 10 + (next - '0');
      return true;
    }
    if (digits && next == ';') {
      sink.onMarker(seq, ts);
    }
    return false;
  }

  private boolean advance() {
    state++;
    return true;
  }

  private static boolean isDigit(byte next) {
    return next >= '0' && next <= '9';
  }
}
