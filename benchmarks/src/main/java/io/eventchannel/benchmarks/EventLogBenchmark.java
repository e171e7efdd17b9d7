package io.eventchannel.benchmarks;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds of the log in memory: for one append, and for one read.
 *
 * <p>Where several publish at once, the score is what one of them waits for its append; the
 * processor time is that of one append all the same. Every log is read back before anything is
 * measured.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class EventLogBenchmark {
  private static final int TOPICS = 16;
  private static final int PAGE = 100;
  private static final String DATA = "x".repeat(200);
  private static final TopicFilter ONE_TOPIC = TopicFilter.of(Set.of("topic-7"));

  /** A log that evicts nothing, given up for an empty one before it would. */
  @State(Scope.Benchmark)
  public static class Growing {
    // Within the standard bounds, with events of 200 bytes on 16 topics.
    private static final long MOST_EVENTS = 50_000;

    private volatile InMemoryEventLog log = InMemoryEventLog.create();

    /** Checks that a log evicts nothing until it is given up. */
    @Setup
    public void check() {
      InMemoryEventLog full = InMemoryEventLog.create();
      Position start = done(full.head());
      Source source = new Source();
      for (int i = 0; i < MOST_EVENTS; i++) {
        done(full.append(source.next()));
      }
      readBack(full, start, (int) MOST_EVENTS);
    }

    Position append(Event event) {
      Position position = done(log.append(event));
      if (position.high() == MOST_EVENTS) {
        log = InMemoryEventLog.create();
      }
      return position;
    }
  }

  /** A log at its bound in bytes: each append evicts. */
  @State(Scope.Benchmark)
  public static class Full {
    private static final long MAX_BYTES = 32L << 20;

    private final InMemoryEventLog log =
        InMemoryEventLog.builder()
            .maxEventsPerTopic(Integer.MAX_VALUE)
            .maxBytesPerTopic(MAX_BYTES)
            .maxBytes(MAX_BYTES)
            .build();
    private Position early = done(log.head());
    private Position late = early;
    private Position middle = early;

    /** Fills the log twice over. */
    @Setup
    public void fill() {
      Position start = done(log.head());
      Source source = new Source();
      int fitting = 0;
      while (done(log.read(start, TopicFilter.all(), 1)).gap() == null) {
        done(log.append(source.next()));
        fitting++;
      }
      for (int i = 0; i < fitting; i++) {
        done(log.append(source.next()));
      }
      long head = done(log.head()).high();
      Page lost = done(log.read(start, TopicFilter.all(), 1));
      check(lost.gap() == Gap.Reason.EVICTED, "a gap of what is evicted, got " + lost.gap());
      early = lost.next();
      int held = (int) (head - early.high());
      // The first IDs are shorter, and so a few more of them fit.
      check(Math.abs(held - fitting) <= fitting / 100, fitting + " events held, got " + held);
      readBack(log, early, held);
      late = Position.of(start.epoch(), head - PAGE);
      middle = Position.of(start.epoch(), head - held / 2);
      checkPages(head);
    }

    private void checkPages(long head) {
      check(last(read(late, TopicFilter.all())) == head, "the newest " + PAGE);
      check(last(read(middle, TopicFilter.all())) == middle.high() + PAGE, PAGE + " in a row");
      Page ofTopic = read(middle, ONE_TOPIC);
      check(ofTopic.entries().size() == PAGE, PAGE + " of one topic");
      for (LogEntry entry : ofTopic.entries()) {
        check(ONE_TOPIC.test(entry.event().topic()), "one topic, got " + entry);
      }
    }

    private static long last(Page page) {
      return page.entries().get(page.entries().size() - 1).position().high();
    }

    Page read(Position after, TopicFilter topics) {
      return done(log.read(after, topics, PAGE));
    }
  }

  /** A log that holds so many small events, and positions all over it. */
  @State(Scope.Benchmark)
  public static class Sized {
    private static final int CURSORS = 1 << 14;

    /** How many events it holds. */
    @Param({"1000", "1000000"})
    public int held = 1000;

    private final String[] cursors = new String[CURSORS];
    private final Position[] positions = new Position[CURSORS];
    private InMemoryEventLog log = InMemoryEventLog.create();
    private int next;

    /** Fills the log. */
    @Setup
    public void fill() {
      log =
          InMemoryEventLog.builder()
              .maxEventsPerTopic(held)
              .maxBytesPerTopic(Long.MAX_VALUE)
              .maxBytes(Long.MAX_VALUE)
              .build();
      String epoch = done(log.head()).epoch();
      // Twice, so that the oldest are evicted and the positions do not begin at 1.
      for (int i = 0; i < 2 * held; i++) {
        done(log.append(Event.message("x")));
      }
      SplittableRandom random = new SplittableRandom(20260101);
      for (int i = 0; i < CURSORS; i++) {
        positions[i] = Position.of(epoch, held + random.nextInt(held));
        cursors[i] = positions[i].id();
        Page page = done(log.read(positions[i], TopicFilter.all(), 1));
        long found = page.entries().get(0).position().high();
        check(found == positions[i].high() + 1, "the next of " + cursors[i] + ", got " + found);
      }
    }

    Position position() {
      return positions[next++ & (CURSORS - 1)];
    }

    String cursor() {
      return cursors[next++ & (CURSORS - 1)];
    }

    Page read(Position after) {
      return done(log.read(after, TopicFilter.all(), 1));
    }
  }

  /** The events of one publisher: of 200 bytes, on 16 topics in turn. */
  @State(Scope.Thread)
  public static class Source {
    private final Event[] events = new Event[TOPICS];
    private int next;

    /** Makes the events. */
    public Source() {
      for (int i = 0; i < TOPICS; i++) {
        events[i] = Event.of("tick", DATA).withTopic("topic-" + i);
      }
    }

    Event next() {
      return events[next++ & (TOPICS - 1)];
    }
  }

  /** One publisher, nothing is evicted. */
  @Benchmark
  public Position append(Growing log, Source source) {
    return log.append(source.next());
  }

  /** One of four publishers, nothing is evicted. */
  @Benchmark
  @Threads(4)
  public Position appendByFour(Growing log, Source source) {
    return log.append(source.next());
  }

  /** One publisher, the oldest is evicted. */
  @Benchmark
  public Position appendEvicting(Full full, Source source) {
    return done(full.log.append(source.next()));
  }

  /** One of four publishers, the oldest is evicted. */
  @Benchmark
  @Threads(4)
  public Position appendEvictingByFour(Full full, Source source) {
    return done(full.log.append(source.next()));
  }

  /** The newest 100 events. */
  @Benchmark
  public Page readNewest(Full full) {
    return full.read(full.late, TopicFilter.all());
  }

  /** 100 events from the middle of what is held. */
  @Benchmark
  public Page readMiddle(Full full) {
    return full.read(full.middle, TopicFilter.all());
  }

  /** 100 events of one topic of 16, from the middle of what is held. */
  @Benchmark
  public Page readMiddleOfTopic(Full full) {
    return full.read(full.middle, ONE_TOPIC);
  }

  /** The verdict on a position whose next event is evicted. */
  @Benchmark
  public Page readGap(Full full) {
    return full.read(Position.of(full.early.epoch(), 0), TopicFilter.all());
  }

  /** The one event behind a position anywhere in the log. */
  @Benchmark
  public Page readOne(Sized log) {
    return log.read(log.position());
  }

  /** The same by the ID that a client brings. */
  @Benchmark
  public Page readOneById(Sized log) {
    return log.read(Objects.requireNonNull(Position.parse(log.cursor())));
  }

  private static void readBack(InMemoryEventLog log, Position after, int count) {
    Page page = done(log.read(after, TopicFilter.all(), count + 1));
    check(page.gap() == null, "no gap, got " + page.gap());
    List<LogEntry> entries = page.entries();
    check(entries.size() == count, count + " entries, got " + entries.size());
    for (int i = 0; i < count; i++) {
      LogEntry entry = entries.get(i);
      check(entry.position().high() == after.high() + 1 + i, "no hole, got " + entry.position());
      check(entry.event().data().equals(DATA), "the data of 200 bytes, got " + entry);
    }
  }

  private static <T> T done(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static void check(boolean holds, String expected) {
    if (!holds) {
      throw new IllegalStateException("expected " + expected);
    }
  }
}
