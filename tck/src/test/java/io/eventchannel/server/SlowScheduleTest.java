package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.codec.ControlData;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import io.eventchannel.log.TailSink;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.spi.Outlet.WriteResult;
import io.eventchannel.tck.LateEventLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random schedules of publishing, stalling, reading on and being cut, over clients that resume:
 * what each was delivered and what it was told to be missing are together what was published.
 */
class SlowScheduleTest {
  private static final String[] TOPICS = {"a", "b", "c"};
  private static final int SCHEDULES = 40;
  private static final int STEPS = 150;
  private static final Duration LAG = Duration.ofMillis(200);
  private static final long SEED = Long.getLong("seed", 20_261_126);

  enum Policy {
    STAY_IN_LOG(SlowConsumerPolicy.stayInLog(), event -> null),
    CONFLATE_BY_TOPIC(SlowConsumerPolicy.conflate().withLagTimeout(LAG), Event::topic),
    CONFLATE_BY_KEY(SlowConsumerPolicy.conflate(Policy::key).withLagTimeout(LAG), Policy::key),
    DISCONNECT(SlowConsumerPolicy.disconnect().withLagTimeout(LAG), event -> null);

    final SlowConsumerPolicy policy;
    final Function<Event, @Nullable String> key;

    Policy(SlowConsumerPolicy policy, Function<Event, @Nullable String> key) {
      this.policy = policy;
      this.key = key;
    }

    boolean conflates() {
      return policy.isConflate();
    }

    private static @Nullable String key(Event event) {
      int key = Math.floorMod(event.data().hashCode(), 5);
      return key == 0 ? null : "k" + key;
    }
  }

  @ParameterizedTest
  @EnumSource(Policy.class)
  void INV_10_F27_deliveredAndToldToBeMissingAreTogetherWhatWasPublished(Policy policy) {
    int delivered = 0;
    int evicted = 0;
    int slow = 0;
    int closed = 0;
    for (int i = 0; i < SCHEDULES; i++) {
      Schedule schedule = new Schedule(SEED + i, policy);
      schedule.play();
      delivered += schedule.delivered;
      evicted += schedule.evicted;
      slow += schedule.slow;
      closed += schedule.closed;
    }
    String happened =
        "%s: %d delivered, %d missed as evicted, %d as slow, %d closed for it"
            .formatted(policy, delivered, evicted, slow, closed);
    System.out.println(happened);
    assertTrue(delivered > SCHEDULES * 50 && evicted > SCHEDULES, happened);
    assertEquals(policy.conflates(), slow > SCHEDULES, happened);
    assertEquals(policy == Policy.DISCONNECT, closed > SCHEDULES / 4, happened);
  }

  /** One client over all of its connections. */
  private static final class Client {
    final TopicFilter filter;
    final List<String> options;
    final Handshake.Kind kind;
    final List<Event> received = new ArrayList<>();
    FakeOutlet outlet;

    Client(TopicFilter filter, List<String> options, Handshake.Kind kind, FakeOutlet outlet) {
      this.filter = filter;
      this.options = options;
      this.kind = kind;
      this.outlet = outlet;
    }

    /** The connection is gone, and with it so many events that were on their way. */
    void lose(int onTheWay) {
      List<Event> came = outlet.events();
      received.addAll(came.subList(0, Math.max(0, came.size() - onTheWay)));
      outlet.assertSound();
    }

    boolean isCut() {
      return outlet.aborted || outlet.closeCode != 0;
    }

    @Nullable String lastId() {
      String last = null;
      for (Event event : received) {
        last = event.id() == null ? last : event.id();
      }
      return last;
    }
  }

  /** A range that was told. */
  private record Told(boolean slow, Position after, Position until) {}

  private static final class Schedule {
    private final long seed;
    private final Policy policy;
    private final Random random;
    private final List<LogEntry> truth = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final Scene scene;
    int delivered;
    int evicted;
    int slow;
    int closed;

    Schedule(long seed, Policy policy) {
      this.seed = seed;
      this.policy = policy;
      this.random = new Random(seed);
      EventLog memory =
          InMemoryEventLog.builder().maxEventsPerTopic(20 + random.nextInt(100)).build();
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
      int window = 1 + random.nextInt(100);
      boolean failing = random.nextInt(3) == 0;
      scene =
          new Scene(
              clock ->
                  LateEventLog.builder(memory, clock, seed)
                      .maxDelay(Duration.ofMillis(random.nextInt(100)))
                      .readFailures(failing ? 0.2 : 0)
                      .tailFailures(failing ? 0.02 : 0)
                      .build(),
              feed -> feed.windowEvents(window).slowConsumerPolicy(policy.policy),
              endpoint -> endpoint.heartbeat(Duration.ofSeconds(1)));
    }

    void play() {
      for (int i = 0; i < STEPS; i++) {
        step();
      }
      for (int i = 0; i < 4; i++) {
        for (Client client : clients) {
          Scene.answering(client.outlet, WriteResult.DONE);
          release(client);
          if (client.isCut()) {
            comeBack(client, 0);
          }
        }
        scene.pass(Duration.ofSeconds(10));
      }
      for (Client client : clients) {
        client.lose(0);
        judge(client);
      }
    }

