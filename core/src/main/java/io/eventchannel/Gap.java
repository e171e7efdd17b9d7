package io.eventchannel;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Events between two positions, {@link #missedAfter} and {@link #until}, that the channel did not
 * deliver, or not all of them. Told before the next event, so that the application can reload what
 * it missed. Immutable.
 */
public final class Gap {
  /** Why events are missing. */
  public enum Reason {
    /** The log had already evicted them. */
    EVICTED("evicted"),
    /** The log was replaced (a restart, a fail-over): its history is another one. */
    EPOCH("epoch"),
    /**
     * The server does not know the position at all, or its last ID was too long to be sent back.
     */
    UNKNOWN("unknown"),
    /**
     * The channel read too slowly, and of some of the events only the newest of each key come
     * (protocol rule G-4). Whoever keeps the newest value of each key has nothing to reload.
     */
    SLOW("slow"),
    /** A binary event could not travel over this connection. */
    BINARY("binary");

    private final String wireName;

    Reason(String wireName) {
      this.wireName = wireName;
    }

    /** The name on the wire (protocol rule G-1). */
    public String wireName() {
      return wireName;
    }

    /** Returns the reason of that wire name; a name we do not know reads as {@link #UNKNOWN}. */
    public static Reason ofWireName(String name) {
      for (Reason reason : values()) {
        if (reason.wireName.equals(name)) {
          return reason;
        }
      }
      return UNKNOWN;
    }
  }

  private final Reason reason;
  private final @Nullable String missedAfter;
  private final @Nullable String resumedAt;
  private final @Nullable String until;

  /**
   * Creates a gap that ends where the next event begins.
   *
   * @param missedAfter the position up to which nothing was missed, or null if there was none
   * @param resumedAt the position just before the next event, or null if the peer named none
   */
  public Gap(Reason reason, @Nullable String missedAfter, @Nullable String resumedAt) {
    this(reason, missedAfter, resumedAt, resumedAt);
  }

  /**
   * Creates a gap that goes on behind the next event.
   *
   * @param until the position up to which events may be missing, or null if it is not known
   */
  public Gap(
      Reason reason,
      @Nullable String missedAfter,
      @Nullable String resumedAt,
      @Nullable String until) {
    this.reason = Objects.requireNonNull(reason, "reason");
    this.missedAfter = missedAfter;
    this.resumedAt = resumedAt;
    this.until = until;
  }

  /** Why events are missing. */
  public Reason reason() {
    return reason;
  }

  /** The position up to which nothing was missed, or null if there was none. */
  public @Nullable String missedAfter() {
    return missedAfter;
  }

  /** The position just before the next event, or null if the peer named none. */
  public @Nullable String resumedAt() {
    return resumedAt;
  }

  /**
   * The position up to which events may be missing: {@link #resumedAt}, but for {@link
   * Reason#SLOW}, where of the events up to here only the newest of each key come (protocol rule
   * G-4). Null if it is not known.
   */
  public @Nullable String until() {
    return until;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof Gap)) {
      return false;
    }
    Gap that = (Gap) other;
    return reason == that.reason
        && Objects.equals(missedAfter, that.missedAfter)
        && Objects.equals(resumedAt, that.resumedAt)
        && Objects.equals(until, that.until);
  }

  @Override
  public int hashCode() {
    return Objects.hash(reason, missedAfter, resumedAt, until);
  }

  @Override
  public String toString() {
    String end = Objects.equals(until, resumedAt) ? "}" : ", until " + Printable.of(until) + "}";
    return "Gap{"
        + reason.wireName
        + " after "
        + Printable.of(missedAfter)
        + ", resumed at "
        + Printable.of(resumedAt)
        + end;
  }
}
