package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.transport.Scheduler;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a subscription stands in the feed, and what it has to write next. Replay and live delivery
 * are the same here: the next events after {@code position}, from the window if that reaches back
 * so far, else from a page of the log.
 *
 * <p>Invariant: every event of its topics up to {@code position} was handed to the outlet, or is
 * covered by a gap that is handed over before anything else. So {@code position} is the safe
 * position at every moment. Nothing moves it forward but a {@link Step} that was written, a gap, or
 * the knowledge that none of its events lie between.
 *
 * <p>A consumer that has been behind for the policy's lag timeout, where the policy conflates,
 * reads by {@link Conflation}s, or by shortened pages, one after the other until it has caught up.
 * Each tells one gap, before the first event that follows one left out, and the gap says up to
 * where its conflation goes. That is why a cut in the middle loses nothing in silence. The newest
 * event of each key before that end is never left out. The client resumes behind the last position
 * it received. What was left out before it was told: until the gap is written, {@code position}
 * stays before it. What was left out behind it, and the newest of its key if that lies there, is
 * read again as everything behind is, and all that is left out or lost this time is told anew.
 *
 * <p>Used by the subscription's owner alone.
 */
final class Cursor {
  /** The next write, and what to do once the outlet took it. */
  static final class Step {
    final Batch batch;
    private final Runnable written;

    Step(Batch batch, Runnable written) {
      this.batch = batch;
      this.written = written;
    }

    /** The outlet took it: the cursor moves behind it. */
    void written() {
      written.run();
    }
  }

  private final Window window;
  private final BatchCache.Reading reading;
  private final LogQuestion question;
  private final ConnectionMetrics metrics;
  private final Replay replay;
  private final Lag lag;
  private final @Nullable EventKeys keys; // null where the policy does not conflate
  private final Runnable wake;

  // The owner's.
  private @Nullable Position position; // null until the window says where the head is
  private boolean startsUnknown;
  private boolean verified; // whether the log or the window has confirmed the position
  private boolean announced; // whether the client has been told a position
  private @Nullable Event gap; // to be written before anything else
  private Gap.@Nullable Reason gapReason;
  private @Nullable Position gapAfter;
  private @Nullable PageInHand page;
  private @Nullable Run run; // the run in which index counts; null while outside the window
  private long index; // everything below was looked at
  private @Nullable Position skipUpTo; // set while the window lags behind the position
  private boolean conflating; // the lag timeout has run out, and it has not caught up since
  private @Nullable Conflation conflation; // what is read now while conflating in the window
  private boolean yielded; // it has woken itself, to look further in another turn

  /**
   * Creates a cursor.
   *
   * @param start the position to read after, or null to begin at the head
   * @param startsUnknown whether the client named a position that is none: a gap, then the head
   * @param metrics told of gaps, replay and lag
   * @param lag tells when the consumer is too slow
   * @param keys by what to conflate then, or null not to
   * @param wake makes the owner call {@link #next} soon; callable from any thread
   */
  Cursor(
      Window window,
      LogReader reader,
      Scheduler scheduler,
      BatchCache.Reading reading,
      @Nullable Position start,
      boolean startsUnknown,
      ConnectionMetrics metrics,
      Lag lag,
      @Nullable EventKeys keys,
      Runnable wake) {
    this.window = window;
    this.reading = reading;
    this.metrics = metrics;
    this.replay = new Replay(metrics);
    this.question = new LogQuestion(reader, scheduler, window, reading.filter, wake);
    this.position = start;
    this.startsUnknown = startsUnknown;
    this.lag = lag;
    this.keys = keys;
    this.wake = wake;
  }

  /** The outlet is busy, so the consumer is behind from now on at the latest. */
  void busy() {
    lag.busy(head());
  }

  private @Nullable Position head() {
    Run current = window.run();
    return current == null ? null : current.head().position;
  }

  /** Its client was here before; called before it is used. */
  void returns() {
    replay.expect();
  }

