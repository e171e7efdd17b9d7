package io.eventchannel.benchmarks;

import java.io.EOFException;
import java.io.IOException;

/** The body of a response in chunks. Not thread-safe. */
final class ChunkedPayloads implements Payloads {
  private final Payload payload;
  private State state = State.SIZE;
  private long left;

  private enum State {
    SIZE,
    EXTENSION, // of the line with the size; its CR is one too
    DATA,
    END // of the chunk: CR and LF
  }

  ChunkedPayloads(Payload payload) {
    this.payload = payload;
  }

  @Override
  public void feed(byte[] bytes, int from, int to) throws IOException {
    int at = from;
    while (at < to) {
      if (state == State.DATA) {
        int end = at + (int) Math.min(left, to - at);
        payload.feed(bytes, at, end);
        left -= end - at;
        at = end;
        if (left == 0) {
          state = State.END;
        }
      } else {
        line(bytes[at++]);
      }
    }
  }

  private void line(byte next) throws IOException {
    if (next == '\n') {
      if (state != State.END) {
        if (left == 0) {
          throw new EOFException("the server ended the stream");
        }
        state = State.DATA;
      } else {
        state = State.SIZE;
      }
    } else if (state == State.SIZE) {
      int digit = Character.digit(next, 16);
      if (digit < 0) {
        state = State.EXTENSION;
      } else {
        left = left * 16 + digit;
      }
    }
  }
}
