package io.eventchannel.tck;

import io.eventchannel.Event;
import io.eventchannel.internal.SerialExecutor;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TailSink;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.transport.Scheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One handle on a log that lives elsewhere: requests arrive late, answers come late and out of
 * order, and some fail. Every delay and failure is drawn from a seed, so on a {@link
 * VirtualScheduler} a run can be repeated.
 *
 * <p>It behaves like a connection to a remote log. Appends arrive in the order in which they were
 * made, and so do the entries of a tail; between the two, and among answers, there is no order. A
 * request that fails has no effect: a failed append is not in the log. Several handles on one log
 * are several processes: what is appended by one wakes the tails of the others.
 *
 * <p>Thread-safe. What is under way is not bounded: this is for tests.
 */
public final class LateEventLog implements EventLog {
  private final EventLog log;
  private final Scheduler scheduler;
  private final Random random;
  private final long maxDelayNanos;
  private final double appendFailures;
  private final double readFailures;
  private final double headFailures;
  private final double tailFailures;

  private final LateQueue appends = new LateQueue();
  private final Set<Request<?>> pending = ConcurrentHashMap.newKeySet();
  private final Set<LateTail> tails = ConcurrentHashMap.newKeySet();

  // Set before pending and tails are failed; whoever adds to them looks at it afterwards.
  private volatile boolean closed;

  private LateEventLog(Builder builder) {
    this.log = builder.log;
    this.scheduler = builder.scheduler;
    this.random = new Random(builder.seed);
    this.maxDelayNanos = builder.maxDelay.toNanos();
    this.appendFailures = builder.appendFailures;
    this.readFailures = builder.readFailures;
    this.headFailures = builder.headFailures;
    this.tailFailures = builder.tailFailures;
  }

  /**
   * Starts to build a handle on {@code log}, which remains the caller's to close.
   *
   * @param seed of the delays and the failures
   */
  public static Builder builder(EventLog log, Scheduler scheduler, long seed) {
    return new Builder(log, scheduler, seed);
  }

  @Override
  public CompletionStage<Position> append(Event event) {
    Request<Position> request = new Request<>("append", appendFailures, () -> log.append(event));
    appends.add(request::arrive);
    return request.begin();
  }

