package io.eventchannel.server;

import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.EventLog;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.transport.Scheduler;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The parts that serve one feed, joined: window, loops, reader, and who subscribes. Fan-out is
 * {@link #grew}: an append wakes the loops, which do the rest.
 */
final class FeedEngine implements Window.Watcher {
  // Enough to keep a remote log busy, few enough that a herd of returning clients does not drown
  // it.
  private static final int PARALLEL_READS = 16;
  private static final long READ_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Scheduler scheduler;
  private final SlowConsumerPolicy policy;
  private final ServerMetrics metrics;
  private final boolean metered;
  private final ConnectionMetrics ofStreams;
  private final ConnectionMetrics ofWebSockets;
  private final @Nullable EventKeys keys;
  private final Window window;
  private final LogReader reader;
  private final LoopRunner runner;
  private final Loop[] own;
  private final AtomicInteger turn = new AtomicInteger();

  private final Object lock = new Object();
  // Guarded by lock: the loops on executors of outlets, and how many subscriptions each has.
  private final Map<Executor, Visit> visits = new HashMap<>();
  // All loops. Replaced under lock, never changed in place.
  private volatile Loop[] loops;

  private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
  // Admitted requests that may become subscriptions.
  private final AtomicInteger expected = new AtomicInteger();
  private final Set<Runnable> whenClosed = ConcurrentHashMap.newKeySet();
  private final Runnable whenEmpty;
  private volatile boolean closed;

  /**
   * Creates the engine and begins to follow the log.
   *
   * @param runner runs our own loops
   * @param ownLoops how many those are
   * @param whenEmpty run once the engine is closed, its last subscription has ended, and none is
   *     expected; perhaps again
   */
  FeedEngine(
      EventLog log,
      Scheduler scheduler,
      SlowConsumerPolicy policy,
      ServerMetrics metrics,
      int windowEvents,
      long windowBytes,
      LoopRunner runner,
      int ownLoops,
      Executor readExecutor,
      Runnable whenEmpty) {
    this.scheduler = scheduler;
    this.policy = policy;
    this.metrics = GuardedMetrics.of(metrics);
    this.metered = metrics != ServerMetrics.none();
    this.ofStreams = new ConnectionMetrics(this.metrics, WireFormat.SSE);
    this.ofWebSockets = new ConnectionMetrics(this.metrics, WireFormat.JSON);
    this.keys = EventKeys.of(policy);
    this.window = new Window(log, scheduler, windowEvents, windowBytes, this);
    this.reader = new LogReader(log, readExecutor, scheduler, PARALLEL_READS, READ_TIMEOUT_NANOS);
    this.runner = runner;
    this.own = new Loop[ownLoops];
    for (int i = 0; i < own.length; i++) {
      own[i] = loop(runner, false);
    }
    this.loops = own;
    this.whenEmpty = whenEmpty;
  }

  private Loop loop(LoopRunner runner, boolean visits) {
    return new Loop(runner, visits, window, this::wakeAllOf, metered ? this::delivered : null);
  }

  /** Begins to follow the log. */
  void start() {
    window.start();
  }

  Scheduler scheduler() {
    return scheduler;
  }

  SlowConsumerPolicy policy() {
    return policy;
  }

  ServerMetrics metrics() {
    return metrics;
  }

  /** Whether anybody wants to know; if not, no clock is read for it. */
  boolean isMetered() {
    return metered;
  }

  /** The metrics of the connections of a form. */
  ConnectionMetrics metricsOf(WireFormat format) {
    return format.isSse() ? ofStreams : ofWebSockets;
  }

  /** By what the policy conflates; null if it does not. */
  @Nullable EventKeys keys() {
    return keys;
  }

  Window window() {
    return window;
  }

  LogReader reader() {
    return reader;
  }

  /**
   * The loop for the next subscription: each of ours in turn, or the one on the outlet's executor.
   */
  Loop loopFor(Outlet outlet) {
    Executor executor = outlet.executor();
    if (executor == null) {
      Loop loop = own[Math.floorMod(turn.getAndIncrement(), own.length)];
      loop.joined();
      return loop;
    }
    synchronized (lock) {
      Visit visit = visits.get(executor);
      if (visit == null) {
        visit = new Visit(loop(executor::execute, true));
        visits.put(executor, visit);
        listLoops();
      }
      visit.subscriptions++;
      visit.loop.joined();
      return visit.loop;
    }
  }

  private void leave(Executor executor) {
    synchronized (lock) {
      Visit visit = visits.get(executor);
      if (visit != null && --visit.subscriptions == 0) {
        visits.remove(executor);
        listLoops();
      }
    }
  }

  /** Guarded by lock. */
  private void listLoops() {
    Loop[] all = Arrays.copyOf(own, own.length + visits.size());
    int i = own.length;
    for (Visit visit : visits.values()) {
      all[i++] = visit.loop;
    }
    loops = all;
  }

  /** A request was admitted: until {@link #arrived} what serves it must not end. */
  void expect() {
    expected.incrementAndGet();
  }

  /** Nothing more is expected of an admitted request: it has joined, or never will. */
  void arrived() {
    expected.decrementAndGet();
    endIfEmpty();
  }

  /** A subscription begins. */
  void join(Subscription subscription) {
    // Registered before its first turn, so a run that begins during that turn wakes it.
    subscriptions.add(subscription);
  }

  /** A subscription has ended. */
  void left(Subscription subscription) {
    subscriptions.remove(subscription);
    subscription.loop().left();
    Executor executor = subscription.executor();
    if (executor != null) {
      leave(executor);
    }
    endIfEmpty();
  }

  int subscriptions() {
    return subscriptions.size();
  }

  /**
   * How many events the slowest subscription has yet to be handed, those left out whose write has
   * been under way for {@code stallNanos}. The answer may be a little old.
   */
  long lag(long stallNanos) {
    Run current = window.run();
    if (current == null) {
      return 0;
    }
    long head = current.head().index;
    long now = scheduler.nanoTime();
    long lag = 0;
    for (Subscription subscription : subscriptions) {
      if (!subscription.isStalled(now, stallNanos)) {
        lag = Math.max(lag, head - subscription.index());
      }
    }
    return lag;
  }

  /** How many loops there are, those on executors of outlets included. */
  int loops() {
    return loops.length;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void grew() {
    for (Loop loop : loops) {
      loop.grew();
    }
    runner.published();
  }

  @Override
  public long moment() {
    return metered ? scheduler.nanoTime() : 0;
  }

  private void delivered(long cameAt) {
    metrics.onDelivered(scheduler.nanoTime() - cameAt);
  }

  @Override
  public void startedAnew() {
    for (Subscription subscription : subscriptions) {
      subscription.wake();
    }
    for (Loop loop : loops) {
      loop.signal(); // that of nobody, too, lets go of the run that it knew
    }
  }

  private void wakeAllOf(Loop loop) {
    for (Subscription subscription : subscriptions) {
      if (subscription.loop() == loop) {
        subscription.wake();
      }
    }
  }

  /** Has something run when the engine is closed, before its timer may end; it must not throw. */
  void whenClosed(Runnable told) {
    whenClosed.add(told);
    if (closed) {
      told.run();
    }
  }

  /** Takes back {@link #whenClosed}. */
  void forget(Runnable told) {
    whenClosed.remove(told);
  }

  /** Stops to follow the log; what ends the subscriptions is up to their endpoints. */
  void close() {
    closed = true;
    window.close();
    whenClosed.forEach(Runnable::run);
    endIfEmpty();
  }

  private void endIfEmpty() {
    // Who arrives joins first, so that he is always in one of the two.
    if (closed && expected.get() == 0 && subscriptions.isEmpty()) {
      whenEmpty.run();
    }
  }

  private static final class Visit {
    final Loop loop;
    int subscriptions;

    Visit(Loop loop) {
      this.loop = loop;
    }
  }
}
