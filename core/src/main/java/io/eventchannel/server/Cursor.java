package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.server.spi.Batch;
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

  private final FeedEngine engine;
  private final BatchCache.Reading reading;
  private final LogQuestion.Asker owner;
  private final @Nullable Lag lag; // null where the policy does nothing about one

  // The owner's.
  private @Nullable Position position; // null until the window says where the head is
  private boolean startsUnknown;
  private boolean verified; // whether the log or the window has confirmed the position
  private boolean announced; // whether the client has been told a position
  private @Nullable PendingGap gap; // to be written before anything else
  private @Nullable Replay replay; // null while nothing is to be counted
  private @Nullable LogQuestion question; // null while the window has what comes next
  private @Nullable PageInHand page;
  private @Nullable Run run; // the run in which index counts; null while outside the window
  private long index; // everything below was looked at
  private boolean ahead; // of the window, which has yet to receive entries up to the position
  private boolean conflating; // the lag timeout has run out, and it has not caught up since
  private @Nullable Conflation conflation; // what is read now while conflating in the window
  private boolean yielded; // it has woken itself, to look further in another turn

  /**
   * Creates a cursor.
   *
   * @param start the position to read after, or null to begin at the head
   * @param startsUnknown whether the client named a position that is none: a gap, then the head
   * @param owner calls {@link #next} once it was woken
   */
  Cursor(
      FeedEngine engine,
      BatchCache.Reading reading,
      @Nullable Position start,
      boolean startsUnknown,
      LogQuestion.Asker owner) {
    this.engine = engine;
    this.reading = reading;
    this.position = start;
    this.startsUnknown = startsUnknown;
    this.lag = Lag.of(engine.scheduler(), engine.policy());
    this.owner = owner;
  }

  BatchCache.Reading reading() {
    return reading;
  }

  private @Nullable Run window() {
    return engine.window().run();
  }

  private ConnectionMetrics metrics() {
    return engine.metricsOf(reading.format);
  }

  /** The outlet is busy, so the consumer is behind from now on at the latest. */
  void busy() {
    if (lag != null) {
      lag.busy(head());
    }
  }

  /** Nothing is left to write and nothing is being written. */
  void idle() {
    if (lag != null && isCaughtUp()) {
      lag.ended();
    }
  }

  /** Whether the consumer has been behind for the lag timeout; from any thread. */
  boolean isTooSlow() {
    return lag != null && lag.isOver();
  }

  private @Nullable Position head() {
    Run current = window();
    return current == null ? null : current.head().position;
  }

  /** Its client was here before; called before it is used. */
  void returns() {
    replay = new Replay(metrics());
  }

  /** Returns the next write, or null if there is none now. */
  @Nullable Step next(BatchCache cache) {
    yielded = false;
    EventKeys keys = engine.keys();
    if (lag != null) {
      // First this and then the mark: the write that has just ended may have taken all the time.
      conflating |= keys != null && lag.isOver();
      lag.took(position, head());
    }
    takeAnswer();
    while (true) {
      if (gap != null) {
        return announcement(gap.event);
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
      Run current = window();
      if (current == null || (question != null && question.isOpen(current))) {
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
          PendingGap told = gap;
          if (told != null) {
            gap = null;
            metrics().gap(told.reason);
          }
        });
  }

  private void locate(Run current) {
    if (run != null) {
      run = null;
      verified = false; // the tail broke: only the log knows what became of the position
    }
    Position at = position;
    if (replay != null) {
      replay.begin(at, current.head().position);
      endReplay(replay);
    }
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
    ahead = true; // perhaps: what the window has yet to receive up to our position, we have had
  }

  private void enter(Run current, long at) {
    run = current;
    index = at;
    conflation = null;
    ahead = false;
    verified = true;
    question = null; // it has its answer; the next trouble is a new one
  }

  private @Nullable Step fromWindow(Run in, BatchCache cache) {
    if (!skipOld(in)) {
      ask(Objects.requireNonNull(position));
      return null;
    }
    if (ahead) {
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
          delivered(batch);
          advance(found.next, found.position);
        });
  }

  private @Nullable Step conflated(Run in, EventKeys by) {
    if (!skipOld(in)) {
      ask(Objects.requireNonNull(position));
      return null;
    }
    if (ahead) {
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
        owner.wake();
        return null;
      case GAP:
        advance(now.next(), now.safe());
        gap = PendingGap.slow(at, now.until(), now.before());
        return null;
      case BATCH:
        long to = now.next();
        Position safe = now.safe();
        Batch batch = now.takeBatch();
        return new Step(
            batch,
            () -> {
              delivered(batch);
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
    if (replay != null) {
      replay.moved(to);
      endReplay(replay);
    }
  }

  private void delivered(Batch batch) {
    if (replay != null) {
      replay.delivered(batch);
    }
  }

  private void endReplay(Replay counted) {
    if (counted.isOver()) {
      replay = null;
    }
  }

  /** Steps over entries up to the position if it is ahead; false if they are not to be seen. */
  private boolean skipOld(Run in) {
    if (!ahead) {
      return true;
    }
    Position last = Objects.requireNonNull(position);
    long end = in.head().index;
    while (index < end) {
      Run.Slot slot = in.slot(index);
      if (slot == null) {
        return false;
      }
      if (slot.position.compareWithin(last) > 0) {
        ahead = false;
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
          delivered(batch);
          from.advance(end);
          moved(from.safeAt(end));
        });
  }

  private void tell(Gap.Reason reason, @Nullable Position after, Position next) {
    gap = PendingGap.of(gap, reason, after, next);
    moved(next);
  }

  private void ask(Position after) {
    run = null;
    ahead = false;
    conflation = null;
    if (question == null) {
      question = new LogQuestion(engine, reading.filter(), owner);
    }
    question.ask(after);
  }

  private void takeAnswer() {
    LogQuestion asked = question;
    Page taken = asked == null ? null : asked.takeAnswer();
    if (asked == null || taken == null) {
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
      page = new PageInHand(taken, reading, after, conflating ? engine.keys() : null);
      Position first = page.shortenedAt();
      if (first != null) {
        gap = PendingGap.slow(after, taken.next(), first);
        moved(first);
      }
      return;
    }
    moved(taken.next());
    Run current = window();
    if (taken.next().equals(after) && current != null && current.join(after) == Run.ELSEWHERE) {
      asked.askLater(); // the log has nothing more, and the window is not there yet
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
      ahead = false;
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
        && in == window()
        && gap == null
        && !ahead
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
    Run current = window();
    Position at = position;
    if (current == null || at == null) {
      return;
    }
    long base = current.base(); // before the head, so that it is not above it
    long head = current.head().index;
    long from = run == current && !ahead ? index : current.join(at);
    boolean beyond = from == Run.ELSEWHERE || from < base;
    metrics().lag(from == Run.ELSEWHERE ? head - base : Math.max(0, head - from), beyond);
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
    if (question != null) {
      question.abandon();
    }
  }
}
