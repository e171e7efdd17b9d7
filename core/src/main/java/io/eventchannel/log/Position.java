package io.eventchannel.log;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A place in an event log: an epoch and a position within it. Its text form is the event ID, {@code
 * epoch-high} or {@code epoch-high.low}, at most {@value #MAX_LENGTH} characters of {@code
 * [A-Za-z0-9.-]} (protocol rule I-1), so that an ID never needs escaping and never a CORS
 * preflight.
 *
 * <p>The position is two numbers, because some logs count (an offset; {@code low} is 0) and some
 * stamp (time and sequence). Positions are ordered within an epoch and incomparable across epochs.
 * Immutable.
 */
public final class Position {
  /** The longest text form. */
  public static final int MAX_LENGTH = 64;

  private static final int MAX_EPOCH = 24;

  private final String epoch;
  private final long high;
  private final long low;
  private final String id;

  private Position(String epoch, long high, long low) {
    this.epoch = epoch;
    this.high = high;
    this.low = low;
    this.id = low == 0 ? epoch + '-' + high : epoch + '-' + high + '.' + low;
  }

  /** Returns the position {@code high} of a log that counts. */
  public static Position of(String epoch, long high) {
    return of(epoch, high, 0);
  }

  /**
   * Returns a position.
   *
   * @throws IllegalArgumentException if the epoch is not 1 to 24 characters of {@code [A-Za-z0-9]}
   *     or a number is negative
   */
  public static Position of(String epoch, long high, long low) {
    Objects.requireNonNull(epoch, "epoch");
    if (!isEpoch(epoch, 0, epoch.length())) {
      throw new IllegalArgumentException(
          "epoch: expected 1 to "
              + MAX_EPOCH
              + " letters and digits, got "
              + epoch.length()
              + " characters");
    }
    if (high < 0 || low < 0) {
      throw new IllegalArgumentException("position: expected 0 or more, got " + high + "." + low);
    }
    return new Position(epoch, high, low);
  }

  /**
   * Reads the text form. Strict: whatever {@link #id()} would not have written is refused, leading
   * zeros and signs and overflow included, so that two different IDs never mean one position.
   *
   * @return the position, or null if the text is not the ID of any log
   */
  public static @Nullable Position parse(String id) {
    if (id.length() > MAX_LENGTH) {
      return null;
    }
    int dash = id.indexOf('-');
    if (dash < 0 || !isEpoch(id, 0, dash)) {
      return null;
    }
    int dot = id.indexOf('.', dash);
    long high = number(id, dash + 1, dot < 0 ? id.length() : dot);
    long low = dot < 0 ? 0 : number(id, dot + 1, id.length());
    if (high < 0 || low < 0 || (dot >= 0 && low == 0)) {
      return null;
    }
    return new Position(id.substring(0, dash), high, low);
  }

  private static boolean isEpoch(String text, int from, int to) {
    if (to - from < 1 || to - from > MAX_EPOCH) {
      return false;
    }
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) {
        return false;
      }
    }
    return true;
  }

  /** Returns the canonical decimal number in the range, or -1. */
  private static long number(String text, int from, int to) {
    int digits = to - from;
    if (digits < 1 || digits > 19 || (digits > 1 && text.charAt(from) == '0')) {
      return -1;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /** The epoch: changed whenever events may have been lost or replaced. */
  public String epoch() {
    return epoch;
  }

  /** The more significant number. */
  public long high() {
    return high;
  }

  /** The less significant number; 0 in a log that counts. */
  public long low() {
    return low;
  }

  /** The text form, which is the event ID. */
  public String id() {
    return id;
  }

  /** Whether both lie in one epoch, and so can be compared. */
  public boolean sameEpoch(Position other) {
    return epoch.equals(other.epoch);
  }

  /**
   * Compares within an epoch: negative, zero or positive as this one lies before, at or after the
   * other.
   *
   * @throws IllegalArgumentException if the epochs differ: then there is no order
   */
  public int compareWithin(Position other) {
    if (!sameEpoch(other)) {
      throw new IllegalArgumentException(
          "positions of two epochs have no order: " + id + ", " + other.id);
    }
    int order = Long.compare(high, other.high);
    return order != 0 ? order : Long.compare(low, other.low);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Position && id.equals(((Position) other).id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return id;
  }
}
