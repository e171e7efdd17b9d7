package io.eventchannel.tck;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * A listener that records its calls in a queue, so that a test reads as a transcript: {@code
 * takeOpen()}, {@code takeEvent()}, … and {@code assertExhausted()} at the end. Each take waits for
 * the next call and fails if it is of another kind, or if none comes.
 *
 * <p>It also watches the promises of {@link EventChannelListener}, for each channel apart: calls
 * are serial, {@code onOpen} comes once for a connection, nothing comes after {@code onClosed}.
 * What breaks them is kept as a failure, and from then on every method that takes, waits or asserts
 * fails with it; so does {@link #failures()} for a test that expects one.
 *
 * <p>One recorder may listen to one channel of a client or to all channels of a server. At most
 * {@value #MAX_CALLS} calls wait to be taken; one more is a failure. A test with more events counts
 * them instead ({@link #counting}).
 *
 * <p>Calls may come from any thread; the other methods are for the test's threads.
 */
public final class RecordingListener implements EventChannelListener {
  /** The most calls that may wait to be taken. */
  public static final int MAX_CALLS = 100_000;

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofMillis(100);

  /** One call of the listener. */
  public sealed interface Call {
    /** The channel that called. */
    EventChannel channel();
  }

  /** A call of {@link EventChannelListener#onOpen}. */
  public record Opened(EventChannel channel) implements Call {}

  /** A call of {@link EventChannelListener#onEvent}. */
  public record Received(EventChannel channel, Event event) implements Call {
    /** Shows the text too, which the event itself keeps to itself. */
    @Override
    public String toString() {
      return "Received[" + event + (event.isBinary() ? "" : " \"" + event.data() + "\"") + "]";
    }
  }

  /** A call of {@link EventChannelListener#onGap}. */
  public record Missed(EventChannel channel, Gap gap) implements Call {}

  /** A call of {@link EventChannelListener#onConnectionLost}. */
  public record ConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay)
      implements Call {}

  /** A call of {@link EventChannelListener#onClosed}. */
  public record Closed(EventChannel channel, CloseReason reason) implements Call {}

  private final Duration patience;
  private final Duration silence;
  private final boolean keepsEvents;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All guarded by lock; the reaction runs outside it.
  private final Queue<Call> calls = new ArrayDeque<>();
  private final IdentityHashMap<EventChannel, Watch> watches = new IdentityHashMap<>();
  private final List<String> failures = new ArrayList<>();
  private Consumer<? super Call> reaction = call -> {};
  private long opens;
  private long events;
  private long gaps;
  private long losses;
  private long closes;

  /** What is known of one channel. */
  private static final class Watch {
    final CallGuard guard = new CallGuard();
    boolean open;
  }

  /** Creates a recorder that waits 10 s for a call and takes 100 ms without one for silence. */
  public RecordingListener() {
    this(PATIENCE, SILENCE);
  }

  /**
   * Creates a recorder.
   *
   * @param patience how long to wait for a call that must come
   * @param silence how long nothing must come for {@link #assertSilence}
   */
  public RecordingListener(Duration patience, Duration silence) {
    this(patience, silence, true);
  }

  private RecordingListener(Duration patience, Duration silence, boolean keepsEvents) {
    this.patience = Objects.requireNonNull(patience, "patience");
    this.silence = Objects.requireNonNull(silence, "silence");
    this.keepsEvents = keepsEvents;
  }

  /** Returns a recorder that counts events and does not keep them; all other calls are kept. */
  public static RecordingListener counting() {
    return new RecordingListener(PATIENCE, SILENCE, false);
  }

  /**
   * Runs {@code reaction} inside each later call, on its thread, once the call is recorded: to
   * throw, to block, to call the channel, or to write a {@link History}.
   *
   * @return this recorder
   */
  public RecordingListener reacting(Consumer<? super Call> reaction) {
    lock.lock();
    try {
      this.reaction = Objects.requireNonNull(reaction, "reaction");
      return this;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onOpen(EventChannel channel) {
    record(new Opened(channel));
  }

  @Override
  public void onEvent(EventChannel channel, Event event) {
    record(new Received(channel, event));
  }

  @Override
  public void onGap(EventChannel channel, Gap gap) {
    record(new Missed(channel, gap));
  }

  @Override
  public void onConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay) {
    record(new ConnectionLost(channel, reason, retryDelay));
  }

  @Override
  public void onClosed(EventChannel channel, CloseReason reason) {
    record(new Closed(channel, reason));
  }

  private void record(Call call) {
    Consumer<? super Call> react;
    Watch watch;
    boolean entered;
    lock.lock();
    try {
      watch = watches.computeIfAbsent(call.channel(), channel -> new Watch());
      entered = watch.guard.enter(call, (breach, text) -> failures.add(text));
      if (call instanceof Opened && watch.open) {
        failures.add("onOpen came again without onConnectionLost before it");
      }
      count(call, watch);
      if (keepsEvents || !(call instanceof Received)) {
        keep(call);
      }
      react = reaction;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      react.accept(call);
    } finally {
      if (entered) {
        lock.lock();
        try {
          watch.guard.exit();
        } finally {
          lock.unlock();
        }
      }
    }
  }

  private void count(Call call, Watch watch) {
    if (call instanceof Received) {
      events++;
    } else if (call instanceof Missed) {
      gaps++;
    } else if (call instanceof Opened) {
      opens++;
      watch.open = true;
    } else if (call instanceof ConnectionLost) {
      losses++;
      watch.open = false;
    } else {
      closes++;
      watch.guard.last();
    }
  }

  private void keep(Call call) {
    if (calls.size() < MAX_CALLS) {
      calls.add(call);
    } else if (calls.size() == MAX_CALLS) {
      failures.add("more than " + MAX_CALLS + " calls wait; use RecordingListener.counting()");
    }
  }

  /** Takes the next call, which must be {@code onOpen}, and returns the channel. */
  public EventChannel takeOpen() throws InterruptedException {
    return take(Opened.class, "onOpen").channel();
  }

  /** Takes the next call, which must be {@code onEvent}, and returns the event. */
  public Event takeEvent() throws InterruptedException {
    return take(Received.class, "onEvent").event();
  }

  /** Takes the next {@code count} calls, which must all be {@code onEvent}. */
  public List<Event> takeEvents(int count) throws InterruptedException {
    List<Event> taken = new ArrayList<>(count);
    while (taken.size() < count) {
      taken.add(takeEvent());
    }
    return taken;
  }

  /** Takes the next call, which must be {@code onGap}, and returns the gap. */
  public Gap takeGap() throws InterruptedException {
    return take(Missed.class, "onGap").gap();
  }

  /** Takes the next call, which must be {@code onConnectionLost}. */
  public ConnectionLost takeConnectionLost() throws InterruptedException {
    return take(ConnectionLost.class, "onConnectionLost");
  }

  /** Takes the next call, which must be {@code onClosed}, and returns the reason. */
  public CloseReason takeClosed() throws InterruptedException {
    return take(Closed.class, "onClosed").reason();
  }

  /** Takes the next call, whatever it is. */
  public Call take() throws InterruptedException {
    return take(Call.class, "a call");
  }

  /**
   * Takes and drops calls up to the first of a kind, and returns that one: for a test to which the
   * number of attempts in between does not matter.
   */
  public <T extends Call> T skipTo(Class<T> kind) throws InterruptedException {
    while (true) {
      Call call = take();
      if (kind.isInstance(call)) {
        return kind.cast(call);
      }
    }
  }

  private <T extends Call> T take(Class<T> kind, String expected) throws InterruptedException {
    lock.lock();
    try {
      throwFailures();
      await(() -> !calls.isEmpty(), patience);
      throwFailures();
      Call next = calls.poll();
      if (next == null) {
        throw new AssertionError(
            "expected " + expected + " within " + patience + ", but nothing came");
      }
      if (!kind.isInstance(next)) {
        throw new AssertionError("expected " + expected + ", but the next call was " + next);
      }
      return kind.cast(next);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until at least so many events came in all, taken or not.
   *
   * @throws AssertionError if they have not when {@code deadline} is over, or on a failure
   */
  public void awaitEvents(long atLeast, Duration deadline) throws InterruptedException {
    lock.lock();
    try {
      boolean came = await(() -> events >= atLeast || !failures.isEmpty(), deadline);
      throwFailures();
      if (!came) {
        throw new AssertionError(
            "expected " + atLeast + " events within " + deadline + ", got " + events);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Checks that every call was taken and nothing was wrong; does not wait. */
  public void assertExhausted() {
    lock.lock();
    try {
      throwFailures();
      if (!calls.isEmpty()) {
        throw new AssertionError(
            "expected no further call, but " + calls.size() + " were not taken: " + firstCalls());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Checks that every call was taken, and that none comes while the time of silence lasts. */
  public void assertSilence() throws InterruptedException {
    lock.lock();
    try {
      long before = events;
      if (await(() -> !calls.isEmpty() || events > before || !failures.isEmpty(), silence)) {
        throwFailures();
        throw new AssertionError(
            "expected silence, but "
                + (calls.isEmpty() ? events - before + " events came" : "got " + firstCalls()));
      }
    } finally {
      lock.unlock();
    }
    assertExhausted();
  }

  /** What broke the listener's contract so far, in words; empty if nothing did. */
  public List<String> failures() {
    lock.lock();
    try {
      return List.copyOf(failures);
    } finally {
      lock.unlock();
    }
  }

  /** How often {@code onOpen} came. */
  public long opens() {
    return read(() -> opens);
  }

  /** How many events came. */
  public long events() {
    return read(() -> events);
  }

  /** How many gaps came. */
  public long gaps() {
    return read(() -> gaps);
  }

  /** How often {@code onConnectionLost} came. */
  public long connectionsLost() {
    return read(() -> losses);
  }

  /** How often {@code onClosed} came. */
  public long closes() {
    return read(() -> closes);
  }

  private long read(LongSupplier count) {
    lock.lock();
    try {
      return count.getAsLong();
    } finally {
      lock.unlock();
    }
  }

  private boolean await(BooleanSupplier condition, Duration time) throws InterruptedException {
    long left = time.toNanos();
    while (!condition.getAsBoolean()) {
      if (left <= 0) {
        return false;
      }
      left = changed.awaitNanos(left);
    }
    return true;
  }

  private void throwFailures() {
    if (!failures.isEmpty()) {
      throw new AssertionError(
          failures.size() + " times the listener's contract was broken; first: " + failures.get(0));
    }
  }

  private String firstCalls() {
    String first = calls.stream().limit(5).map(Call::toString).collect(Collectors.joining(", "));
    return calls.size() > 5 ? first + ", …" : first;
  }
}