  /** Returns the next write, or null if there is none now. */
  @Nullable Step next(BatchCache cache) {
    yielded = false;
    // First this and then the mark: the write that has just ended may have taken all the time.
    conflating |= keys != null && lag.isOver();
    lag.took(position, head());
    takeAnswer();
    while (true) {
      if (gap != null) {
        return announcement(gap);
      }
      if (!announced && verified && position != null) {
        return announcement(ControlEvents.position(position.id()));
      }
      if (page != null) {
        if (!page.isDone()) {
          Step step = fromPage(page);
          if (step != null) {
            return step;
          }
          continue;
        }
        position = page.next();
        page = null;
      }
      Run current = window.run();
      if (current == null || question.isOpen(current)) {
        return null; // a new run or the answer wakes us
      }
      if (run != current) {
        locate(current);
        continue;
      }
      Step step =
          conflating && keys != null ? conflated(current, keys) : fromWindow(current, cache);
      if (step != null || yielded) {
        return step;
      }
      if (isCaughtUp()) {
        conflating = false;
        return null;
      }
    }
  }

  private Step announcement(Event event) {
    byte[] bytes = new EncodedEvent(event).bytes(reading.format);
    return new Step(
        BatchBuilder.alone(reading.format, bytes),
        () -> {
          announced = true;
          gap = null;
          Gap.Reason reason = gapReason;
          if (reason != null) {
            gapReason = null;
            metrics.gap(reason);
          }
        });
  }

  private void locate(Run current) {
    if (run != null) {
      run = null;
      verified = false; // the tail broke: only the log knows what became of the position
    }
    Position at = position;
    replay.begin(at, current.head().position);
    if (at == null) {
      Run.Head head = current.head();
      position = head.position;
      enter(current, head.index);
      if (startsUnknown) {
        startsUnknown = false;
        tell(Gap.Reason.UNKNOWN, null, head.position);
      }
      return;
    }
    long found = verified ? current.join(at) : current.find(at);
    if (found == Run.ELSEWHERE) {
      ask(at);
      return;
    }
    enter(current, found);
    // What the window has yet to receive up to our position, we have had.
    skipUpTo = at;
  }

  private void enter(Run current, long at) {
    run = current;
    index = at;
    conflation = null;
    skipUpTo = null;
    verified = true;
    question.settled();
  }

  private @Nullable Step fromWindow(Run in, BatchCache cache) {
    if (!skipOld(in)) {
      ask(Objects.requireNonNull(position));
      return null;
    }
    if (skipUpTo != null) {
      return null; // all that the window has so far, we have had
    }
    Position at = Objects.requireNonNull(position);
    BatchCache.Found found = cache.next(in, index, at, reading);
    if (found.evicted) {
      advance(found.next, found.position);
      ask(found.position);
      return null;
    }
    Run.Slot misfit = found.misfit;
    if (misfit != null) {
      tell(Gap.Reason.BINARY, found.before, misfit.position);
    }
    Batch batch = found.batch;
    if (batch == null) {
      advance(found.next, found.position);
      return null;
    }
    return new Step(
        batch,
        () -> {
          replay.delivered(batch);
          advance(found.next, found.position);
        });
  }

  private @Nullable Step conflated(Run in, EventKeys by) {
    if (!skipOld(in)) {
      ask(Objects.requireNonNull(position));
      return null;
    }
    if (skipUpTo != null) {
      return null;
    }
    Position at = Objects.requireNonNull(position);
    Conflation now = conflation;
    if (now == null) {
      Run.Head head = in.head();
      if (index >= head.index) {
        return null;
      }
      conflation = now = new Conflation(in, index, at, head, reading, by);
    }
    switch (now.read()) {
      case MORE:
        advance(now.next(), now.safe());
        yielded = true;
        wake.run();
        return null;
      case GAP:
        advance(now.next(), now.safe());
        gap = ControlEvents.slowGap(at.id(), now.until().id(), now.before().id());
        gapReason = Gap.Reason.SLOW;
        return null;
      case BATCH:
        long to = now.next();
        Position safe = now.safe();
        Batch batch = now.takeBatch();
        return new Step(
            batch,
            () -> {
              replay.delivered(batch);
              advance(to, safe);
            });
      case MISFIT:
        tell(Gap.Reason.BINARY, now.before(), now.safe());
        index = now.next();
        return null;
      case EVICTED:
        advance(now.next(), now.safe());
        ask(now.safe());
        return null;
      case END:
        advance(now.next(), now.safe());
        conflation = null;
        return null;
    }
    throw new AssertionError("a kind of find that is not told apart");
  }

  private void advance(long to, Position safe) {
    index = to;
    moved(safe);
  }

  private void moved(Position to) {
    position = to;
    replay.moved(to);
  }

