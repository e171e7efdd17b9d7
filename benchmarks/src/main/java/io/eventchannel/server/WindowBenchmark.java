package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import java.util.SplittableRandom;
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
 * Nanoseconds to find where a client continues in the events at hand, by how many these are. Every
 * answer is compared with the right one before anything is measured.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class WindowBenchmark {
  private static final int CURSORS = 1 << 14;
  private static final String EPOCH = "Zq3sA8kLw0PfTn5uXcVb7e";

  /** How many events are at hand; the default of a feed is 16,384. */
  @Param({"1000", "16384", "1000000"})
  public int events = 1000;

  private final Position[] positions = new Position[CURSORS];
  private Run run = new Run(Position.of(EPOCH, 0), 1, 1);
  private int next;

  /** Fills the window twice over. */
  @Setup
  public void fill() {
    run = new Run(Position.of(EPOCH, 0), events, Long.MAX_VALUE);
    for (int i = 1; i <= 2 * events; i++) {
      run.append(new LogEntry(Position.of(EPOCH, i), Event.message("x")), 0);
    }
    SplittableRandom random = new SplittableRandom(20260101);
    for (int i = 0; i < CURSORS; i++) {
      long offset = events + random.nextInt(events);
      positions[i] = Position.of(EPOCH, offset);
      long found = run.find(positions[i]);
      if (found != offset) { // the first event is entry 0
        throw new IllegalStateException("expected entry " + offset + ", got " + found);
      }
    }
  }

  /** The entry behind a position anywhere in the window. */
  @Benchmark
  public long find() {
    return run.find(positions[next++ & (CURSORS - 1)]);
  }
}
