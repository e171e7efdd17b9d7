package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.codec.FieldRules;
import io.eventchannel.internal.SystemScheduler;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.log.Position;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.transport.Scheduler;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One total order of events that channels read: publish here, serve it with a {@link
 * ChannelEndpoint}. The events are kept by an {@link EventLog}, so that a client which comes back
 * continues where it was.
 *
 * <p>Thread-safe; no method blocks or writes to a connection.
 */
public final class EventFeed implements AutoCloseable {
  /** The longest type and data of an event together, in bytes as UTF-8: 1 MiB. */
  public static final int MAX_EVENT_BYTES = 1024 * 1024;

  private final EventLog log;
  private final boolean textOnly;
  private final FeedEngine engine;
  private final Random random;
  private final List<AutoCloseable> own = new ArrayList<>();

  private EventFeed(Builder builder) {
    this.textOnly = builder.textOnly;
    this.random = builder.random;
    EventLog chosen = builder.log;
    if (chosen == null) {
      chosen = InMemoryEventLog.create();
      own.add(chosen);
    }
    this.log = chosen;
    Scheduler scheduler = builder.scheduler;
    if (scheduler == null) {
      SystemScheduler mine = new SystemScheduler("eventchannel-feed-timer");
      scheduler = mine;
      own.add(mine);
    }
    LoopRunner loops = builder.loopRunner;
    if (loops == null) {
      LoopThreads threads = new LoopThreads(builder.loops, scheduler);
      loops = threads;
      own.add(threads::closeWhenIdle);
    }
    Executor reads = builder.readExecutor;
    if (reads == null) {
      DaemonPool pool = DaemonPool.forEngine("eventchannel-log-reads", 2);
      reads = pool.executor();
      own.add(pool::closeWhenIdle);
    }
    this.engine =
        new FeedEngine(
            log,
            scheduler,
            builder.slowConsumerPolicy,
            builder.metrics,
            builder.windowEvents,
            builder.windowBytes,
            loops,
            builder.loops,
            reads,
            this::closeOwn);
    engine.start();
  }

  /** Returns a feed whose events are kept in memory, with the defaults of {@link #builder()}. */
  public static EventFeed inMemory() {
    return builder().build();
  }

  /** Starts to build a feed. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Publishes an event on a topic; as {@link #publish(Event)}.
   *
   * @param topic {@code [A-Za-z0-9._:/-]{1,200}} (protocol rule T-1)
   */
  public CompletionStage<String> publish(String topic, Event event) {
    return publish(event.withTopic(Objects.requireNonNull(topic, "topic")));
  }

  /**
   * Publishes an event. One without a topic reaches the channels that read everything. Events
   * published one after another by a thread are read in that order.
   *
   * @return the stage of the event's ID; it fails if the log did not take the event, or cannot
   *     know, and with {@link IllegalStateException} after {@link #close()}
   * @throws IllegalArgumentException if the type or topic may not travel (protocol rules E-2, E-3,
   *     T-1), if type and data are longer than {@link #MAX_EVENT_BYTES}, or if the event is binary
   *     and the feed text-only
   */
  public CompletionStage<String> publish(Event event) {
    FieldRules.checkApplicationEvent(event);
    if (textOnly && event.isBinary()) {
      throw new IllegalArgumentException("event: expected text in a text-only feed, got bytes");
    }
    checkSize(event);
    if (engine.isClosed()) {
      return CompletableFuture.failedFuture(new IllegalStateException("the feed is closed"));
    }
    long calledAt = engine.moment();
    CompletionStage<Position> appended;
    try {
      appended = log.append(event);
    } catch (RuntimeException e) {
      tellPublished(calledAt, e);
      return CompletableFuture.failedFuture(e);
    }
    if (engine.isMetered()) {
      appended = appended.whenComplete((position, failure) -> tellPublished(calledAt, failure));
    }
    return appended.thenApply(Position::id);
  }

  private void tellPublished(long calledAt, @Nullable Throwable failure) {
    long nanos = engine.moment() - calledAt;
    if (failure == null) {
      engine.metrics().onPublished(nanos);
    } else {
      engine.metrics().onPublishFailed(nanos);
    }
  }

