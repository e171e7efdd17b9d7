package io.eventchannel.server;

import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import org.jspecify.annotations.Nullable;

/**
 * What one subscription asks the log while it is outside the window, one page at a time: how large
 * a page, and when to ask again after a failure.
 *
 * <p>Used by the subscription's owner, but for the mailbox: the answer comes on any thread, is
 * published by a volatile flag, and wakes the owner, who takes it out.
 */
final class LogQuestion implements LogReader.Answer {
  private static final int FIRST_PAGE = 16;
  private static final int LARGEST_PAGE = 256;
  private static final long PAGE_BYTES = 256 * 1024;
  private static final long FIRST_RETRY_NANOS = 50_000_000L;
  private static final long LONGEST_RETRY_NANOS = 10_000_000_000L;

  private final Cursor.Owner owner;
  private final TopicFilter topics;

  // The owner's.
  private int pageLimit = FIRST_PAGE;
  private boolean asked; // the reader will wake us
  private boolean waiting; // the retry timer will wake us, or a run other than waitingIn
  private @Nullable Run waitingIn;
  private long retryNanos = FIRST_RETRY_NANOS;

  // The mailbox: one answer at a time, since only one is asked for; published by the volatile flag.
  private @Nullable Page answer;
  private volatile boolean answered;
  private volatile boolean retryDue;
  private volatile boolean abandoned;

  LogQuestion(Cursor.Owner owner, TopicFilter topics) {
    this.owner = owner;
    this.topics = topics;
  }

  /** Asks for what follows a position. */
  void ask(Position after) {
    asked = true;
    owner.engine().reader().read(after, topics, pageLimit, this);
  }

  /** Whether an answer is to be waited for, or the time to ask again; a new run ends the latter. */
  boolean isOpen(Run current) {
    if (asked || (waiting && current == waitingIn)) {
      return true;
    }
    waiting = false;
    return false;
  }

  /** Returns the answer, once; null if there is none, or if it failed and is to be asked again. */
  @Nullable Page takeAnswer() {
    if (retryDue) {
      retryDue = false;
      waiting = false;
    }
    if (!answered) {
      return null;
    }
    Page taken = answer;
    answer = null;
    answered = false;
    asked = false;
    if (taken == null) {
      askLater();
      return null;
    }
    Page read = taken.gap() == null ? taken : taken.following();
    if (read != null && !read.entries().isEmpty()) {
      pageLimit = PageInHand.fitting(read, PAGE_BYTES, LARGEST_PAGE);
    }
    return taken;
  }

  /** Lets time pass, more each time, before the log is asked again. */
  void askLater() {
    waiting = true;
    waitingIn = owner.engine().window().run();
    long delay = retryNanos;
    retryNanos = Math.min(LONGEST_RETRY_NANOS, delay * 2);
    owner
        .engine()
        .scheduler()
        .schedule(
            () -> {
              retryDue = true;
              owner.wake();
            },
            delay);
  }

  /** Nobody needs an answer any more. */
  void abandon() {
    abandoned = true;
  }

  @Override
  public void onAnswer(@Nullable Page read, @Nullable Throwable failure) {
    answer = read;
    answered = true;
    owner.wake();
  }

  @Override
  public boolean isAbandoned() {
    return abandoned;
  }
}
