package io.eventchannel.server;

import io.eventchannel.log.EventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import io.eventchannel.log.TailSink;
import io.eventchannel.transport.Scheduler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The engine's own view of the newest part of the log: the loops read only this, and so never wait
 * for a log.
 *
 * <p>It follows the log's tail and follows it anew, with back-off, when that breaks. If the tail
 * comes back exactly where it broke, the {@link Run} goes on; else a new run begins, and every
 * subscription finds its place in it by position, through the log if need be.
 */
final class Window implements AutoCloseable {
  /** Told what happens in the window, on the log's thread; must only mark and wake. */
  interface Watcher {
    /** An entry was appended. */
    void grew();

    /** The moment to note for an entry that comes; 0 if nobody wants to know. */
    long moment();

    /** A new run began; cursors of the old one are void. */
    void startedAnew();
  }

  private static final Logger LOGGER = System.getLogger(Window.class.getName());
  private static final long FIRST_RETRY_NANOS = 50_000_000L;
  private static final long LONGEST_RETRY_NANOS = 10_000_000_000L;

  private final EventLog log;
  private final Scheduler scheduler;
  private final int maxEvents;
  private final long maxBytes;
  private final Watcher watcher;

  // Written by the current sink alone. One sink follows the other through the scheduler, and a sink
  // that has ended writes nothing more, so there is one writer at a time.
  private volatile @Nullable Run run;
  private long retryNanos = FIRST_RETRY_NANOS;

  private final Object lock = new Object();
  // Guarded by lock; the log and the scheduler are called outside it.
  private @Nullable Sink current;
  private boolean closed;

  Window(EventLog log, Scheduler scheduler, int maxEvents, long maxBytes, Watcher watcher) {
    this.log = log;
    this.scheduler = scheduler;
    this.maxEvents = maxEvents;
    this.maxBytes = maxBytes;
    this.watcher = watcher;
  }

  /** The current run; null before the log's tail was reached for the first time. */
  @Nullable Run run() {
    return run;
  }

  /** Begins to follow the log. Called once. */
  void start() {
    follow();
  }

  private void follow() {
    Sink sink = new Sink();
    synchronized (lock) {
      if (closed) {
        return;
      }
      current = sink;
    }
    AutoCloseable subscription;
    try {
      subscription = log.subscribeTail(sink);
    } catch (RuntimeException e) {
      sink.onFailure(e);
      return;
    }
    boolean late;
    synchronized (lock) {
      sink.subscription = subscription;
      late = sink.ended;
    }
    if (late) {
      end(subscription);
    }
  }

  private static void end(@Nullable AutoCloseable subscription) {
    if (subscription == null) {
      return;
    }
    try {
      subscription.close();
    } catch (Exception e) {
      LOGGER.log(Level.WARNING, "The log failed to end a tail subscription", e);
    }
  }

  /** Stops to follow the log. Idempotent. */
  @Override
  public void close() {
    AutoCloseable subscription = null;
    synchronized (lock) {
      closed = true;
      if (current != null) {
        current.ended = true;
        subscription = current.subscription;
        current = null;
      }
    }
    end(subscription);
  }

  private final class Sink implements TailSink {
    // Guarded by lock.
    private boolean ended;
    private @Nullable AutoCloseable subscription;

    private boolean hasEnded() {
      synchronized (lock) {
        return ended;
      }
    }

    @Override
    public void onStart(Position head) {
      if (hasEnded()) {
        return;
      }
      retryNanos = FIRST_RETRY_NANOS;
      Run last = run;
      if (last == null || !last.head().position.equals(head)) {
        run = new Run(head, maxEvents, maxBytes);
        watcher.startedAnew();
      }
    }

    @Override
    public void onEntry(LogEntry entry) {
      if (hasEnded()) {
        return;
      }
      Run to = run;
      if (to == null || !to.follows(entry)) {
        onFailure(
            new IllegalStateException(
                "tail of the log: expected an entry after "
                    + (to == null ? "onStart" : to.head().position)
                    + ", got "
                    + entry.position()));
        return;
      }
      to.append(entry, watcher.moment());
      watcher.grew();
    }

    @Override
    public void onFailure(Throwable cause) {
      AutoCloseable mine;
      synchronized (lock) {
        if (ended) {
          return;
        }
        ended = true;
        mine = subscription;
        if (current == this) {
          current = null;
        }
      }
      end(mine);
      long delay = retryNanos;
      retryNanos = Math.min(LONGEST_RETRY_NANOS, delay * 2);
      LOGGER.log(
          Level.WARNING,
          "Lost the tail of the log; following it anew in " + delay / 1_000_000 + " ms",
          cause);
      scheduler.schedule(Window.this::follow, delay);
    }
  }
}