  private static void checkSize(Event event) {
    // At most 3 bytes for each character; only what might be too long is counted.
    long most = event.isBinary() ? event.bytes().length : 3L * event.data().length();
    if (most + 3L * event.type().length() <= MAX_EVENT_BYTES) {
      return;
    }
    long size = event.type().getBytes(StandardCharsets.UTF_8).length;
    size +=
        event.isBinary()
            ? event.bytes().length
            : event.data().getBytes(StandardCharsets.UTF_8).length;
    if (size > MAX_EVENT_BYTES) {
      throw new IllegalArgumentException(
          "event: expected at most " + MAX_EVENT_BYTES + " bytes of type and data, got " + size);
    }
  }

  /** What serves the feed. */
  FeedEngine engine() {
    return engine;
  }

  /** Jitter and IDs. */
  Random random() {
    return random;
  }

  /**
   * Stops to serve the log, and closes it if the feed made it. Close the endpoints first: they say
   * goodbye to the clients. What this feed made for itself, threads and timer, ends when its last
   * connection has, and each request that was admitted before has become one or come to nothing,
   * which takes 10 s at most. Returns at once. Idempotent.
   */
  @Override
  public void close() {
    engine.close();
  }

  private void closeOwn() {
    for (AutoCloseable mine : own) {
      try {
        mine.close();
      } catch (Exception e) {
        throw new IllegalStateException("closing " + mine, e); // none of ours throws
      }
    }
  }

  /** Builds an {@link EventFeed}; each option has a default. */
  public static final class Builder {
    private @Nullable EventLog log;
    private int windowEvents = 16_384;
    private long windowBytes = 32L * 1024 * 1024;
    private SlowConsumerPolicy slowConsumerPolicy = SlowConsumerPolicy.stayInLog();
    private ServerMetrics metrics = ServerMetrics.none();
    private boolean textOnly;
    private int loops = Runtime.getRuntime().availableProcessors();
    private @Nullable Scheduler scheduler;
    private Random random = new SecureRandom();
    private @Nullable LoopRunner loopRunner;
    private @Nullable Executor readExecutor;

    private Builder() {}

    /** Sets the log, which the caller closes; default: one in memory, which the feed closes. */
    public Builder log(EventLog value) {
      log = Objects.requireNonNull(value, "log");
      return this;
    }

    /**
     * Sets how many of the newest events are kept at hand, whatever the log is: connections that
     * are not further behind are served without asking it. Default 16,384; at most 2^24.
     */
    public Builder windowEvents(int value) {
      windowEvents = (int) within("windowEvents", value, 1 << 24);
      return this;
    }

    /**
     * Sets how many bytes the events at hand may weigh, encoded forms included; default 32 MiB. The
     * oldest make room for one that is published: while nothing is published, who reads what is at
     * hand in another format than anybody before adds those forms to it.
     */
    public Builder windowBytes(long value) {
      windowBytes = within("windowBytes", value, Long.MAX_VALUE);
      return this;
    }

    /** Sets what becomes of slow consumers; default: {@link SlowConsumerPolicy#stayInLog()}. */
    public Builder slowConsumerPolicy(SlowConsumerPolicy value) {
      slowConsumerPolicy = Objects.requireNonNull(value, "slowConsumerPolicy");
      return this;
    }

    /** Sets who is told what the feed and its connections do; default: nobody. */
    public Builder metrics(ServerMetrics value) {
      metrics = Objects.requireNonNull(value, "metrics");
      return this;
    }

    /** Makes {@code publish} refuse binary events, which plain SSE cannot carry. */
    public Builder textOnly() {
      textOnly = true;
      return this;
    }

    /**
     * Sets how many threads serve the connections at most, and among how many loops these are
     * divided; default: one for each core. One thread serves all as long as it is enough.
     */
    public Builder loops(int value) {
      loops = (int) within("loops", value, 1024);
      return this;
    }

    /** Sets the clock and timer; default: the system's, with a thread of its own. */
    public Builder scheduler(Scheduler value) {
      scheduler = Objects.requireNonNull(value, "scheduler");
      return this;
    }

    /** Sets where jitter and IDs come from: for tests. */
    Builder random(Random value) {
      random = value;
      return this;
    }

    /** Sets what runs the one loop, and the reads of the log: for tests. */
    Builder executors(Executor forLoop, Executor forReads) {
      loops = 1;
      loopRunner = forLoop::execute;
      readExecutor = forReads;
      return this;
    }

    /** Returns the feed, which follows its log from now on. */
    public EventFeed build() {
      return new EventFeed(this);
    }

    private static long within(String name, long value, long most) {
      if (value < 1 || value > most) {
        throw new IllegalArgumentException(name + ": expected 1 to " + most + ", got " + value);
      }
      return value;
    }
  }
}
