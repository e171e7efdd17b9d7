package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.log.Position;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far the client of a subscription has got, and what it has to be told before anything else: a
 * gap, or, once, where it stands.
 *
 * <p>Invariant: every event of its topics up to the position was handed to the outlet, or is
 * covered by the gap that is pending. So the position is safe at every moment at which no gap is.
 * Nothing moves it forward but a {@link Step} that was written, a gap, or the knowledge that none
 * of its events lie between.
 *
 * <p>Used by the subscription's owner.
 */
final class Progress {
  private final BatchCache.Reading reading;
  private @Nullable Position position; // null until the window says where the head is
  private boolean startsUnknown;
  private boolean verified; // whether the log or the window has confirmed the position
  private boolean announced; // whether the client has been told a position
  private @Nullable PendingGap gap;
  private @Nullable Replay replay; // null while nothing is to be counted

  /**
   * Creates one.
   *
   * @param start the position to read after, or null to begin at the head
   * @param startsUnknown whether the client named a position that is none: a gap, then the head
   */
  Progress(BatchCache.Reading reading, @Nullable Position start, boolean startsUnknown) {
    this.reading = reading;
    this.position = start;
    this.startsUnknown = startsUnknown;
  }

  BatchCache.Reading reading() {
    return reading;
  }

  /** The client was here before; called before anything else. */
  void returns(ConnectionMetrics metrics) {
    replay = new Replay(metrics);
  }

  /** The position; null while it is not known. */
  @Nullable Position position() {
    return position;
  }

  /** The position, for whoever comes after the place in window or log was found. */
  Position known() {
    return Objects.requireNonNull(position);
  }

  /** The position if the client may hear it as its own; else null. */
  @Nullable Position safe() {
    return verified && isTold() ? position : null;
  }

  /** Whether the client knows where it stands and of every gap before that. */
  boolean isTold() {
    return announced && gap == null;
  }

  boolean hasGap() {
    return gap != null;
  }

  boolean isVerified() {
    return verified;
  }

  /** Log or window have confirmed the position. */
  void verify() {
    verified = true;
  }

  /** The tail broke: only the log knows what became of the position. */
  void doubt() {
    verified = false;
  }

  /** The connection is served from its position on, and the feed goes up to that head. */
  void begin(Position head) {
    if (replay != null) {
      replay.begin(position, head);
      endReplay(replay);
    }
  }

  /** Begins at the head. */
  void beginAtHead(Position head) {
    position = head;
    verified = true;
    if (startsUnknown) {
      startsUnknown = false;
      tell(Gap.Reason.UNKNOWN, null, head);
    }
  }

  /** Everything up to a position was handed over or told, or is none of its. */
  void moved(Position to) {
    position = to;
    if (replay != null) {
      replay.moved(to);
      endReplay(replay);
    }
  }

  /** None of its events lie up to a position; returns whether that moved it. */
  boolean skipTo(Position safe) {
    if (position == null || position.compareWithin(safe) >= 0) {
      return false;
    }
    position = safe;
    return true;
  }

  private void endReplay(Replay counted) {
    if (counted.isOver()) {
      replay = null;
    }
  }

  /** What lies between two positions is lost to the client, which goes on behind. */
  void tell(Gap.Reason reason, @Nullable Position after, Position next) {
    gap = PendingGap.of(gap, reason, after, next);
    moved(next);
  }

  /** The outdated is left out up to a position, while the client goes on at {@code next}. */
  void tellSlow(Position after, Position until, Position next) {
    gap = PendingGap.slow(after, until, next);
    moved(next);
  }

  /** What the client has to be told now, before anything else; null if there is nothing. */
  @Nullable Step toTell() {
    if (gap != null) {
      return telling(gap.event);
    }
    if (!announced && verified && position != null) {
      return telling(ControlEvents.position(position.id()));
    }
    return null;
  }

  private Step telling(Event event) {
    byte[] bytes = new EncodedEvent(event).bytes(reading.format);
    return Step.telling(BatchBuilder.alone(reading.format, bytes));
  }

  /** The outlet took a step. */
  void written(Step step, ConnectionMetrics metrics) {
    Position safe = step.safe;
    if (safe != null) {
      if (replay != null) {
        replay.delivered(step.batch);
      }
      moved(safe);
      return;
    }
    announced = true;
    PendingGap told = gap;
    if (told != null) {
      gap = null;
      metrics.gap(told.reason);
    }
  }
}
