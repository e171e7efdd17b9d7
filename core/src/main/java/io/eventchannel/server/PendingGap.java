package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.log.Position;
import org.jspecify.annotations.Nullable;

/** A gap that a cursor has to tell before anything else. Immutable. */
final class PendingGap {
  final Gap.Reason reason;
  final Event event;
  private final @Nullable Position after;

  private PendingGap(Gap.Reason reason, Event event, @Nullable Position after) {
    this.reason = reason;
    this.event = event;
    this.after = after;
  }

  /**
   * Returns the gap between two positions.
   *
   * @param before one that is not told yet, or null. Two gaps without an event between them are
   *     one, from the beginning of the first
   * @param after the last position that the client has, or null if it has none
   * @param next the position behind the gap
   */
  static PendingGap of(
      @Nullable PendingGap before, Gap.Reason reason, @Nullable Position after, Position next) {
    Position from = before == null ? after : before.after;
    return new PendingGap(
        reason, ControlEvents.gap(reason, from == null ? null : from.id(), next.id()), from);
  }

  /**
   * Returns the gap of a consumer for which the outdated is left out.
   *
   * @param after the last position that the client has
   * @param until up to where that is done
   * @param next the position from which the client continues once the gap is told
   */
  static PendingGap slow(Position after, Position until, Position next) {
    return new PendingGap(
        Gap.Reason.SLOW, ControlEvents.slowGap(after.id(), until.id(), next.id()), after);
  }
}
