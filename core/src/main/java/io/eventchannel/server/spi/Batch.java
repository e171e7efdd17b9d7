package io.eventchannel.server.spi;

import io.eventchannel.codec.WireFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one write: whole events, encoded once and shared by every connection that stands at
 * the same cursor. Immutable; safe to share between threads.
 */
public final class Batch {
  private final WireFormat format;
  private final byte[] bytes;
  private final boolean binaryFrame;
  private final int events;

  // Written by whoever needs it first; a String is immutable, so a race only costs a second decode.
  private @Nullable String text;

  /**
   * Creates a batch of what is said beside the feed.
   *
   * @param bytes handed over: never changed afterwards
   * @param binaryFrame whether WebSocket must send it as a binary frame
   */
  public Batch(WireFormat format, byte[] bytes, boolean binaryFrame) {
    this(format, bytes, binaryFrame, 0);
  }

  /**
   * Creates a batch.
   *
   * @param bytes handed over: never changed afterwards
   * @param binaryFrame whether WebSocket must send it as a binary frame
   * @param events how many events of the feed it holds
   */
  public Batch(WireFormat format, byte[] bytes, boolean binaryFrame, int events) {
    this.format = Objects.requireNonNull(format, "format");
    this.bytes = Objects.requireNonNull(bytes, "bytes");
    this.binaryFrame = binaryFrame;
    this.events = events;
  }

  /** The form of the bytes. */
  public WireFormat format() {
    return format;
  }

  /** How many bytes. */
  public int size() {
    return bytes.length;
  }

  /** How many events of the feed it holds: 0 if all of it is said beside the feed. */
  public int events() {
    return events;
  }

  /** Whether WebSocket must send it as a binary frame. */
  public boolean isBinaryFrame() {
    return binaryFrame;
  }

  /** The shared bytes; must not be changed. For containers that take arrays only. */
  public byte[] array() {
    return bytes;
  }

  /** A read-only view of the bytes with a position of its own. */
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** The bytes as text, decoded once for all; for containers that take text frames as String. */
  public String text() {
    String decoded = text;
    if (decoded == null) {
      decoded = new String(bytes, StandardCharsets.UTF_8);
      text = decoded;
    }
    return decoded;
  }
}
