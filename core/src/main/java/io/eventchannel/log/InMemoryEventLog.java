package io.eventchannel.log;

import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An event log in the memory of this process. A new one begins a new epoch, so that every position
 * of an earlier one is a gap. Thread-safe.
 *
 * <p>Retention is per topic (count, bytes, age) under a byte bound for the whole feed; the events
 * without a topic count as one topic. The oldest goes first. See {@link Builder} for the bounds.
 *
 * <p>Every stage it returns is complete. A bound is kept when an operation returns; a log that
 * nobody appends to or reads keeps events that grow too old until somebody does, for it has no
 * thread of its own.
 *
 * <p><b>Concurrency.</b> One lock guards everything: an append takes it once to give the offset,
 * fill the place in the feed's order, enter the topic's index, queue the entry for the sinks and,
 * last, move the head; a read takes it once, so a page and the verdict on its position are of one
 * moment. No code of others runs under it but the clock of {@link Builder#maxAge}. The sinks are
 * called after it is released; {@link TailFollower} argues why they see the order of the log.
 */
public final class InMemoryEventLog implements EventLog {
  private static final TailFollower[] NOBODY = {};

  private final ReentrantLock lock = new ReentrantLock();
  private final Retention retention;
  private final LongSupplier nanoTime;

  // Guarded by lock. The history is null once the log is closed.
  private @Nullable History history;

  // Replaced under lock, never changed in place: an append calls those it saw under the lock.
  private TailFollower[] followers = NOBODY;

  private InMemoryEventLog(Builder builder) {
    this.retention =
        new Retention(
            builder.maxEventsPerTopic,
            Math.min(builder.maxBytesPerTopic, builder.maxBytes),
            builder.maxBytes,
            builder.maxTopics,
            builder.maxAgeNanos);
    this.nanoTime = builder.nanoTime;
    this.history = new History(Epochs.mint(builder.random), retention);
  }

  /** Returns a log with the standard bounds. */
  public static InMemoryEventLog create() {
    return builder().build();
  }

  /** Returns a builder that holds the standard bounds. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * {@inheritDoc}
   *
   * <p>The stage fails with {@link LimitExceededException} if the event alone is over a byte bound,
   * and with {@link IllegalStateException} after {@link #close()}.
   */
  @Override
  public CompletionStage<Position> append(Event event) {
    Objects.requireNonNull(event, "event");
    LogEntry entry;
    TailFollower[] told;
    lock.lock();
    try {
      if (history == null) {
        return failed(closed());
      }
      long weight = history.weigh(event);
      if (weight > retention.maxBytesPerTopic) {
        String limit =
            retention.maxBytesPerTopic < retention.maxBytes ? "maxBytesPerTopic" : "maxBytes";
        return failed(
            new LimitExceededException(
                limit
                    + ": expected an event of at most "
                    + retention.maxBytesPerTopic
                    + " bytes, got "
                    + weight));
      }
      entry = history.append(event, nanoTime.getAsLong());
      told = followers;
      for (TailFollower follower : told) {
        follower.add(entry);
      }
    } finally {
      lock.unlock();
    }
    drain(told);
    return CompletableFuture.completedFuture(entry.position());
  }

  @Override
  public CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
    Objects.requireNonNull(after, "after");
    Objects.requireNonNull(topics, "topics");
    if (limit < 1) {
      throw new IllegalArgumentException("limit: expected at least 1, got " + limit);
    }
    lock.lock();
    try {
      if (history == null) {
        return failed(closed());
      }
      history.expire(nanoTime.getAsLong());
      return CompletableFuture.completedFuture(history.read(after, topics, limit));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<Position> head() {
    lock.lock();
    try {
      return history == null ? failed(closed()) : CompletableFuture.completedFuture(history.head());
    } finally {
      lock.unlock();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A sink is called by the threads that append. It may lag by as many bytes as the whole feed
   * may hold; then, when it throws, and after {@link #close()}, it gets {@link TailSink#onFailure}.
   */
  @Override
  public AutoCloseable subscribeTail(TailSink sink) {
    Objects.requireNonNull(sink, "sink");
    TailFollower follower = null;
    lock.lock();
    try {
      if (history != null) {
        follower = new TailFollower(lock, sink, history.head(), retention.maxBytes);
        followers = Arrays.copyOf(followers, followers.length + 1);
        followers[followers.length - 1] = follower;
      }
    } finally {
      lock.unlock();
    }
    if (follower == null) {
      sink.onFailure(closed());
      return () -> {};
    }
    drain(follower);
    TailFollower subscribed = follower;
    return () -> unsubscribe(subscribed);
  }

  private void unsubscribe(TailFollower follower) {
    lock.lock();
    try {
      follower.end(null);
      dropEnded();
    } finally {
      lock.unlock();
    }
  }

  /** Calls the sinks, and forgets those that failed; the caller does not hold the lock. */
  private void drain(TailFollower... told) {
    boolean anyEnded = false;
    for (TailFollower follower : told) {
      follower.drain();
      anyEnded |= follower.isEnded();
    }
    if (anyEnded) {
      lock.lock();
      try {
        dropEnded();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The caller holds the lock. */
  private void dropEnded() {
    followers = Arrays.stream(followers).filter(f -> !f.isEnded()).toArray(TailFollower[]::new);
  }

  @Override
  public void close() {
    TailFollower[] told;
    lock.lock();
    try {
      history = null;
      told = followers;
      for (TailFollower follower : told) {
        follower.end(closed());
      }
    } finally {
      lock.unlock();
    }
    drain(told);
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("the log is closed");
  }

  private static <T> CompletionStage<T> failed(Throwable cause) {
    CompletableFuture<T> stage = new CompletableFuture<>();
    stage.completeExceptionally(cause);
    return stage;
  }

  /**
   * Builds an {@link InMemoryEventLog}.
   *
   * <p>Bytes are counted as {@link Event#weight()} and 176 more for each event: what it takes of
   * the heap at the most. Events of Latin-1 text take about half. Not thread-safe.
   */
  public static final class Builder {
    // A day of a topic that speaks every ten seconds, or a minute and a half of a hundred a second.
    private int maxEventsPerTopic = 10_000;

    // A quarter of the feed: no topic can drive out the history of all others.
    private long maxBytesPerTopic = 16L << 20;

    // A quarter of the heap of the smallest server one would run.
    private long maxBytes = 64L << 20;

    // What one remembers of a topic, beyond its events, is about 200 bytes: 20 MB at the worst.
    private int maxTopics = 100_000;

    private long maxAgeNanos = Long.MAX_VALUE;
    private LongSupplier nanoTime = () -> 0;
    private Random random = new SecureRandom();

    // Differences of a nanosecond clock are right up to 292 years.
    private static final Duration LONGEST_AGE = Duration.ofDays(36_525);

    private Builder() {}

    /** Sets how many events of one topic are held, 1 or more; 10,000 by default. */
    public Builder maxEventsPerTopic(int value) {
      maxEventsPerTopic = (int) atLeastOne("maxEventsPerTopic", value);
      return this;
    }

    /**
     * Sets how many bytes of events of one topic are held, 1 or more; 16 MiB by default, and never
     * more than {@link #maxBytes}. An event that is larger by itself is not appended.
     */
    public Builder maxBytesPerTopic(long value) {
      maxBytesPerTopic = atLeastOne("maxBytesPerTopic", value);
      return this;
    }

    /**
     * Sets how many bytes of events of all topics together are held, 1 or more; 64 MiB by default.
     */
    public Builder maxBytes(long value) {
      maxBytes = atLeastOne("maxBytes", value);
      return this;
    }

    /**
     * Sets how many topics are remembered, 1 or more; 100,000 by default. The topic that has been
     * silent for longest is forgotten with what is held of it. After that a reader of any topic
     * that is not remembered gets a gap if it stands before the newest event so forgotten, even
     * when it missed nothing.
     */
    public Builder maxTopics(int value) {
      maxTopics = (int) atLeastOne("maxTopics", value);
      return this;
    }

    /**
     * Sets for how long an event is held; without limit by default.
     *
     * @param value more than zero
     * @param nanoTime monotonic time in nanoseconds from any origin, as {@code
     *     Scheduler.nanoTime()} gives it; called under the lock of the log, so it must not call the
     *     log. The wall clock plays no part.
     */
    public Builder maxAge(Duration value, LongSupplier nanoTime) {
      if (value.compareTo(Duration.ZERO) <= 0 || value.compareTo(LONGEST_AGE) > 0) {
        throw new IllegalArgumentException(
            "maxAge: expected more than 0 and at most 100 years, got " + value);
      }
      this.maxAgeNanos = value.toNanos();
      this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
      return this;
    }

    /** Sets where epochs come from, for tests. */
    Builder random(Random value) {
      random = Objects.requireNonNull(value, "random");
      return this;
    }

    private static long atLeastOne(String name, long value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + ": expected at least 1, got " + value);
      }
      return value;
    }

    /** Returns a new, empty log with an epoch of its own. */
    public InMemoryEventLog build() {
      return new InMemoryEventLog(this);
    }
  }
}
