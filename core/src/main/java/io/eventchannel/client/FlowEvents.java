package io.eventchannel.client;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.Gap;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events of channels as a {@link Flow.Publisher}, for reactive libraries. In a class of its
 * own, because {@code Flow} is on Android from API level 30 only; nothing else here needs it.
 */
public final class FlowEvents {
  private FlowEvents() {}

  /**
   * Returns a publisher that opens a channel of its own for each subscriber.
   *
   * <p>Demand is the pace: beyond it one event at most is taken from the channel's inbound queue. A
   * subscriber that asks for nothing lets the queue fill, then the channel reads no more from its
   * socket. Signals and {@code onGap} come on the client's executor, one at a time, {@code onGap}
   * before the next event.
   *
   * <p>An event is handled when {@code onNext} returned, and its position is stored then; an
   * operator that keeps events in a buffer has taken them over. {@code cancel} closes the channel.
   * The stream completes when the client is closed or the server ended the channel in an orderly
   * way (status 204, or close code 1000); else it fails with {@link ChannelClosedException}, and
   * with what {@code onGap} threw if it did. A subscriber to a closed client gets {@link
   * IllegalStateException}. If the client's executor refuses tasks, the subscriber is told so on
   * the thread that found out.
   *
   * @throws IllegalArgumentException if the request asks for manual commit, for which a subscriber
   *     has no channel
   */
  public static Flow.Publisher<Event> publisher(
      ChannelClient client, ChannelRequest request, Consumer<? super Gap> onGap) {
    Objects.requireNonNull(client, "client");
    Objects.requireNonNull(onGap, "onGap");
    if (request.isManualCommit()) {
      throw new IllegalArgumentException(
          "request: expected one without manualCommit(), since subscribers cannot commit");
    }
    return subscriber -> {
      Objects.requireNonNull(subscriber, "subscriber"); // Reactive Streams, rule 1.9
      new Reading(client, request, onGap, subscriber).begin();
    };
  }

  /**
   * One subscriber's channel. {@code due} counts those who saw something to do; who takes it from
   * zero has {@link #run} executed, which goes on until nobody came meanwhile. So signals are
   * serial, none comes from inside another (rules 1.3 and 3.3), and each happens before the next.
   */
  private static final class Reading implements Flow.Subscription, Runnable {
    // A lively stream lets others have the thread after so many steps.
    private static final int STEPS_PER_TURN = 256;

    // Threads are freed by others, who say nothing; so often it costs nothing to try.
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ChannelClient client;
    private final ChannelRequest request;
    private final Consumer<? super Gap> onGap;
    private final Executor executor;
    private final Turns turns = new Turns(this::wake);
    private final AtomicInteger due = new AtomicInteger();
    private final AtomicLong demand = new AtomicLong();

    // Written by anyone, once.
    private volatile boolean cancelled;
    // Why the stream fails by this side; the first reason counts.
    private volatile @Nullable Throwable failure;

    // Written by begin(); read by anyone.
    private volatile @Nullable ReconnectingChannel channel;

    // Touched by begin(), then by run(); null when nothing more must be signalled, so that a
    // subscriber that is done can be freed (rule 3.13).
    private Flow.@Nullable Subscriber<? super Event> subscriber;
    private boolean handled = true; // what the last turn told, if it told anything

    Reading(
        ChannelClient client,
        ChannelRequest request,
        Consumer<? super Gap> onGap,
        Flow.Subscriber<? super Event> subscriber) {
      this.client = client;
      this.request = request;
      this.onGap = onGap;
      this.subscriber = subscriber;
      this.executor = client.settings().executor;
    }

    void begin() {
      due.set(1); // whatever is asked for in onSubscribe waits for its return
      Objects.requireNonNull(subscriber).onSubscribe(this);
      if (!cancelled && failure == null) {
        try {
          channel = client.read(request, turns);
        } catch (IllegalStateException closed) {
          failure = closed;
        }
      }
      if (cancelled) {
        closeChannel(); // cancel() may not have seen it
      }
      dispatch();
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        fail(
            new IllegalArgumentException(
                "request: expected more than 0 (Reactive Streams, rule 3.9), got " + n));
      } else {
        demand.accumulateAndGet(n, (has, more) -> has + more < 0 ? Long.MAX_VALUE : has + more);
      }
      wake();
    }

    @Override
    public void cancel() {
      cancelled = true;
      closeChannel();
      wake();
    }

    private void fail(Throwable why) {
      if (failure == null) {
        failure = why;
      }
    }

    private void closeChannel() {
      ReconnectingChannel opened = channel;
      if (opened != null) {
        opened.close();
      }
    }

    private void wake() {
      if (due.getAndIncrement() == 0) {
        dispatch();
      }
    }

    private void dispatch() {
      try {
        executor.execute(this);
      } catch (RejectedExecutionException refused) {
        fail(refused);
        run(); // better told here than never
      } catch (OutOfMemoryError noThread) { // what else a pool says when it cannot start one
        report(noThread);
        client.settings().scheduler.schedule(this::dispatch, RETRY_NANOS);
      }
    }

    @Override
    public void run() {
      int seen = due.get();
      do {
        for (int steps = 0; step(); steps++) {
          if (steps == STEPS_PER_TURN) {
            dispatch();
            return;
          }
        }
        seen = due.addAndGet(-seen);
      } while (seen != 0);
    }

    /** Does one thing. Returns whether there may be another. */
    private boolean step() {
      if (cancelled) {
        subscriber = null;
      }
      Flow.Subscriber<? super Event> to = subscriber;
      Throwable broken = failure;
      if (to == null) {
        return windUp();
      } else if (broken != null) {
        subscriber = null;
        signal(() -> to.onError(broken));
        return true;
      }
      Gap gap = turns.takeGap();
      CloseReason end = turns.end();
      if (gap != null && !turns.isClosed()) {
        tell(gap);
        return true;
      } else if (turns.hasEvent() && !turns.isClosed()) {
        return emit(to);
      } else if (end != null) {
        subscriber = null;
        signal(
            () -> {
              if (Turns.isOrderly(end)) {
                to.onComplete();
              } else {
                to.onError(new ChannelClosedException(end));
              }
            });
        return true;
      }
      return runTurn();
    }

    private boolean runTurn() {
      if (!turns.run(handled)) {
        return false;
      }
      handled = !turns.isHolding();
      return true;
    }

    private void tell(Gap gap) {
      try {
        onGap.accept(gap);
        handled = true;
      } catch (Throwable broken) { // an Error must not leave the subscriber without its end
        fail(broken);
      }
    }

    private boolean emit(Flow.Subscriber<? super Event> to) {
      long asked = demand.get();
      if (asked == 0) {
        return false;
      }
      if (asked != Long.MAX_VALUE) {
        demand.decrementAndGet();
      }
      Event event = Objects.requireNonNull(turns.takeEvent());
      handled = signal(() -> to.onNext(event));
      return true;
    }

    private boolean signal(Runnable call) {
      try {
        call.run();
        return true;
      } catch (Throwable broken) { // which counts as a cancel (rule 2.13)
        cancelled = true;
        report(broken);
        return false;
      }
    }

    private void report(Throwable broken) {
      ReconnectingChannel opened = channel;
      if (opened != null) {
        opened.report(broken);
      }
    }

    /** Nobody listens any more: brings the channel to its end, which frees it. */
    private boolean windUp() {
      closeChannel();
      return runTurn();
    }

    @Override
    public String toString() {
      return "Flow of " + request;
    }
  }
}
