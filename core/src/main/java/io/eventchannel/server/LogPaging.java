package io.eventchannel.server;

import io.eventchannel.Gap;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * A subscription's reading of the log, while the window does not have what comes next: one page
 * after the other, each asked for when the one before it is written. Made when the log is first
 * asked, and left behind when the window is entered, at a moment when no answer is outstanding.
 *
 * <p>Used by the subscription's owner.
 */
final class LogPaging {
  private final FeedEngine engine;
  private final LogQuestion question;
  private @Nullable PageInHand page;
  // Whether the page came with a gap, behind which nothing is written yet.
  private boolean behindGap;

  LogPaging(Cursor.Owner owner, BatchCache.Reading reading) {
    this.engine = owner.engine();
    this.question = new LogQuestion(owner, reading.filter());
  }

  /** Asks for what follows a position. */
  void ask(Position after) {
    question.ask(after);
  }

  /** Whether something is to be waited for, as long as that is the window's run. */
  boolean isOpen(Run current) {
    return question.isOpen(current);
  }

  /**
   * Takes the answer if it is there.
   *
   * @param keys leaves out what a newer event of the same key follows within a page; or null
   */
  void takeAnswer(Progress progress, @Nullable EventKeys keys) {
    Page taken = question.takeAnswer();
    if (taken == null) {
      return;
    }
    progress.verify();
    Gap.Reason reason = taken.gap();
    behindGap = reason != null;
    if (reason == null) {
      take(taken, progress, keys);
      return;
    }
    progress.tell(reason, reason == Gap.Reason.UNKNOWN ? null : progress.known(), taken.next());
    Page following = taken.following();
    if (following != null) {
      take(following, progress, keys);
    }
  }

  private void take(Page taken, Progress progress, @Nullable EventKeys keys) {
    Position after = progress.known();
    if (!taken.entries().isEmpty()) {
      page = new PageInHand(taken, progress.reading(), after, keys);
      return;
    }
    progress.moved(taken.next());
    if (taken.next().equals(after) && engine.window().run() != null && !isInWindow(after)) {
      question.askLater(); // the log has nothing more, and the window is not there yet
    }
  }

  /** Whether a page is being written. */
  boolean hasPage() {
    return page != null;
  }

  /** Returns the next write of the page, or null if there is a gap to tell or the page is done. */
  @Nullable Step read(Progress progress) {
    PageInHand from = page;
    if (from == null) {
      return null;
    }
    if (behindGap) {
      behindGap = false;
      if (isInWindow(progress.known())) {
        page = null; // what is read there is shared, and conflated further
        return null;
      }
    }
    Position first = from.takeShortenedAt();
    if (first != null) { // with no other gap pending, since those are told before a page is read
      progress.tellSlow(progress.known(), from.next(), first);
      return null;
    }
    Step step = null;
    while (!from.isDone()) {
      step = from.read();
      if (step != null) {
        break;
      }
      progress.tell(Gap.Reason.BINARY, progress.position(), from.nextEvent());
      from.skip();
    }
    if (progress.hasGap()) {
      return null;
    }
    if (step == null) {
      progress.moved(from.next());
      page = null;
    }
    return step;
  }

  private boolean isInWindow(Position position) {
    Run current = engine.window().run();
    return current != null && current.join(position) != Run.ELSEWHERE;
  }

  /** The outlet took a step that {@link #read} returned. */
  void written(Step step) {
    if (page != null) {
      page.advance(step.next);
    }
  }

  /** Nobody needs an answer any more. */
  void abandon() {
    question.abandon();
  }
}
