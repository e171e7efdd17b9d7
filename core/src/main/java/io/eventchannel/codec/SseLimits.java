package io.eventchannel.codec;

/** The bounds of an {@link SseParser}, in bytes of the stream. Immutable. */
public final class SseLimits {
  // Beside the data of an event in base64: its ID, type and topic.
  private static final int BESIDE_BASE64 = 1024;

  private final int maxLineBytes;
  private final int maxEventBytes;

  /**
   * Creates limits.
   *
   * @param maxLineBytes the longest line without its end
   * @param maxEventBytes the most bytes between two blank lines, ends and overhead of lines
   *     included; where the data is base64, the most bytes that it stands for
   */
  public SseLimits(int maxLineBytes, int maxEventBytes) {
    if (maxLineBytes < 1 || maxEventBytes < maxLineBytes) {
      throw new IllegalArgumentException(
          "limits: expected 1 <= line <= event, got line "
              + maxLineBytes
              + ", event "
              + maxEventBytes);
    }
    this.maxLineBytes = maxLineBytes;
    this.maxEventBytes = maxEventBytes;
  }

  /** Returns limits that bound the event alone. */
  public static SseLimits ofEvent(int maxEventBytes) {
    return new SseLimits(maxEventBytes, maxEventBytes);
  }

  /** How many bytes of a stream so many may take as base64, other fields beside them included. */
  static int encoded(int bytes) {
    return (int) Math.min(Integer.MAX_VALUE - 8, (bytes + 2L) / 3 * 4 + BESIDE_BASE64);
  }

  /** The longest line without its end. */
  public int maxLineBytes() {
    return maxLineBytes;
  }

  /** The most bytes between two blank lines. */
  public int maxEventBytes() {
    return maxEventBytes;
  }
}
