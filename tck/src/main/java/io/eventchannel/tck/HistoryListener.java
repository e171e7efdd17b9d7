package io.eventchannel.tck;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import io.eventchannel.tck.CallGuard.Breach;
import io.eventchannel.tck.History.Kind;
import io.eventchannel.tck.History.Published;
import io.eventchannel.tck.History.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A listener that records into a {@link History}. It is owed every published event of its topics,
 * from the first to the last, unless the test narrows that.
 */
public final class HistoryListener implements EventChannelListener {
  // More would be the same fault over and over.
  private static final int MAX_BREACHES = 100;

  /** An event whose ID or number was not (or not yet) published when it came. */
  record Unmatched(@Nullable String id, long number) {}

  private final History history;
  private final String name;

  // Guarded by lock.
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final CallGuard guard = new CallGuard();
  private final List<Violation> breaches = new ArrayList<>();
  // In the order of calls: a Published (shared, so that millions fit), an Unmatched or a Gap.
  private final List<Object> calls = new ArrayList<>();
  private long received;
  private long gaps;
  private boolean closed;
  private @Nullable Set<String> topics;
  private @Nullable String startId;
  private boolean anyStart;
  private boolean anyEnd;

  HistoryListener(History history, String name) {
    this.history = history;
    this.name = name;
  }

  /** Says that its channel asked for these topics only. */
  public HistoryListener ofTopics(String... topics) {
    lock.lock();
    try {
      this.topics = Set.of(topics);
      return this;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says that its channel began with a stored position: what was published up to it is not owed.
   */
  public HistoryListener startingAfter(String id) {
    lock.lock();
    try {
      startId = id;
      return this;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says that its channel joined while events were published: it is owed what follows its first.
   */
  public HistoryListener startingAnywhere() {
    lock.lock();
    try {
      anyStart = true;
      return this;
    } finally {
      lock.unlock();
    }
  }

  /** Says that the test closes its channel early: what follows its last event is not owed. */
  public HistoryListener endingAnywhere() {
    lock.lock();
    try {
      anyEnd = true;
      return this;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onOpen(EventChannel channel) {
    call("onOpen", () -> {});
  }

  @Override
  public void onEvent(EventChannel channel, Event event) {
    call(
        event,
        () -> {
          long number = history.numberOf(event);
          Published match = history.find(event.id());
          lock.lock();
          try {
            received++;
            calls.add(
                match != null && match.number() == number
                    ? match
                    : new Unmatched(event.id(), number));
            changed.signalAll();
          } finally {
            lock.unlock();
          }
        });
  }

  @Override
  public void onGap(EventChannel channel, Gap gap) {
    call(
        gap,
        () -> {
          lock.lock();
          try {
            gaps++;
            calls.add(gap);
            changed.signalAll();
          } finally {
            lock.unlock();
          }
        });
  }

  @Override
  public void onConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay) {
    call("onConnectionLost", () -> {});
  }

  @Override
  public void onClosed(EventChannel channel, CloseReason reason) {
    call(
        "onClosed",
        () -> {
          lock.lock();
          try {
            guard.last();
            closed = true;
            changed.signalAll();
          } finally {
            lock.unlock();
          }
        });
  }

  private void call(Object call, Runnable body) {
    boolean entered;
    lock.lock();
    try {
      entered = guard.enter(call, this::addBreach);
    } finally {
      lock.unlock();
    }
    try {
      body.run();
    } finally {
      if (entered) {
        lock.lock();
        try {
          guard.exit();
        } finally {
          lock.unlock();
        }
      }
    }
  }

  private void addBreach(Breach breach, String text) {
    if (breaches.size() < MAX_BREACHES) {
      Kind kind = breach == Breach.CONCURRENT ? Kind.CONCURRENT : Kind.AFTER_CLOSE;
      breaches.add(new Violation(kind, name, text));
    }
  }

  /** How many events came. */
  public long receivedCount() {
    lock.lock();
    try {
      return received;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until at least so many events came.
   *
   * @throws AssertionError if they have not when {@code patience} is over
   */
  public void awaitReceived(long atLeast, Duration patience) throws InterruptedException {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (received < atLeast) {
        if (left <= 0) {
          throw new AssertionError(
              name + ": expected " + atLeast + " events within " + patience + ", got " + received);
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many gaps came. */
  public long gapCount() {
    lock.lock();
    try {
      return gaps;
    } finally {
      lock.unlock();
    }
  }

  /** Whether its channel was closed. */
  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  String name() {
    return name;
  }

  List<Violation> judge(Function<Predicate<Published>, HistoryJudge> judges) {
    lock.lock();
    try {
      Set<String> asked = topics;
      HistoryJudge judge =
          judges.apply(
              event -> asked == null || (event.topic() != null && asked.contains(event.topic())));
      List<Violation> violations = new ArrayList<>(breaches);
      violations.addAll(judge.judge(calls, startId, anyStart, anyEnd));
      return violations;
    } finally {
      lock.unlock();
    }
  }
}
