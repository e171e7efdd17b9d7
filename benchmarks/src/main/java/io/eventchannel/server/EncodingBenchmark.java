package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.SseLimits;
import io.eventchannel.codec.SseParser;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.server.spi.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds to encode one event of 200 bytes, which is done once for all subscribers, and to find
 * a batch of 16 at a cursor: for the first subscriber there, who makes it of events that are
 * encoded, and for each of the others, who share it. What is found is parsed and compared before
 * anything is measured.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class EncodingBenchmark {
  private static final int BATCH = 16;
  private static final String EPOCH = "Zq3sA8kLw0PfTn5uXcVb7e";

  /** The form of the bytes. */
  @Param({"SSE", "JSON"})
  public WireFormat format = WireFormat.SSE;

  private final Position start = Position.of(EPOCH, 1_000_000);
  private final Run run = new Run(start, BATCH, Long.MAX_VALUE);
  private final BatchCache cache = new BatchCache();
  private Event event = Event.message("");
  private BatchCache.Reading reading = reading();

  /** Appends the events and checks the bytes. */
  @Setup
  public void prepare() {
    reading = reading();
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      Event next = Event.of("tick", i + "x".repeat(198)).withTopic("prices");
      LogEntry entry = new LogEntry(Position.of(EPOCH, start.high() + 1 + i), next);
      run.append(entry, 0);
      events.add(entry.event());
    }
    event = events.get(0);
    check(List.of(event), encode());
    check(events, made().array());
    Batch shared = shared();
    check(events, shared.array());
    if (shared != shared()) {
      throw new IllegalStateException("expected one batch for all at a cursor, got another");
    }
  }

  private BatchCache.Reading reading() {
    return new BatchCache.Reading(TopicFilter.of(Set.of("prices")), format, false);
  }

  private void check(List<Event> expected, byte[] bytes) {
    List<Event> got = new ArrayList<>();
    if (format.isSse()) {
      new SseParser(new Collecting(got), SseLimits.ofEvent(1 << 20), "")
          .feed(bytes, 0, bytes.length);
    } else {
      new EnvelopeReader(1 << 20).read(bytes, 0, bytes.length, (seq, read) -> got.add(read));
    }
    if (!got.equals(expected)) {
      throw new IllegalStateException("expected " + expected + ", got " + got);
    }
  }

  /** One event. */
  @Benchmark
  public byte[] encode() {
    return new EncodedEvent(event).bytes(format);
  }

  /** A batch for the first who stands at the cursor. */
  @Benchmark
  public Batch made() {
    cache.clear();
    return shared();
  }

  /** The same batch for another one. */
  @Benchmark
  public Batch shared() {
    return Objects.requireNonNull(cache.next(run, 0, start, reading).batch);
  }

  /** What each finds behind it: nothing yet. */
  @Benchmark
  public Object nothing() {
    return cache.next(run, BATCH, start, reading);
  }

  private static final class Collecting implements SseParser.Sink {
    private final List<Event> events;

    Collecting(List<Event> events) {
      this.events = events;
    }

    @Override
    public void onEvent(Event event) {
      events.add(event);
    }

    @Override
    public void onLastEventId(String lastEventId) {}

    @Override
    public void onRetry(long millis) {}

    @Override
    public void onComment(String text) {}
  }
}