  /** Steps over entries up to {@link #skipUpTo}; false if they cannot be seen any more. */
  private boolean skipOld(Run in) {
    Position last = skipUpTo;
    if (last == null) {
      return true;
    }
    long end = in.head().index;
    while (index < end) {
      Run.Slot slot = in.slot(index);
      if (slot == null) {
        return false;
      }
      if (slot.position.compareWithin(last) > 0) {
        skipUpTo = null;
        return true;
      }
      index++;
    }
    return true;
  }

  private @Nullable Step fromPage(PageInHand from) {
    BatchBuilder builder = BatchBuilder.of(reading);
    int end = from.fill(builder);
    if (builder.isEmpty()) {
      Position misfit = from.nextEvent();
      tell(Gap.Reason.BINARY, position, misfit);
      from.skip();
      return null;
    }
    Batch batch = builder.build();
    return new Step(
        batch,
        () -> {
          replay.delivered(batch);
          from.advance(end);
          moved(from.safeAt(end));
        });
  }

  private void tell(Gap.Reason reason, @Nullable Position after, Position next) {
    if (gap == null) {
      gapAfter = after;
    }
    // Two gaps without an event between them are one, from the beginning of the first.
    gap = ControlEvents.gap(reason, gapAfter == null ? null : gapAfter.id(), next.id());
    gapReason = reason;
    moved(next);
  }

  private void ask(Position after) {
    run = null;
    skipUpTo = null;
    conflation = null;
    question.ask(after);
  }

  private void takeAnswer() {
    Page taken = question.takeAnswer();
    if (taken == null) {
      return;
    }
    Gap.Reason reason = taken.gap();
    Position after = Objects.requireNonNull(position);
    verified = true;
    if (reason != null) {
      tell(reason, reason == Gap.Reason.UNKNOWN ? null : after, taken.next());
      return;
    }
    if (!taken.entries().isEmpty()) {
      page = new PageInHand(taken, reading.filter, after, conflating ? keys : null);
      Position first = page.shortenedAt();
      if (first != null) {
        gap = ControlEvents.slowGap(after.id(), taken.next().id(), first.id());
        gapReason = Gap.Reason.SLOW;
        moved(first);
      }
      return;
    }
    moved(taken.next());
    Run current = window.run();
    if (taken.next().equals(after) && current != null && current.join(after) == Run.ELSEWHERE) {
      question.askLater(); // the log has nothing more, and the window is not there yet
    }
  }

  /**
   * Moves over entries that the loop has seen to be none of its.
   *
   * @param to everything below is known
   * @param safe the position of everything below
   */
  void skipTo(Run in, long to, Position safe) {
    if (run != in || to <= index || conflation != null) {
      return;
    }
    index = to;
    if (position != null && position.compareWithin(safe) < 0) {
      position = safe;
      skipUpTo = null;
    }
  }

  /**
   * Returns the safe position, moved on as far as none of its events lie; null while it is not
   * known. The head is read before the next event is looked for, so an event that is published
   * meanwhile lies behind what is returned.
   */
  @Nullable Position safePosition(BatchCache cache) {
    Run in = run;
    if (in != null
        && in == window.run()
        && gap == null
        && skipUpTo == null
        && conflation == null
        && position != null) {
      BatchCache.Found found = cache.next(in, index, position, reading);
      if (found.isNothing()) {
        advance(found.next, found.position);
      }
    }
    return verified && announced && gap == null ? position : null;
  }

  /** Tells how far it is behind, if that is known already. */
  void tellLag() {
    Run current = window.run();
    Position at = position;
    if (current == null || at == null) {
      return;
    }
    long base = current.base(); // before the head, so that it is not above it
    long head = current.head().index;
    long from = run == current && skipUpTo == null ? index : current.join(at);
    boolean beyond = from == Run.ELSEWHERE || from < base;
    metrics.lag(from == Run.ELSEWHERE ? head - base : Math.max(0, head - from), beyond);
  }

  /** Whether it has looked at everything in the window. */
  boolean isCaughtUp() {
    Run in = run;
    return in != null
        && page == null
        && gap == null
        && conflation == null
        && announced
        && index >= in.head().index;
  }

  /** The run to wait in, or null while something else will wake it. */
  @Nullable Run run() {
    return yielded ? null : run;
  }

  /** The index below which it has looked. */
  long index() {
    return index;
  }

  /** Nobody needs an answer any more. */
  void abandon() {
    question.abandon();
  }
}