  @Override
  public CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit: expected at least 1, got " + limit);
    }
    Request<Page> request =
        new Request<>("read", readFailures, () -> log.read(after, topics, limit));
    later(request::arrive);
    return request.begin();
  }

  @Override
  public CompletionStage<Position> head() {
    Request<Position> request = new Request<>("head", headFailures, log::head);
    later(request::arrive);
    return request.begin();
  }

  private void later(Runnable step) {
    scheduler.schedule(step, (long) (random.nextDouble() * maxDelayNanos));
  }

  @Override
  public AutoCloseable subscribeTail(TailSink sink) {
    LateTail tail = new LateTail(sink);
    tails.add(tail);
    if (closed) {
      tail.end(closedHandle());
      return () -> {};
    }
    tail.follow();
    return tail::cancel;
  }

  /** Closes this handle and not the log: pending stages and tails fail. Idempotent. */
  @Override
  public void close() {
    closed = true;
    pending.forEach(request -> request.fail(closedHandle()));
    tails.forEach(tail -> tail.end(closedHandle()));
  }

  private static IllegalStateException closedHandle() {
    return new IllegalStateException("the handle on the log is closed");
  }

  /** A call that is on its way to the log, or its answer on the way back. */
  private final class Request<T> {
    private final String name;
    private final double failures;
    private final Supplier<CompletionStage<T>> effect;
    private final CompletableFuture<T> answer = new CompletableFuture<>();

    Request(String name, double failures, Supplier<CompletionStage<T>> effect) {
      this.name = name;
      this.failures = failures;
      this.effect = effect;
    }

    CompletionStage<T> begin() {
      pending.add(this);
      if (closed) {
        fail(closedHandle());
      } else if (answer.isDone()) {
        pending.remove(this); // it was answered before it was added
      }
      return answer;
    }

    void arrive() {
      if (closed) {
        fail(closedHandle());
      } else if (random.nextDouble() < failures) {
        later(() -> fail(new IOException(name + " failed on purpose")));
      } else {
        effect.get().whenComplete((result, failure) -> later(() -> reply(result, failure)));
      }
    }

    private void reply(T result, @Nullable Throwable failure) {
      if (failure != null) {
        fail(failure);
      } else {
        pending.remove(this);
        answer.complete(result);
      }
    }

    void fail(Throwable failure) {
      pending.remove(this);
      answer.completeExceptionally(failure);
    }
  }

  /**
   * Steps that run late, one at a time, in the order in which they were added: each step brings a
   * timer along, and each timer runs the step that has waited longest.
   */
  private final class LateQueue {
    private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
    private final SerialExecutor serial = new SerialExecutor(Runnable::run, this::report);

    void add(Runnable step) {
      steps.add(step);
      later(() -> serial.execute(() -> steps.remove().run()));
    }

    private void report(Throwable failure) {
      scheduler.schedule(
          () -> {
            throw new AssertionError("a step of a late log failed", failure);
          },
          0);
    }
  }

  /** A tail whose every call comes late. */
  private final class LateTail implements TailSink {
    private final TailSink sink;
    private final LateQueue calls = new LateQueue();

    // Read and written by the steps of calls, but for cancel(), which may come at any time.
    private volatile boolean ended;

    // Written before this tail is known to anybody else but the log.
    private volatile AutoCloseable subscription = () -> {};

    LateTail(TailSink sink) {
      this.sink = sink;
    }

    void follow() {
      subscription = log.subscribeTail(this);
      if (ended) {
        cancel(); // it ended while it was being made
      }
    }

    @Override
    public void onStart(Position head) {
      tell(receiver -> receiver.onStart(head));
    }

    @Override
    public void onEntry(LogEntry entry) {
      if (random.nextDouble() < tailFailures) {
        end(new IOException("tail failed on purpose"));
      } else {
        tell(receiver -> receiver.onEntry(entry));
      }
    }

    @Override
    public void onFailure(Throwable cause) {
      end(cause);
    }

    private void tell(Consumer<TailSink> call) {
      calls.add(
          () -> {
            if (ended) {
              return;
            }
            try {
              call.accept(sink);
            } catch (RuntimeException | Error thrown) {
              finish(thrown);
            }
          });
    }

    /** Fails the tail after the calls that are under way. */
    void end(Throwable cause) {
      calls.add(() -> finish(cause));
    }

    private void finish(Throwable cause) {
      if (!ended) {
        cancel();
        sink.onFailure(cause);
      }
    }

    void cancel() {
      ended = true;
      tails.remove(this);
      try {
        subscription.close();
      } catch (Exception failure) {
        throw new AssertionError("a subscription did not close", failure);
      }
    }
  }

  /** Builds a {@link LateEventLog}. Unless set, delays are up to 10 ms and nothing fails. */
  public static final class Builder {
    private final EventLog log;
    private final Scheduler scheduler;
    private final long seed;
    private Duration maxDelay = Duration.ofMillis(10);
    private double appendFailures;
    private double readFailures;
    private double headFailures;
    private double tailFailures;

    private Builder(EventLog log, Scheduler scheduler, long seed) {
      this.log = log;
      this.scheduler = scheduler;
      this.seed = seed;
    }

    /** Sets the longest way of a request, and of an answer. */
    public Builder maxDelay(Duration value) {
      if (value.isNegative()) {
        throw new IllegalArgumentException("maxDelay: expected zero or more, got " + value);
      }
      maxDelay = value;
      return this;
    }

    /** Sets which share of the appends fails, 0 to 1. */
    public Builder appendFailures(double share) {
      appendFailures = share("appendFailures", share);
      return this;
    }

    /** Sets which share of the reads fails, 0 to 1. */
    public Builder readFailures(double share) {
      readFailures = share("readFailures", share);
      return this;
    }

    /** Sets which share of the questions for the head fails, 0 to 1. */
    public Builder headFailures(double share) {
      headFailures = share("headFailures", share);
      return this;
    }

    /** Sets at which share of its entries a tail fails, 0 to 1. */
    public Builder tailFailures(double share) {
      tailFailures = share("tailFailures", share);
      return this;
    }

    private static double share(String name, double value) {
      if (!(value >= 0 && value <= 1)) {
        throw new IllegalArgumentException(name + ": expected 0 to 1, got " + value);
      }
      return value;
    }

    /** Returns a new handle. */
    public LateEventLog build() {
      return new LateEventLog(this);
    }
  }
}
