package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.eventchannel.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every case of {@code sse-parse.json}, in every chunking, and proof that a wrong parser fails. */
class SseParserVectorsTest {
  private static final SseLimits LIMITS = SseLimits.ofEvent(64 << 20);
  private static final Duration LINEAR = Duration.ofMinutes(2);

  @TestFactory
  Stream<DynamicTest> everyCaseComesOutTheSameInEveryChunking() {
    return SseVector.all().stream().flatMap(SseParserVectorsTest::chunkings);
  }

  private static Stream<DynamicTest> chunkings(SseVector vector) {
    byte[] whole = Chunking.join(vector.chunks());
    Map<String, List<byte[]>> ways = new LinkedHashMap<>();
    ways.put("as written", vector.chunks());
    ways.put("whole", List.of(whole));
    ways.put("by bytes", Chunking.sizes(whole, 1));
    for (int seed = 1; seed <= 5; seed++) {
      ways.put("random " + seed, Chunking.random(whole, new Random(seed)));
    }
    return ways.entrySet().stream()
        .map(
            way ->
                dynamicTest(
                    vector.name() + ", " + way.getKey(),
                    () ->
                        assertTimeout(
                            LINEAR,
                            () ->
                                assertEquals(
                                    List.of(),
                                    run(vector, way.getValue(), UnaryOperator.identity())))));
  }

  @Test
  void theRunnerSeesAParserThatLosesTheType() {
    assertRunnerSees(
        event -> Event.message(event.data()).withId(event.id()), "SSE-P-14", "the type is lost");
  }

  @Test
  void theRunnerSeesAParserThatForgetsTheLastEventId() {
    assertRunnerSees(event -> event.withId(null), "SSE-P-17", "the id is lost");
  }

  @Test
  void theRunnerSeesAParserThatTrimsData() {
    assertRunnerSees(
        event -> Event.of(event.type(), event.data().trim()).withId(event.id()),
        "SSE-P-07",
        "data is trimmed");
  }

  @Test
  void theRunnerSeesOneEventTooFew() {
    SseVector vector = SseVector.all().get(0);
    RecordingSink nothing = new RecordingSink();
    assertFalse(vector.differences(nothing, "").isEmpty());
  }

  private static void assertRunnerSees(UnaryOperator<Event> fault, String row, String message) {
    List<String> differences = new ArrayList<>();
    for (SseVector vector : SseVector.all()) {
      if (vector.exercises(row)) {
        differences.addAll(run(vector, vector.chunks(), fault));
      }
    }
    assertFalse(differences.isEmpty(), message);
  }

  private static List<String> run(
      SseVector vector, List<byte[]> chunks, UnaryOperator<Event> fault) {
    RecordingSink sink = new RecordingSink();
    SseParser parser = new SseParser(sink, LIMITS, vector.initialLastEventId());
    for (byte[] chunk : chunks) {
      parser.feed(chunk, 0, chunk.length);
    }
    parser.end();
    sink.events.replaceAll(fault);
    return vector.differences(sink, parser.lastEventId());
  }
}
