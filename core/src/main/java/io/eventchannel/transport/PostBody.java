package io.eventchannel.transport;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The body of a POST that opens an event stream: the question to which the stream is the answer.
 * Immutable.
 */
public final class PostBody {
  /**
   * The longest body, in bytes. A channel holds it for life, since it may have to be sent again;
   * who has more to say uploads it first and asks about it afterwards.
   */
  public static final int MOST_BYTES = 32 << 20;

  private final byte[] bytes;
  private final @Nullable String contentType;

  /**
   * Creates a body from a copy of the bytes.
   *
   * @param contentType the value of {@code Content-Type}; null leaves it to the caller's headers
   * @throws IllegalArgumentException if it is longer than {@link #MOST_BYTES}, or the content type
   *     holds CR, LF or NUL
   */
  public PostBody(byte[] bytes, @Nullable String contentType) {
    Objects.requireNonNull(bytes, "bytes");
    if (bytes.length > MOST_BYTES) {
      throw new IllegalArgumentException(
          "post body: expected at most " + MOST_BYTES + " bytes, got " + bytes.length);
    }
    if (contentType != null
        && contentType.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
      throw new IllegalArgumentException(
          "post content type: expected one without CR, LF and NUL, got one with");
    }
    this.bytes = bytes.clone();
    this.contentType = contentType;
  }

  /** The bytes, read-only; each call returns a buffer with a position of its own. */
  public ByteBuffer bytes() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** How many bytes there are. */
  public int length() {
    return bytes.length;
  }

  /** The value of {@code Content-Type}, or null where the caller's headers say it, if anything. */
  public @Nullable String contentType() {
    return contentType;
  }

  /** Leaves the bytes out: they may hold anything. */
  @Override
  public String toString() {
    return "PostBody{" + bytes.length + " bytes of " + contentType + "}";
  }
}
