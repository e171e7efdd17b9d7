package io.eventchannel.jakarta;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Puts a message together from the parts in which a container delivers it, as bytes, text and
 * binary alike. Counts as it goes, because containers disagree about their own limits and one has
 * none. Confined to the session's reading thread.
 */
final class MessageAssembler {
  private static final byte[] NONE = {};

  private final int maxBytes;
  private final int maxParts;

  // Made with the first part that is not the whole message, which most sessions never see.
  private @Nullable ByteArrayOutputStream bytes;
  private int parts;
  private String highSurrogate = ""; // the first half of a pair that was cut between two parts
  private boolean overLimit;

  MessageAssembler(int maxBytes) {
    this.maxBytes = maxBytes;
    // Empty fragments count for nothing in bytes and could go on for ever. An honest sender's
    // fragments, and the pieces that containers cut, are longer than 16 bytes.
    this.maxParts = 64 + maxBytes / 16;
  }

  /** Takes a part of a text message; returns the message if it is whole, else null. */
  byte @Nullable [] text(String part, boolean last) {
    if (overLimit) {
      return null;
    }
    String text = highSurrogate.isEmpty() ? part : highSurrogate + part;
    int end = text.length();
    boolean cut = !last && end > 0 && Character.isHighSurrogate(text.charAt(end - 1));
    highSurrogate = cut ? text.substring(end - 1) : "";
    // A char is at least a byte: what is too long is not encoded at all.
    if (end - 1 > maxBytes - size()) {
      overLimit = true;
      return null;
    }
    return add((cut ? text.substring(0, end - 1) : text).getBytes(StandardCharsets.UTF_8), last);
  }

  /** Takes a part of a binary message; returns the message if it is whole, else null. */
  byte @Nullable [] binary(ByteBuffer part, boolean last) {
    if (part.remaining() > maxBytes - size()) {
      overLimit = true;
      return null;
    }
    byte[] copy = new byte[part.remaining()];
    part.get(copy);
    return add(copy, last);
  }

  /** Whether a message has exceeded the limit; from then on nothing is put together. */
  boolean isOverLimit() {
    return overLimit;
  }

  private byte @Nullable [] add(byte[] part, boolean last) {
    if (overLimit || part.length > maxBytes - size() || parts == maxParts) {
      overLimit = true;
      return null;
    }
    if (last && parts == 0) {
      return part;
    }
    parts++;
    ByteArrayOutputStream before = bytes;
    if (before == null) {
      bytes = before = new ByteArrayOutputStream(0);
    }
    before.write(part, 0, part.length);
    if (!last) {
      return null;
    }
    bytes = null;
    parts = 0;
    return before.size() == 0 ? NONE : before.toByteArray();
  }

  private int size() {
    return bytes == null ? 0 : bytes.size();
  }
}
