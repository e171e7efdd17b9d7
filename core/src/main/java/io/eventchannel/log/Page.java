package io.eventchannel.log;

import io.eventchannel.Gap;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one read of a log: either entries, or a gap; and in both cases the position to read
 * from next. A gap may bring the page behind it. Immutable.
 */
public final class Page {
  private final List<LogEntry> entries;
  private final Position next;
  private final Gap.@Nullable Reason gap;
  private final @Nullable Page following;

  private Page(
      List<LogEntry> entries, Position next, Gap.@Nullable Reason gap, @Nullable Page following) {
    this.entries = entries;
    this.next = Objects.requireNonNull(next, "next");
    this.gap = gap;
    this.following = following;
  }

  /**
   * Returns a page without a gap.
   *
   * @param entries the next entries of the asked topics, in order; empty when there are none up to
   *     {@code next}
   * @param next the greatest position such that the page holds every entry of the asked topics up
   *     to it: at least the last entry's position, and the head when nothing more was there
   */
  public static Page of(List<LogEntry> entries, Position next) {
    return new Page(Collections.unmodifiableList(entries), next, null, null);
  }

  /**
   * Returns the verdict that events were lost, without the page behind it. A log that is written to
   * quickly may have evicted the event behind {@code next} before that is read: then the reader
   * gets one gap after the other. So give the page where you can.
   *
   * @param next the position just before the next event that is to be delivered
   */
  public static Page gap(Gap.Reason reason, Position next) {
    return new Page(Collections.emptyList(), next, Objects.requireNonNull(reason, "reason"), null);
  }

  /**
   * Returns the verdict that events were lost, and the page behind it, both of one moment.
   *
   * @param next the position just before the next event that is to be delivered
   * @param following what a read after {@code next} gives at the moment of the verdict, and not
   *     later, when {@code next} may be the past: an event in between would be lost in silence
   * @throws IllegalArgumentException if {@code following} is a gap itself, or leads back
   */
  public static Page gap(Gap.Reason reason, Position next, Page following) {
    if (following.gap != null) {
      throw new IllegalArgumentException(
          "following: expected a page without a gap, got one of reason " + following.gap);
    }
    if (!following.next.sameEpoch(next) || following.next.compareWithin(next) < 0) {
      throw new IllegalArgumentException(
          "following: expected a page that leads on from " + next + ", got " + following.next);
    }
    return new Page(
        Collections.emptyList(), next, Objects.requireNonNull(reason, "reason"), following);
  }

  /** The entries, in order; empty on a gap. */
  public List<LogEntry> entries() {
    return entries;
  }

  /** The position to read from next; after {@link #following()}, if there is one, its own next. */
  public Position next() {
    return next;
  }

  /** Why events are missing before {@link #next()}, or null when none are. */
  public Gap.@Nullable Reason gap() {
    return gap;
  }

  /** What a read after {@link #next()} of a gap gave, if the log looked; else null. */
  public @Nullable Page following() {
    return following;
  }
}
