package io.eventchannel.benchmarks;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Finds the ID of an event, byte by byte; its characters are ASCII. Not thread-safe. */
final class IdField {
  private final byte[] name;
  private final byte end;
  private final boolean atLineStart;
  private final StringBuilder value = new StringBuilder();
  private int matched; // of the name; -1 until the next line
  private @Nullable String found;

  private IdField(String name, char end, boolean atLineStart) {
    this.name = name.getBytes(StandardCharsets.US_ASCII);
    this.end = (byte) end;
    this.atLineStart = atLineStart;
  }

  static IdField ofStreams() {
    return new IdField("id:", '\n', true);
  }

  static IdField ofEnvelopes() {
    return new IdField("\"id\":\"", '"', false);
  }

  void feed(byte next) {
    if (matched == name.length) {
      if (next != end) {
        value.append((char) next);
        return;
      }
      found = value.toString().strip();
      value.setLength(0);
      matched = 0;
    } else if (atLineStart) {
      matched = next == '\n' ? 0 : matched >= 0 && next == name[matched] ? matched + 1 : -1;
    } else {
      matched = next == name[matched] ? matched + 1 : next == name[0] ? 1 : 0;
    }
  }

  /** The value that was found since this was last asked; null if none was. */
  @Nullable String take() {
    String value = found;
    found = null;
    return value;
  }
}
