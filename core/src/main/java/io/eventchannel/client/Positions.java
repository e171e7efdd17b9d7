package io.eventchannel.client;

import org.jspecify.annotations.Nullable;

/**
 * The two positions of a channel, which never compares them: an event ID means something to the
 * server's log alone.
 *
 * <p><i>Received</i> is the last one put into the inbound queue; the next connection resumes after
 * it, since the queue outlives connections. Guarded by the channel's lock. <i>Handled</i> is the
 * last one whose listener call returned; only this one may be stored. Written by the delivering
 * task alone, one at a time; read by anyone.
 */
final class Positions {
  private String received = "";
  private volatile @Nullable String handled;

  /** The channel begins at a stored position, or at none. */
  void begin(@Nullable String lastEventId) {
    received = lastEventId == null ? "" : lastEventId;
    handled = received.isEmpty() ? null : received;
  }

  /** The position moved; the empty string took it back. Returns whether it is another one now. */
  boolean received(String position) {
    if (position.equals(received)) {
      return false;
    }
    received = position;
    return true;
  }

  /** Where the next connection resumes; empty for nowhere. */
  String received() {
    return received;
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
