package io.eventchannel.log;

import io.eventchannel.LimitExceededException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One sink that follows the tail of an {@link InMemoryEventLog}.
 *
 * <p>Order and completeness: the log adds each entry to {@code queue} while it holds the lock under
 * which it gave the entry its offset, so the queue has the order of the log and no holes, beginning
 * with the first entry after {@code start}. The queue shares the entries with the log, so what is
 * evicted meanwhile is delivered all the same. It is bounded by weight: a sink that falls further
 * behind is failed, never skipped over.
 *
 * <p>Serial calls: whoever has added something calls {@link #drain} after it released the lock.
 * {@code work} counts these calls. The one that finds zero delivers, and goes on until it has taken
 * the count back to zero; the others leave. So one thread delivers at a time, the atomic operations
 * on {@code work} order one delivery before the next, and what was added before a call that left is
 * seen by the one that stays. A publisher can thus be kept delivering as long as others publish,
 * which is why a sink must be quick. A sink that appends to the log only adds to the count.
 */
final class TailFollower {
  private static final Logger LOGGER = Logger.getLogger(TailFollower.class.getName());

  // Taken at a time, so that a long queue costs few locks.
  private static final int BATCH = 64;

  private final ReentrantLock lock;
  private final TailSink sink;
  private final Position start;
  private final long maxWeight;

  // Guarded by the log's lock.
  private final Queue<LogEntry> queue = new ArrayDeque<>();
  private long weight;
  private @Nullable Throwable failure;

  // Written under the log's lock; the thread that delivers also reads it without, to stop early.
  private volatile boolean ended;

  private final AtomicInteger work = new AtomicInteger();

  // Touched only by the thread that delivers.
  private boolean started;
  private boolean told;

  /**
   * Creates one that follows from now on; the caller holds the log's lock.
   *
   * @param start the head of the log
   * @param maxWeight how much may wait for the sink
   */
  TailFollower(ReentrantLock lock, TailSink sink, Position start, long maxWeight) {
    this.lock = lock;
    this.sink = sink;
    this.start = start;
    this.maxWeight = maxWeight;
  }

  /** Whether nothing is to be delivered any more, but for a failure. */
  boolean isEnded() {
    return ended;
  }

  /** Adds the next entry of the log; the caller holds the log's lock and drains afterwards. */
  void add(LogEntry entry) {
    if (ended) {
      return;
    }
    queue.add(entry);
    weight += weigh(entry);
    if (weight > maxWeight) {
      end(
          new LimitExceededException(
              "maxBytes: a sink may lag by " + maxWeight + " bytes, it lags by " + weight));
    }
  }

  /**
   * Ends the delivery; the caller holds the log's lock and drains afterwards.
   *
   * @param cause what to tell the sink, or null for nothing
   */
  void end(@Nullable Throwable cause) {
    if (!ended) {
      failure = cause;
      queue.clear();
      weight = 0;
      ended = true;
    }
  }

  /** Delivers what was added, unless another thread is at it; the caller holds no lock. */
  void drain() {
    int missed = work.getAndIncrement() == 0 ? 1 : 0;
    while (missed != 0) {
      while (deliverBatch()) {}
      missed = work.addAndGet(-missed);
    }
  }

  /** Returns whether there may be more. */
  private boolean deliverBatch() {
    List<LogEntry> batch = take();
    if (ended) {
      tellFailureOnce();
      return false;
    }
    try {
      if (!started) {
        started = true;
        sink.onStart(start);
      }
      for (LogEntry entry : batch) {
        if (ended) {
          return true;
        }
        sink.onEntry(entry);
      }
    } catch (Throwable thrown) { // whatever it is, the publisher and the other sinks go on
      lock.lock();
      try {
        end(thrown);
      } finally {
        lock.unlock();
      }
      return true;
    }
    return !batch.isEmpty();
  }

  private List<LogEntry> take() {
    List<LogEntry> batch = new ArrayList<>();
    lock.lock();
    try {
      for (LogEntry next = queue.peek();
          next != null && batch.size() < BATCH;
          next = queue.peek()) {
        batch.add(queue.remove());
        weight -= weigh(next);
      }
    } finally {
      lock.unlock();
    }
    return batch;
  }

  private void tellFailureOnce() {
    Throwable cause;
    lock.lock();
    try {
      cause = failure;
    } finally {
      lock.unlock();
    }
    if (cause != null && !told) {
      told = true;
      try {
        sink.onFailure(cause);
      } catch (Throwable thrown) { // there is nobody left to tell
        LOGGER.log(Level.WARNING, "a sink failed when it was told of its end", thrown);
      }
    }
  }

  private static long weigh(LogEntry entry) {
    return History.OVERHEAD + (long) entry.event().weight();
  }
}
