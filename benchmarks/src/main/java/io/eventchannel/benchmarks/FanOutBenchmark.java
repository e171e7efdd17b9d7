package io.eventchannel.benchmarks;

import io.eventchannel.Event;
import io.eventchannel.codec.SseLimits;
import io.eventchannel.codec.SseParser;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to bring one event to one subscriber, who is always ready, of so many: of an event
 * that is published when all have the one before, and of bursts of 64. Events have 200 bytes.
 *
 * <p>With one subscriber a paced event is mostly the way to another thread and back. Before
 * anything is measured one outlet's bytes are parsed and compared with what was published, and the
 * others' with its; after each iteration every outlet must have counted every event.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FanOutBenchmark {
  /** Who brings the events. */
  public enum Who {
    /** Our engine. */
    ENGINE,
    /** A loop that copies. */
    NAIVE;

    private FanOut start(int topics) {
      return this == ENGINE ? new EngineFanOut(topics) : new NaiveFanOut();
    }
  }

  private static final int BURST = 64;

  // Of each invocation, so that the score is of one delivery for any number of subscribers.
  private static final int DELIVERIES = 10_000;
  private static final int BURST_DELIVERIES = DELIVERIES * BURST;

  private static final Event EVENT = Event.of("tick", "x".repeat(200));

  /** Who brings the events. */
  @Param public Who who = Who.ENGINE;

  /** To how many; a divisor of 10,000. */
  @Param({"1", "100", "10000"})
  public int subscribers = 1;

  /** How many topics each of them reads, all events being on one of these; up to 64. */
  @Param("1")
  public int topics = 1;

  private final List<CountingOutlet> outlets = new ArrayList<>();
  private Deliveries deliveries = new Deliveries();
  private FanOut fanOut = new NaiveFanOut();

  /** Connects all, and checks that what they get is right. */
  @Setup
  public void connect() throws InterruptedException {
    deliveries = new Deliveries(); // of the thread that measures, which this one is
    fanOut = who.start(topics);
    CountDownLatch firstWrites = new CountDownLatch(subscribers);
    for (int i = 0; i < subscribers; i++) {
      outlets.add(new CountingOutlet(deliveries, firstWrites, i == 0));
    }
    fanOut.connect(outlets);
    firstWrites.await();
    deliveries.begin(outlets);
    check();
    outlets.forEach(CountingOutlet::measure);
  }

  private void check() {
    List<Event> sent = new ArrayList<>();
    for (int round : new int[] {1, 1, BURST, 1, BURST}) {
      deliveries.expect(round);
      for (int i = 0; i < round; i++) {
        sent.add(fanOut.publish(Event.of("tick", i + "x".repeat(200))));
      }
      deliveries.await();
    }
    List<Event> got = parse(outlets.get(0).kept());
    if (!got.equals(sent)) {
      throw new IllegalStateException("expected " + sent + ", got " + got);
    }
    long expected = outlets.get(0).checksum();
    for (CountingOutlet outlet : outlets) {
      if (outlet.checksum() != expected) {
        throw new IllegalStateException("an outlet got other bytes than the first one");
      }
    }
  }

  private static List<Event> parse(byte[] bytes) {
    List<Event> events = new ArrayList<>();
    SseParser parser =
        new SseParser(
            new SseParser.Sink() {
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
            },
            SseLimits.ofEvent(1 << 20),
            "");
    parser.feed(bytes, 0, bytes.length);
    parser.end();
    return events;
  }

  /** Checks that every outlet has every event. */
  @TearDown(Level.Iteration)
  public void count() {
    for (CountingOutlet outlet : outlets) {
      if (outlet.events() != deliveries.published()) {
        throw new IllegalStateException(
            "expected " + deliveries.published() + " events, got " + outlet.events());
      }
    }
  }

  /** Ends all connections. */
  @TearDown
  public void end() {
    fanOut.close();
  }

  /** Each event is published when all have the one before. */
  @Benchmark
  @OperationsPerInvocation(DELIVERIES)
  public void paced() {
    for (int i = 0; i < DELIVERIES / subscribers; i++) {
      deliver(1);
    }
  }

  /** Each 64 events are published at once when all have those before. */
  @Benchmark
  @OperationsPerInvocation(BURST_DELIVERIES)
  public void bursts() {
    for (int i = 0; i < DELIVERIES / subscribers; i++) {
      deliver(BURST);
    }
  }

  private void deliver(int events) {
    deliveries.expect(events);
    for (int i = 0; i < events; i++) {
      fanOut.publish(EVENT);
    }
    deliveries.await();
  }
}
