package io.eventchannel.server;

import io.eventchannel.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * Where a subscription stands in the feed, and what it has to write next. Replay and live delivery
 * are the same here: the next events after the position of its {@link Progress}, from the window if
 * that reaches back so far, else from a page of the log.
 *
 * <p>Invariant: either {@code window} stands in a run, or {@code paging} reads the log, or neither,
 * as long as the position was not looked for yet.
 *
 * <p>A consumer that has been behind for the policy's lag timeout, where the policy conflates, gets
 * by {@link Conflation}s and by shortened pages of the log what is not outdated, until it has
 * caught up.
 *
 * <p>Used by the subscription's owner, but for {@link #isTooSlow} and {@link #index}.
 */
final class Cursor {
  /** Whose cursor it is. */
  interface Owner {
    /** What serves the feed. */
    FeedEngine engine();

    /** Makes the owner call {@link Cursor#next} soon; from any thread. */
    void wake();
  }

  private final Owner owner;
  private final Progress progress;
  private final @Nullable Lag lag; // null where the policy does nothing about one
  private final WindowReading window = new WindowReading();
  private @Nullable LogPaging paging;

  /**
   * Creates a cursor.
   *
   * @param owner whose engine is known by now
   */
  Cursor(Owner owner, Progress progress) {
    this.owner = owner;
    this.progress = progress;
    this.lag = Lag.of(owner.engine().scheduler(), owner.engine().policy());
  }

  BatchCache.Reading reading() {
    return progress.reading();
  }

  private @Nullable Run newest() {
    return owner.engine().window().run();
  }

  private @Nullable Position head() {
    Run current = newest();
    return current == null ? null : current.head().position;
  }

  private ConnectionMetrics metrics() {
    return owner.engine().metricsOf(reading().format);
  }

  /** Its client was here before; called before it is used. */
  void returns() {
    progress.returns(metrics());
  }

  /** The outlet is busy, so the consumer is behind from now on at the latest. */
  void busy() {
    if (lag != null) {
      lag.busy(head());
    }
  }

  /** Nothing can be written now, and nothing is being written. */
  void idle() {
    if (lag != null && isCaughtUp()) {
      lag.ended();
    }
  }

  /** Whether the consumer has been behind for the lag timeout; from any thread. */
  boolean isTooSlow() {
    return lag != null && lag.isOver();
  }

  /** Returns the next write, or null if there is none now. */
  @Nullable Step next(BatchCache cache) {
    window.goOn();
    EventKeys keys = owner.engine().keys();
    if (lag != null) {
      // First this and then the mark: the write that has just ended may have taken all the time.
      if (keys != null && lag.isOver()) {
        window.conflate();
      }
      lag.took(progress.position(), head());
    }
    if (paging != null) {
      paging.takeAnswer(progress, window.isConflating() ? keys : null);
    }
    while (true) {
      Step told = progress.toTell();
      if (told != null) {
        return told;
      }
      if (paging != null && paging.hasPage()) {
        Step step = paging.read(progress);
        if (step != null) {
          return step;
        }
        continue;
      }
      Run current = newest();
      if (current == null || (paging != null && paging.isOpen(current))) {
        return null; // a new run or the answer wakes us
      }
      if (window.run() != current) {
        locate(current);
        continue;
      }
      Step step = window.read(progress, cache, keys);
      if (step != null) {
        return step;
      }
      if (window.run() == null) {
        ask(progress.known());
      } else if (window.hasYielded()) {
        owner.wake();
        return null;
      } else if (isCaughtUp()) {
        window.caughtUp();
        return null;
      }
    }
  }

  private void locate(Run current) {
    if (window.run() != null) {
      window.leave();
      progress.doubt();
    }
    Run.Head head = current.head();
    progress.begin(head.position);
    Position at = progress.position();
    if (at == null) {
      progress.beginAtHead(head.position);
      window.enter(current, head.index, false);
      return;
    }
    long found = progress.isVerified() ? current.join(at) : current.find(at);
    if (found == Run.ELSEWHERE) {
      ask(at);
      return;
    }
    progress.verify();
    window.enter(current, found, true);
    paging = null; // the next trouble is a new one
  }

  private void ask(Position after) {
    if (paging == null) {
      paging = new LogPaging(owner, reading());
    }
    paging.ask(after);
  }

  /** The outlet took what {@link #next} returned last: the cursor moves behind it. */
  void written(Step step) {
    if (step.safe != null) {
      if (paging != null) {
        paging.written(step);
      } else {
        window.written(step);
      }
    }
    progress.written(step, metrics());
  }

  /**
   * Moves over entries that the loop has seen to be none of its.
   *
   * @param to everything below is known
   * @param safe the position of everything below
   */
  void skipTo(Run in, long to, Position safe) {
    window.skipTo(in, to, safe, progress);
  }

  /**
   * Returns the safe position, moved on as far as none of its events lie; null while it is not
   * known. The head is read before the next event is looked for, so an event that is published
   * meanwhile lies behind what is returned.
   */
  @Nullable Position safePosition(BatchCache cache) {
    Run current = newest();
    if (current != null && !progress.hasGap()) {
      window.lookAhead(current, progress, cache);
    }
    return progress.safe();
  }

  /** Tells how far it is behind, if that is known already. */
  void tellLag() {
    Run current = newest();
    Position at = progress.position();
    if (current != null && at != null) {
      window.tellLag(current, at, metrics());
    }
  }

  /** Whether it has looked at everything in the window and told everything. */
  private boolean isCaughtUp() {
    return progress.isTold() && window.isAtHead();
  }

  /** The run to wait in, or null while something else will wake it. */
  @Nullable Run run() {
    return window.hasYielded() ? null : window.run();
  }

  /** The index below which it has looked; from any thread, for who does not mind that it moves. */
  long index() {
    return window.index();
  }

  /** Nobody needs an answer any more. */
  void abandon() {
    if (paging != null) {
      paging.abandon();
    }
  }
}