    private void step() {
      switch (random.nextInt(10)) {
        case 0:
          if (clients.size() < 6) {
            open();
          }
          break;
        case 1:
        case 2:
        case 3:
          for (int i = random.nextInt(25); i > 0; i--) {
            Event event = Event.of("tick", "" + random.nextInt());
            int topic = random.nextInt(TOPICS.length + 1);
            scene.feed.publish(topic == TOPICS.length ? event : event.withTopic(TOPICS[topic]));
          }
          break;
        case 4:
        case 5:
          scene.pass(Duration.ofMillis(random.nextInt(400)));
          break;
        case 6:
          scene.loop.runOne();
          break;
        case 7:
          ofOne(
              client ->
                  Scene.answering(
                      client.outlet,
                      random.nextInt(4) == 0 ? WriteResult.DONE : WriteResult.PENDING));
          break;
        case 8:
          ofOne(this::release);
          break;
        default:
          ofOne(
              client -> {
                if (client.isCut()) {
                  comeBack(client, 0);
                } else if (random.nextInt(3) == 0) {
                  client.outlet.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "cut"));
                  comeBack(client, random.nextInt(8));
                }
              });
          scene.run();
      }
    }

    private void ofOne(Consumer<Client> action) {
      if (!clients.isEmpty()) {
        action.accept(clients.get(random.nextInt(clients.size())));
      }
    }

    private void release(Client client) {
      if (client.outlet.pending) {
        client.outlet.finish();
      }
    }

    private void open() {
      List<String> options = new ArrayList<>();
      TreeSet<String> topics = new TreeSet<>();
      for (String topic : TOPICS) {
        if (random.nextInt(3) == 0) {
          topics.add(topic);
          options.add("topic=" + topic);
        }
      }
      Handshake.Kind kind = random.nextBoolean() ? Handshake.Kind.SSE : Handshake.Kind.WEBSOCKET;
      if (kind == Handshake.Kind.WEBSOCKET && random.nextBoolean()) {
        options.add("Sec-WebSocket-Protocol: eventchannel.v1.json");
      }
      clients.add(
          new Client(
              topics.isEmpty() ? TopicFilter.all() : TopicFilter.of(topics),
              options,
              kind,
              connect(kind, options)));
    }

    private FakeOutlet connect(Handshake.Kind kind, List<String> options) {
      Admission admission =
          scene.endpoint.admit(Scene.handshake(kind, options.toArray(new String[0])));
      FakeOutlet outlet = new FakeOutlet(admission.format());
      outlet.readyInline = random.nextInt(8) == 0;
      outlet.listener = admission.open(outlet);
      return outlet;
    }

    private void comeBack(Client client, int onTheWay) {
      closed += client.outlet.closeCode == 4000 ? 1 : 0;
      client.lose(onTheWay);
      List<String> options = new ArrayList<>(client.options);
      String last = client.lastId();
      if (last != null) {
        options.add("lastEventId=" + last);
      }
      client.outlet = connect(client.kind, options);
    }

    private void judge(Client client) {
      Position at = null;
      List<Told> told = new ArrayList<>();
      for (Event event : client.received) {
        if (event.id() == null) {
          continue; // hello and goodbye
        }
        Position to = Position.parse(event.id());
        if (event.type().equals("eventchannel.gap")) {
          ControlData data = ControlData.of(event);
          String until = data.text("until");
          Position after = Position.parse(data.text("after", ""));
          boolean isSlow = data.text("reason", "").equals("slow");
          assertEquals(isSlow, until != null, () -> where() + event);
          assertTrue(!isSlow || policy.conflates(), () -> where() + event);
          told.add(new Told(isSlow, after, until == null ? to : Position.parse(until)));
        }
        if (at != null) {
          Position last = at;
          assertTrue(
              at.compareWithin(to) <= 0, () -> where() + "back to " + event + " from " + last);
          boolean delivers = !event.type().startsWith("eventchannel.");
          assertTrue(
              !delivers || at.compareWithin(to) < 0, () -> where() + "twice or late: " + event);
          for (LogEntry missed : between(client.filter, at, to)) {
            if (!delivers || !missed.position().equals(to)) {
              count(client, told, missed);
            }
          }
          delivered += delivers ? 1 : 0;
        }
        at = to;
      }
      Position head = truth.isEmpty() ? null : truth.get(truth.size() - 1).position();
      if (at != null && head != null) {
        assertEquals(List.of(), between(client.filter, at, head), () -> where() + "left over");
      }
    }

    /** An event that was not delivered was told before what came next. */
    private void count(Client client, List<Told> told, LogEntry missed) {
      for (Told range : told) {
        boolean within =
            range.after.compareWithin(missed.position()) < 0
                && missed.position().compareWithin(range.until) <= 0;
        if (within && !range.slow) {
          evicted++;
          return;
        }
        if (within && isOutdated(client, missed, range.until)) {
          slow++;
          return;
        }
      }
      throw new AssertionError(where() + "lost in silence: " + missed.position());
    }

    private boolean isOutdated(Client client, LogEntry missed, Position until) {
      String key = policy.key.apply(missed.event());
      return key != null
          && between(client.filter, missed.position(), until).stream()
              .anyMatch(newer -> key.equals(policy.key.apply(newer.event())));
    }

    private List<LogEntry> between(TopicFilter filter, Position after, Position upTo) {
      List<LogEntry> found = new ArrayList<>();
      for (LogEntry entry : truth) {
        if (entry.position().compareWithin(after) > 0
            && entry.position().compareWithin(upTo) <= 0
            && filter.test(entry.event().topic())) {
          found.add(entry);
        }
      }
      return found;
    }

    private String where() {
      return policy + ", seed " + seed + ": ";
    }
  }
}
