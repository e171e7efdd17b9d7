package io.eventchannel.server;

import io.eventchannel.log.EventLog;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.transport.Scheduler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log for all subscriptions that are behind the window: off the loops, so many at a time,
 * the others in the order they came. However many clients come back at once, the log sees a bounded
 * load.
 */
final class LogReader {
  /** Takes the answer; called once, on any thread, and must only mark and wake. */
  interface Answer {
    /** Exactly one of the two is given. */
    void onAnswer(@Nullable Page page, @Nullable Throwable failure);

    /** Whether nobody waits for the answer any more. */
    boolean isAbandoned();
  }

  private static final Logger LOGGER = System.getLogger(LogReader.class.getName());
  private static final int FIRST_SWEEP = 1024;

  private final EventLog log;
  private final Executor executor;
  private final Scheduler scheduler;
  private final int parallel;
  private final long timeoutNanos;

  private final Object lock = new Object();
  // Guarded by lock; log and answers are called outside it. One request a subscription at most, and
  // about as many of those that have gone.
  private final ArrayDeque<Request> waiting = new ArrayDeque<>();
  private int sweepAt = FIRST_SWEEP;
  private int running;
  private boolean failing;

  LogReader(EventLog log, Executor executor, Scheduler scheduler, int parallel, long timeoutNanos) {
    this.log = log;
    this.executor = executor;
    this.scheduler = scheduler;
    this.parallel = parallel;
    this.timeoutNanos = timeoutNanos;
  }

  /** Reads a page after a position; from any thread. */
  void read(Position after, TopicFilter topics, int limit, Answer answer) {
    Request request = new Request(after, topics, limit, answer);
    synchronized (lock) {
      if (running >= parallel) {
        waiting.add(request);
        sweep();
        return;
      }
      running++;
    }
    dispatch(request);
  }

  /** How many wait for their turn, some of whom may have gone. */
  int waiting() {
    synchronized (lock) {
      return waiting.size();
    }
  }

  /** Guarded by lock: forgets who has gone, so that a log which hangs keeps nobody. */
  private void sweep() {
    if (waiting.size() >= sweepAt) {
      waiting.removeIf(each -> each.answer.isAbandoned());
      sweepAt = Math.max(FIRST_SWEEP, 2 * waiting.size());
    }
  }

  /** Gives the turn to a request, and to the next one as long as none can be run. */
  private void dispatch(@Nullable Request first) {
    Request request = first;
    while (request != null) {
      try {
        executor.execute(request);
        return;
      } catch (Throwable t) { // also where no thread can be had: the turn must not be lost
        request = request.answer(null, t) ? next() : null;
      }
    }
  }

  /** Takes the next one out that is to have the turn of one that has been answered. */
  private @Nullable Request next() {
    synchronized (lock) {
      Request next = waiting.poll();
      while (next != null && next.answer.isAbandoned()) {
        next = waiting.poll();
      }
      if (next == null) {
        running--;
      }
      return next;
    }
  }

  /**
   * Tells the operator when reading begins to fail and when it works again, not at each attempt.
   */
  private void report(@Nullable Throwable failure) {
    boolean failed = failure != null;
    synchronized (lock) {
      if (failing == failed) {
        return;
      }
      failing = failed;
    }
    if (failed) {
      LOGGER.log(
          Level.WARNING, "Reading the log fails; subscriptions behind the window wait", failure);
    } else {
      LOGGER.log(Level.INFO, "Reading the log works again");
    }
  }

  private final class Request implements Runnable {
    private final Position after;
    private final TopicFilter topics;
    private final int limit;
    private final Answer answer;

    // Guarded by lock.
    private boolean answered;
    private Scheduler.@Nullable Cancellable timeout;

    Request(Position after, TopicFilter topics, int limit, Answer answer) {
      this.after = after;
      this.topics = topics;
      this.limit = limit;
      this.answer = answer;
    }

    @Override
    public void run() {
      try {
        Scheduler.Cancellable timer =
            scheduler.schedule(
                () -> end(null, new TimeoutException("log: no answer to a read in time")),
                timeoutNanos);
        synchronized (lock) {
          timeout = timer;
        }
        log.read(after, topics, limit).whenComplete(this::end);
      } catch (Throwable t) {
        end(null, t);
      }
    }

    private void end(@Nullable Page page, @Nullable Throwable failure) {
      if (answer(page, failure)) {
        dispatch(next());
      }
    }

    /** Answers; false if that was done before, and the turn has been passed on. */
    private boolean answer(@Nullable Page page, @Nullable Throwable failure) {
      Scheduler.Cancellable timer;
      synchronized (lock) {
        if (answered) {
          return false;
        }
        answered = true;
        timer = timeout;
      }
      if (timer != null) {
        timer.cancel();
      }
      Throwable why =
          page == null && failure == null ? new NullPointerException("log: null page") : failure;
      report(why);
      try {
        answer.onAnswer(why == null ? page : null, why);
      } catch (Throwable t) { // no thread for the loop that it wakes, most likely
        LOGGER.log(Level.ERROR, "An answer of the log was not taken", t);
      }
      return true;
    }
  }
}
