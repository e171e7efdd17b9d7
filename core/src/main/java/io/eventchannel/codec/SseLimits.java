package io.eventchannel.codec;

/** The bounds of an {@link SseParser}, in bytes of the stream. Immutable. */
public final class SseLimits {
  private final int maxLineBytes;
  private final int maxEventBytes;

  /**
   * Creates limits.
   *
   * @param maxLineBytes the longest line without its end
   * @param maxEventBytes the most bytes between two blank lines, ends and overhead of lines
   *     included
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

  /** The longest line without its end. */
  public int maxLineBytes() {
    return maxLineBytes;
  }

  /** The most bytes between two blank lines. */
  public int maxEventBytes() {
    return maxEventBytes;
  }
}
