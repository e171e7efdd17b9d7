package io.eventchannel.server;

import io.eventchannel.Gap;
import io.eventchannel.log.Position;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A subscription's reading of the window, while that has what comes next: in a run, at the index
 * below which it has looked at everything. Outside the window there is no run, and the index says
 * nothing.
 *
 * <p>It may come into a run that has yet to receive what the client has had already: the log was
 * quicker than its tail. It is then <em>ahead</em>, and steps over what comes up to the position.
 *
 * <p>It reads everything, or, for a consumer that is too slow, by one {@link Conflation} after the
 * other until it has caught up.
 *
 * <p>Used by the subscription's owner.
 */
final class WindowReading {
  private @Nullable Run run;
  private long index;
  private boolean ahead;
  private boolean conflating;
  private @Nullable Conflation conflation; // the one under way
  private boolean yielded;

  /** The run in which it stands, or null while outside the window. */
  @Nullable Run run() {
    return run;
  }

  /** The index below which it has looked; from any thread, for who does not mind that it moves. */
  long index() {
    return index;
  }

  /**
   * Comes into the window, to go on at an index.
   *
   * @param mayBeAhead whether the run may lack entries up to the position
   */
  void enter(Run in, long at, boolean mayBeAhead) {
    run = in;
    index = at;
    ahead = mayBeAhead;
    conflation = null;
  }

  /** Goes out of the window. */
  void leave() {
    run = null;
    ahead = false;
    conflation = null;
  }

  /** Reads by conflations from now on, until {@link #caughtUp}. */
  void conflate() {
    conflating = true;
  }

  boolean isConflating() {
    return conflating;
  }

  /** Nothing is left to read for now. */
  void caughtUp() {
    conflating = false;
  }

  /** Whether it has looked at everything in its run. */
  boolean isAtHead() {
    Run in = run;
    return in != null && conflation == null && index >= in.head().index;
  }

  /** Whether it has looked at enough for one turn, and is to go on in another. */
  boolean hasYielded() {
    return yielded;
  }

  /** Another turn begins. */
  void goOn() {
    yielded = false;
  }

  /**
   * Returns the next write, or null if there is none: then it has moved on as far as it could, or
   * found a gap to tell, or yielded; or it has left the window, which has lost what comes next.
   *
   * @param keys by what to conflate
   */
  @Nullable Step read(Progress progress, BatchCache cache, @Nullable EventKeys keys) {
    Run in = Objects.requireNonNull(run);
    if (!skipUpTo(in, progress.known())) {
      leave();
      return null;
    }
    if (ahead) {
      return null; // all that the window has so far, the client has had
    }
    return conflating && keys != null
        ? conflated(in, progress, keys)
        : everything(in, progress, cache);
  }

  /** Steps over entries up to the position if it is ahead; false if they are not to be seen. */
  private boolean skipUpTo(Run in, Position position) {
    if (!ahead) {
      return true;
    }
    long end = in.head().index;
    while (index < end) {
      Run.Slot slot = in.slot(index);
      if (slot == null) {
        return false;
      }
      if (slot.position.compareWithin(position) > 0) {
        ahead = false;
        return true;
      }
      index++;
    }
    return true;
  }

  private @Nullable Step everything(Run in, Progress progress, BatchCache cache) {
    if (index >= in.head().index) {
      return null; // after each write, so without anything made for it
    }
    BatchCache.Found found = cache.next(in, index, progress.known(), progress.reading());
    while (found.misfit != null) { // several in a row are one gap
      progress.tell(Gap.Reason.BINARY, found.before, found.position);
      advance(progress, found.next, found.position);
      found = cache.next(in, index, progress.known(), progress.reading());
    }
    if (progress.hasGap()) {
      return null; // which is told before anything else
    }
    if (found.step != null) {
      return found.step;
    }
    advance(progress, found.next, found.position);
    if (found.evicted) {
      leave();
    }
    return null;
  }

  private @Nullable Step conflated(Run in, Progress progress, EventKeys keys) {
    Position at = progress.known();
    Conflation now = conflation;
    if (now == null) {
      Run.Head head = in.head();
      if (index >= head.index) {
        return null;
      }
      conflation = now = new Conflation(in, index, at, head, progress.reading(), keys);
    }
    Conflation.Found found = now.read();
    if (found == Conflation.Found.BATCH) {
      return Step.over(now.takeBatch(), now.next(), now.safe());
    }
    advance(progress, now.next(), now.safe());
    switch (found) {
      case GAP:
        progress.tellSlow(at, now.until(), now.before());
        break;
      case MISFIT:
        progress.tell(Gap.Reason.BINARY, now.before(), now.safe());
        break;
      case MORE:
        yielded = true;
        break;
      case EVICTED:
        leave();
        break;
      case END:
        conflation = null;
        break;
      case BATCH:
        throw new AssertionError("a batch is written before anything moves");
    }
    return null;
  }

  private void advance(Progress progress, long to, Position safe) {
    index = to;
    progress.moved(safe);
  }

  /** The outlet took a step that {@link #read} returned. */
  void written(Step step) {
    index = step.next;
  }

  /** Moves on over what is none of its, as far as that goes, with nothing to write. */
  void lookAhead(Run current, Progress progress, BatchCache cache) {
    if (run != current || ahead || conflation != null) {
      return;
    }
    BatchCache.Found found = cache.next(current, index, progress.known(), progress.reading());
    if (found.isNothing()) {
      advance(progress, found.next, found.position);
    }
  }

  /**
   * Moves over entries that the loop has seen to be none of its: up to an index, and its safe
   * position.
   */
  void skipTo(Run in, long to, Position safe, Progress progress) {
    if (run != in || to <= index || conflation != null) {
      return;
    }
    index = to;
    if (progress.skipTo(safe)) {
      ahead = false;
    }
  }

  /** Tells how far a client at that position is behind, without moving anything. */
  void tellLag(Run current, Position at, ConnectionMetrics metrics) {
    long base = current.base(); // before the head, so that it is not above it
    long head = current.head().index;
    long from = run == current && !ahead ? index : current.join(at);
    boolean beyond = from == Run.ELSEWHERE || from < base;
    metrics.lag(from == Run.ELSEWHERE ? head - base : Math.max(0, head - from), beyond);
  }
}
