package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import io.eventchannel.log.TailSink;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.server.spi.Outlet.WriteResult;
import io.eventchannel.tck.LateEventLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random schedules over a log that answers late and fails: whatever happens, each subscription sees
 * its topics' events one after the other, or is told of a gap.
 */
class ContiguityTest {
  private static final String[] TOPICS = {"a", "b", "c"};
  private static final int SCHEDULES = 15;
  private static final int STEPS = 150;

  @ParameterizedTest
  @ValueSource(longs = {1, 20260101})
  void INV_10_whatIsWrittenIsContiguousButForGapsThatAreTold(long seed) {
    int gaps = 0;
    int events = 0;
    for (int i = 0; i < SCHEDULES; i++) {
      Schedule schedule = new Schedule(seed * 1000 + i);
      schedule.play();
      gaps += schedule.gaps;
      events += schedule.events;
    }
    if (gaps < SCHEDULES / 4 || events < SCHEDULES * 50) {
      throw new AssertionError("too little happened: " + events + " events, " + gaps + " gaps");
    }
  }

  private static final class Reader {
    final FakeOutlet outlet;
    final TopicFilter filter;
    boolean gone;

    Reader(FakeOutlet outlet, TopicFilter filter) {
      this.outlet = outlet;
      this.filter = filter;
    }
  }

  private static final class Schedule {
    private final long seed;
    private final Random random;
    private final List<LogEntry> truth = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private final Scene scene;
    int gaps;
    int events;

    Schedule(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      EventLog memory =
          InMemoryEventLog.builder().maxEventsPerTopic(5 + random.nextInt(60)).build();
      memory.subscribeTail(
          new TailSink() {
            @Override
            public void onStart(Position head) {}

            @Override
            public void onEntry(LogEntry entry) {
              truth.add(entry);
            }

            @Override
            public void onFailure(Throwable cause) {
              throw new AssertionError(cause);
            }
          });
      int window = 1 + random.nextInt(40);
      scene =
          new Scene(
              clock ->
                  LateEventLog.builder(memory, clock, seed)
                      .maxDelay(Duration.ofMillis(random.nextInt(200)))
                      .appendFailures(0.05)
                      .readFailures(0.2)
                      .tailFailures(random.nextBoolean() ? 0.02 : 0)
                      .build(),
              feed -> feed.windowEvents(window),
              endpoint -> endpoint.heartbeat(Duration.ofSeconds(1)));
    }

    void play() {
      for (int i = 0; i < STEPS; i++) {
        step();
      }
      // Everything comes to rest: then nobody may lack anything.
      for (Reader reader : readers) {
        if (!reader.gone) {
          Scene.answering(reader.outlet, WriteResult.DONE);
          release(reader);
        }
      }
      for (int i = 0; i < 4; i++) {
        scene.pass(Duration.ofSeconds(10));
      }
      for (Reader reader : readers) {
        judge(reader);
      }
      scene.endpoint.close();
      scene.run();
      scene.pass(Duration.ofSeconds(1));
      assertEquals(0, scene.endpoint.connections(), () -> "seed " + seed);
      assertEquals(0, scene.feed.engine().subscriptions(), () -> "seed " + seed);
    }

    private void step() {
      switch (random.nextInt(10)) {
        case 0:
          connect();
          break;
        case 1:
        case 2:
        case 3:
          for (int i = random.nextInt(20); i > 0; i--) {
            scene.feed.publish(
                TOPICS[random.nextInt(TOPICS.length)], Event.of("tick", "" + random.nextInt()));
          }
          break;
        case 4:
          scene.pass(Duration.ofMillis(random.nextInt(300)));
          break;
        case 5:
          scene.loop.runOne();
          break;
        case 6:
          scene.reads.runOne();
          break;
        case 7:
          ofOne(
              reader ->
                  Scene.answering(
                      reader.outlet,
                      random.nextBoolean() ? WriteResult.DONE : WriteResult.PENDING));
          break;
        case 8:
          ofOne(this::release);
          break;
        default:
          if (random.nextInt(4) == 0) {
            ofOne(
                reader -> {
                  reader.gone = true;
                  reader.outlet.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "cut"));
                });
          } else {
            scene.run();
          }
      }
    }

    private void ofOne(java.util.function.Consumer<Reader> action) {
      if (!readers.isEmpty()) {
        Reader reader = readers.get(random.nextInt(readers.size()));
        if (!reader.gone) {
          action.accept(reader);
        }
      }
    }

    private void release(Reader reader) {
      if (reader.outlet.pending) {
        reader.outlet.finish();
      }
    }

    private void connect() {
      List<String> options = new ArrayList<>();
      TreeSet<String> topics = new TreeSet<>();
      for (String topic : TOPICS) {
        if (random.nextInt(3) == 0) {
          topics.add(topic);
          options.add("topic=" + topic);
        }
      }
      if (!truth.isEmpty() && random.nextBoolean()) {
        options.add("lastEventId=" + truth.get(random.nextInt(truth.size())).position());
      }
      Handshake.Kind kind = random.nextBoolean() ? Handshake.Kind.SSE : Handshake.Kind.WEBSOCKET;
      Admission admission =
          scene.endpoint.admit(Scene.handshake(kind, options.toArray(new String[0])));
      FakeOutlet outlet = new FakeOutlet(admission.format());
      outlet.readyInline = random.nextInt(4) == 0;
      outlet.listener = admission.open(outlet);
      readers.add(
          new Reader(outlet, topics.isEmpty() ? TopicFilter.all() : TopicFilter.of(topics)));
    }

    private void judge(Reader reader) {
      reader.outlet.assertSound();
      Position at = null;
      for (Event event : reader.outlet.events()) {
        Position to = Position.parse(event.id());
        switch (event.type()) {
          case "eventchannel.position":
            if (at != null) {
              assertEquals(
                  List.of(), between(reader.filter, at, to), () -> "position hides, " + seed);
            }
            at = to;
            break;
          case "eventchannel.gap":
            gaps++;
            if (at != null) {
              // Up to there nothing is missing, whatever passed of other topics.
              Position after = Position.parse(event.data().replaceAll(".*\"after\":\"|\"}$", ""));
              assertEquals(
                  List.of(), between(reader.filter, at, after), () -> "gap hides, seed " + seed);
            }
            at = to;
            break;
          case "eventchannel.goodbye":
            break;
          default:
            events++;
            List<Position> next = between(reader.filter, at, to);
            assertEquals(List.of(to), next, () -> "seed " + seed);
            at = to;
        }
      }
      if (!reader.gone && !reader.outlet.aborted && reader.outlet.closeCode == 0) {
        Position head = truth.isEmpty() ? at : truth.get(truth.size() - 1).position();
        assertEquals(List.of(), between(reader.filter, at, head), () -> "left over, seed " + seed);
      }
    }

    /** The positions of the topics' entries after one and up to the other. */
    private List<Position> between(TopicFilter filter, Position after, Position upTo) {
      List<Position> found = new ArrayList<>();
      for (LogEntry entry : truth) {
        if (entry.position().compareWithin(after) > 0
            && entry.position().compareWithin(upTo) <= 0
            && filter.test(entry.event().topic())) {
          found.add(entry.position());
        }
      }
      return found;
    }
  }
}
