package io.eventchannel.client;

import io.eventchannel.codec.FieldRules;
import org.jspecify.annotations.Nullable;

/**
 * The two positions of a channel, which never compares them: an event ID means something to the
 * server's log alone.
 *
 * <p><i>Received</i> is the last one put into the inbound queue; the next connection resumes after
 * it, since the queue outlives connections. Guarded by the channel's lock. <i>Handled</i> is the
 * last one whose listener call returned, or the one that the application committed; only this one
 * may be stored. Written by {@link Progress} alone, one thread at a time; read by anyone.
 *
 * <p>An ID that is too long to be sent back with each attempt becomes neither. Until another one
 * comes there is nowhere to resume: a connection begins anew and the listener is told of the gap,
 * while what is stored stays before that event, so that a new process loses nothing.
 */
final class Positions {
  // A tenth of this is a long ID; the heads of requests are bounded too, often at 8 KiB. What a
  // server sends once must not be what each attempt carries.
  private static final int MOST_CHARACTERS = 4096;

  private String received = "";
  private boolean unusable;
  private volatile @Nullable String handled;

  /** The channel begins at a stored position, or at none. */
  void begin(@Nullable String lastEventId) {
    received = lastEventId == null ? "" : lastEventId;
    handled = received.isEmpty() ? null : received;
  }

  /** The position moved; the empty string took it back. Returns whether it is another one now. */
  boolean received(String position) {
    if (position.equals(received) && !unusable) {
      return false;
    }
    unusable = false;
    received = position;
    return true;
  }

  /** The position moved to where nothing can resume. Returns whether that is news. */
  boolean receivedUnusable() {
    boolean news = !unusable;
    unusable = true;
    received = "";
    return news;
  }

  /** Whether there is nowhere to resume, though there should be. */
  boolean isUnusable() {
    return unusable;
  }

  /** Whether an ID is too long to be a position. */
  static boolean isTooLong(String id) {
    return id.length() > MOST_CHARACTERS;
  }

  /** Says so. */
  static String tooLong(String id) {
    return "event ID: expected at most "
        + MOST_CHARACTERS
        + " characters to resume from, got "
        + id.length();
  }

  /** Where the next connection resumes; empty for nowhere. */
  String received() {
    return received;
  }

  /**
   * Checks an ID that the application commits.
   *
   * @throws IllegalArgumentException if it is empty or too long, or holds CR, LF or NUL
   */
  static void checkCommitted(String id) {
    if (id.isEmpty() || FieldRules.breaksLine(id)) {
      throw new IllegalArgumentException(
          "lastEventId: expected an event's ID without CR, LF and NUL, got "
              + (id.isEmpty() ? "none" : "one with"));
    }
    if (isTooLong(id)) {
      throw new IllegalArgumentException(tooLong(id));
    }
  }

  /** What was received up to this position is handled. */
  void handled(String position) {
    handled = position.isEmpty() ? null : position;
  }

  /** The position handled so far, or null. */
  @Nullable String handled() {
    return handled;
  }
}
