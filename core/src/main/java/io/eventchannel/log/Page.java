package io.eventchannel.log;

import io.eventchannel.Gap;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one read of a log: either entries, or a gap; and in both cases the position to read
 * from next. Immutable.
 */
public final class Page {
  private final List<LogEntry> entries;
  private final Position next;
  private final Gap.@Nullable Reason gap;

  private Page(List<LogEntry> entries, Position next, Gap.@Nullable Reason gap) {
    this.entries = entries;
    this.next = Objects.requireNonNull(next, "next");
    this.gap = gap;
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
    return new Page(Collections.unmodifiableList(entries), next, null);
  }

  /**
   * Returns the verdict that events were lost.
   *
   * @param next the position just before the next event that is to be delivered
   */
  public static Page gap(Gap.Reason reason, Position next) {
    return new Page(Collections.emptyList(), next, Objects.requireNonNull(reason, "reason"));
  }

  /** The entries, in order; empty on a gap. */
  public List<LogEntry> entries() {
    return entries;
  }

  /** The position to read from next. */
  public Position next() {
    return next;
  }

  /** Why events are missing before {@link #next()}, or null when none are. */
  public Gap.@Nullable Reason gap() {
    return gap;
  }
}
