package io.eventchannel.benchmarks;

import com.launchdarkly.eventsource.EventParserReader;
import io.eventchannel.Event;
import io.eventchannel.codec.SseLimits;
import io.eventchannel.codec.SseParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import okhttp3.sse.internal.ServerSentEventReader;
import okio.Buffer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Nanoseconds for one event, by parser and by shape of event.
 *
 * <p>All read from an okio buffer, as a client on OkHttp does: okhttp-sse's reader in place,
 * okhttp-eventsource's through its stream, ours by reads into an array of 8 KiB, so that events
 * straddle chunks. The floor reads the whole stream into one array first, and scans it there. Every
 * candidate must deliver the right events before anything is measured.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(SseStream.EVENTS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public class SseParserBenchmark {
  private static final SseLimits LIMITS = SseLimits.ofEvent(1 << 20);

  /** The shape of the events. */
  @Param({"PRICE_55", "TOKEN_100", "JSON_4K", "LINES_8"})
  public SseStream stream = SseStream.PRICE_55;

  private final byte[] chunk = new byte[8192];
  private final NewlineScan scan = new NewlineScan();
  private byte[] whole = new byte[0];
  private Buffer buffer = new Buffer();

  /** Makes the stream and checks the candidates. */
  @Setup
  public void prepare() throws IOException {
    byte[] bytes = stream.bytes();
    whole = new byte[bytes.length];
    buffer = new Buffer().write(bytes);
    List<Event> expected = stream.events();
    check("eventchannel", expected, this::readEventChannel);
    check("okhttp-sse", expected, this::readOkHttpSse);
    check("okhttp-eventsource", expected, this::readEventSource);
    check("floor", expected, this::readFloor);
  }

  private interface Candidate {
    void readAll(Consumer<Event> sink) throws IOException;
  }

  private static void check(String name, List<Event> expected, Candidate candidate)
      throws IOException {
    List<Event> got = new ArrayList<>();
    candidate.readAll(got::add);
    if (!got.equals(expected)) {
      throw new IllegalStateException(name + " does not deliver the events: " + got);
    }
  }

  /** Our parser; its sink gets a whole event. */
  @Benchmark
  public void eventChannel(Blackhole blackhole) throws IOException {
    parseEventChannel(new BlackholeSink(blackhole));
  }

  /** The reader of okhttp-sse; its callback gets ID, type and data. */
  @Benchmark
  public void okHttpSse(Blackhole blackhole) throws IOException {
    parseOkHttpSse(
        new ReaderCallback() {
          @Override
          public void onEvent(@Nullable String id, @Nullable String type, String data) {
            blackhole.consume(id);
            blackhole.consume(data);
          }
        });
  }

  /** The parser of okhttp-eventsource; it returns a whole event. */
  @Benchmark
  public void eventSource(Blackhole blackhole) {
    EventParserReader.readAll(buffer.clone().inputStream(), blackhole::consume);
  }

  /** The floor: lines and strings, no parsing. */
  @Benchmark
  public void floor(Blackhole blackhole) throws IOException {
    scanFloor(
        (id, data) -> {
          blackhole.consume(id);
          blackhole.consume(data);
        });
  }

  private void parseEventChannel(SseParser.Sink sink) throws IOException {
    Buffer source = buffer.clone(); // shares the segments
    SseParser parser = new SseParser(sink, LIMITS, "");
    for (int n = source.read(chunk); n >= 0; n = source.read(chunk)) {
      parser.feed(chunk, 0, n);
    }
    parser.end();
  }

  private void scanFloor(BiConsumer<@Nullable String, String> sink) throws IOException {
    buffer.clone().readFully(whole);
    scan.parse(whole, sink);
  }

  private void parseOkHttpSse(ReaderCallback callback) throws IOException {
    ServerSentEventReader reader = new ServerSentEventReader(buffer.clone(), callback);
    while (reader.processNextEvent()) {
      // The callback has it.
    }
  }

  private void readEventChannel(Consumer<Event> sink) throws IOException {
    parseEventChannel(
        new BlackholeSink(null) {
          @Override
          public void onEvent(Event event) {
            sink.accept(event);
          }
        });
  }

  private void readOkHttpSse(Consumer<Event> sink) throws IOException {
    parseOkHttpSse(
        new ReaderCallback() {
          @Override
          public void onEvent(@Nullable String id, @Nullable String type, String data) {
            sink.accept(Event.of(type == null ? "" : type, data).withId(id));
          }
        });
  }

  private void readEventSource(Consumer<Event> sink) {
    EventParserReader.readAll(
        buffer.clone().inputStream(),
        event ->
            sink.accept(
                Event.of(event.getEventName(), event.getData()).withId(event.getLastEventId())));
  }

  private void readFloor(Consumer<Event> sink) throws IOException {
    scanFloor((id, data) -> sink.accept(Event.message(data).withId(id)));
  }

  private abstract static class ReaderCallback implements ServerSentEventReader.Callback {
    @Override
    public void onRetryChange(long timeMs) {}
  }

  private static class BlackholeSink implements SseParser.Sink {
    private final @Nullable Blackhole blackhole;

    BlackholeSink(@Nullable Blackhole blackhole) {
      this.blackhole = blackhole;
    }

    @Override
    public void onEvent(Event event) {
      if (blackhole != null) {
        blackhole.consume(event);
      }
    }

    @Override
    public void onLastEventId(String lastEventId) {}

    @Override
    public void onRetry(long millis) {}

    @Override
    public void onComment(String text) {}
  }
}
