package io.eventchannel.tck;

import io.eventchannel.Event;
import io.eventchannel.log.Position;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What was published, what each listener got, and whether the two agree: the judge of tests that
 * cut connections at random. Publishers call {@link #published} in the order of the log; {@link
 * #listener} gives a listener that records; when everything has come to rest, {@link #check} says
 * what was broken, and {@link #assertClean} fails with the seed and the first violation.
 *
 * <p>An event is known by its ID and a number in its payload, both of which must be what was
 * published. A listener is owed each event of its topics once and in order, and a gap told before
 * the next event exactly where events are missing or the epoch has changed. All methods are
 * thread-safe.
 */
public final class History {
  /** The kinds of violation. */
  public enum Kind {
    /** An event never came, though the log held it, and no gap told so. */
    LOST,
    /** An event came again. */
    DUPLICATE,
    /** An event came after one that was published later. */
    REORDERED,
    /** An event came that was never published, or with another ID or number. */
    PHANTOM,
    /** Events that the log no longer held were left out, or the epoch changed, without a gap. */
    UNREPORTED_GAP,
    /** A gap was told where nothing was missing. */
    FALSE_GAP,
    /** A call of a channel began while another of it ran. */
    CONCURRENT,
    /** A call came after onClosed. */
    AFTER_CLOSE
  }

  /**
   * One violation.
   *
   * @param listener the name of the listener
   * @param text what was expected, what came, and where
   */
  public record Violation(Kind kind, String listener, String text) {
    @Override
    public String toString() {
      return kind + " at " + listener + ": " + text;
    }
  }

  /** An event as it was published, and the epoch of its ID, if the ID is that of a log of ours. */
  record Published(
      int index, String id, long number, @Nullable String topic, @Nullable String epoch) {
    @Override
    public String toString() {
      return id + " (number " + number + ")";
    }
  }

  private final long seed;
  private final ToLongFunction<Event> numberOf;

  // Written under the lock; read without it by each listener for each event.
  private final Map<String, Published> byId = new ConcurrentHashMap<>();

  // Guarded by lock.
  private final Object lock = new Object();
  private final List<Published> published = new ArrayList<>();
  private final List<HistoryListener> listeners = new ArrayList<>();
  private int evictedThrough = -1;

  /**
   * Creates an empty history of events whose data is their number.
   *
   * @param seed what drew this test's faults; only named in the report
   */
  public History(long seed) {
    this(seed, event -> Long.parseLong(event.data()));
  }

  /**
   * Creates an empty history.
   *
   * @param numberOf reads an event's number from its payload
   */
  public History(long seed, ToLongFunction<Event> numberOf) {
    this.seed = seed;
    this.numberOf = Objects.requireNonNull(numberOf, "numberOf");
  }

  /** Records an event without a topic; see {@link #published(String, long, String)}. */
  public void published(String id, long number) {
    published(id, number, null);
  }

  /**
   * Records that an event was published. Events must be recorded in the order of the log; a
   * listener may have got the event before this is called.
   *
   * @param id what the log made its ID
   * @param number what its payload says
   * @param topic its topic, or null
   * @throws IllegalArgumentException if the ID was recorded before: the log broke its contract
   */
  public void published(String id, long number, @Nullable String topic) {
    synchronized (lock) {
      Published event = new Published(published.size(), id, number, topic, epochOf(id));
      if (byId.putIfAbsent(id, event) != null) {
        throw new IllegalArgumentException(
            "ID was issued twice: " + byId.get(id) + " and " + event);
      }
      published.add(event);
    }
  }

  /**
   * Records that the log no longer holds any event up to this one, so that leaving them out is
   * right if a gap says so. After a restart of a log in memory that is the last event before it.
   */
  public void evictedThrough(String id) {
    synchronized (lock) {
      Published event = byId.get(id);
      if (event == null) {
        throw new IllegalArgumentException("expected a published ID, got " + id);
      }
      evictedThrough = Math.max(evictedThrough, event.index());
    }
  }

  /**
   * Returns a new listener that records into this history, to be given to one channel.
   *
   * @param name what reports call it
   */
  public HistoryListener listener(String name) {
    HistoryListener listener = new HistoryListener(this, name);
    synchronized (lock) {
      listeners.add(listener);
    }
    return listener;
  }

  static @Nullable String epochOf(@Nullable String id) {
    Position position = id == null ? null : Position.parse(id);
    return position == null ? null : position.epoch();
  }

  long numberOf(Event event) {
    return numberOf.applyAsLong(event);
  }

  /** Returns what was published under that ID so far, or null. */
  @Nullable Published find(@Nullable String id) {
    return id == null ? null : byId.get(id);
  }

  /** How many events were published. */
  public int publishedCount() {
    synchronized (lock) {
      return published.size();
    }
  }

  /** How many events all listeners got together. */
  public long receivedCount() {
    return listeners().stream().mapToLong(HistoryListener::receivedCount).sum();
  }

  /**
   * Judges all listeners. To be called when everything was delivered that ever will be.
   *
   * @return the violations, listener by listener in the order of time; empty if all is well
   */
  public List<Violation> check() {
    List<Published> all;
    int evicted;
    synchronized (lock) {
      all = List.copyOf(published);
      evicted = evictedThrough;
    }
    Map<String, int[]> epochs = new HashMap<>();
    for (Published event : all) {
      if (event.epoch() != null) {
        epochs.computeIfAbsent(event.epoch(), epoch -> new int[] {event.index(), 0})[1] =
            event.index();
      }
    }
    List<Violation> violations = new ArrayList<>();
    for (HistoryListener listener : listeners()) {
      violations.addAll(
          listener.judge(
              isOwed -> new HistoryJudge(listener.name(), all, byId, epochs, evicted, isOwed)));
    }
    return violations;
  }

  /** Returns one line for people: the seed, how many violations of each kind, and the first one. */
  public String report() {
    List<Violation> violations = check();
    String scale =
        "seed "
            + seed
            + ": "
            + publishedCount()
            + " events published, "
            + listeners().size()
            + " listeners, ";
    if (violations.isEmpty()) {
      return scale + "no violation";
    }
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    violations.forEach(violation -> counts.merge(violation.kind(), 1, Integer::sum));
    return scale + "violations " + counts + ", first: " + violations.get(0);
  }

  /**
   * Checks that there is no violation.
   *
   * @throws AssertionError with {@link #report} if there is one
   */
  public void assertClean() {
    if (!check().isEmpty()) {
      throw new AssertionError(report());
    }
  }

  private List<HistoryListener> listeners() {
    synchronized (lock) {
      return List.copyOf(listeners);
    }
  }
}
