package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannelListener;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.tck.ManualExecutor;
import io.eventchannel.tck.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Very many topics: what is visited and what is kept, by counting. */
class TopicScaleTest implements Subscription.Peer {
  private static final int TOPICS = 100_000;
  private static final int WINDOW = 16_384;
  private static final Set<Class<?>> OURS = Set.of(ForgetfulOutlet.class); // the test's own
  private static final long HEARTBEAT_NANOS = 15_000_000_000L;

  private final VirtualScheduler clock = new VirtualScheduler();
  private final ManualExecutor loop = new ManualExecutor();
  private final ManualExecutor reads = new ManualExecutor();
  private final InMemoryEventLog log = InMemoryEventLog.create();
  private final FeedEngine engine =
      new FeedEngine(
          log,
          clock,
          SlowConsumerPolicy.stayInLog(),
          ServerMetrics.none(),
          WINDOW,
          Long.MAX_VALUE,
          loop::execute,
          1,
          reads,
          () -> {});
  private int ended;
  private long turnsBefore;

  TopicScaleTest() {
    engine.start();
  }

  @Test
  void anEventVisitsTheOneOfAHundredThousandSubscriptionsThatWantsItAndNoOther() {
    List<CountingOutlet> outlets = new ArrayList<>();
    for (int i = 0; i < TOPICS; i++) {
      outlets.add(new CountingOutlet());
      subscribe(outlets.get(i), Set.of("topic-" + i));
    }
    settle();
    outlets.forEach(this::forget);

    Random random = new Random(20260101);
    for (int i = 0; i < 1_000; i++) {
      int topic = random.nextInt(TOPICS);
      publish("topic-" + topic);
      settle();
      assertEquals(1, turns());
      assertEquals(1, outlets.get(topic).writes);
      forget(outlets.get(topic));
    }
    assertEquals(0, outlets.stream().mapToInt(o -> o.writes).sum(), "writes to others");

    // All at once: still one turn for each that wants something.
    Set<Integer> wanted = new LinkedHashSet<>();
    while (wanted.size() < 1_000) {
      wanted.add(random.nextInt(TOPICS));
    }
    wanted.forEach(topic -> publish("topic-" + topic));
    settle();
    assertEquals(1_000, turns());
    wanted.forEach(topic -> assertEquals(1, outlets.get(topic).writes));
  }

  @Test
  void INV_29_aSubscriptionToQuietTopicsIsVisitedForItsHeartbeatOnlyWhichCarriesTheHead() {
    CountingOutlet quiet = new CountingOutlet();
    Subscription subscription = subscribe(quiet, topics(64));
    settle();
    forget(quiet);

    for (int i = 0; i < 10_000; i++) {
      publish("elsewhere-" + i % 100);
      settle();
    }
    assertEquals(0, turns());

    clock.advance(Duration.ofNanos(HEARTBEAT_NANOS));
    subscription.tick(clock.nanoTime());
    settle();
    assertEquals(1, turns());
    String head = log.head().toCompletableFuture().join().id();
    assertTrue(quiet.last.text().contains("id: " + head), quiet.last.text());
  }

  @Test
  void aSubscriptionToSixtyFourTopicsIsVisitedOnceForEachOfTheirEvents() {
    CountingOutlet outlet = new CountingOutlet();
    Set<String> topics = topics(64);
    subscribe(outlet, topics);
    settle();
    assertEquals(64, engine.loopFor(outlet).waitingTopics());
    forget(outlet);

    for (String topic : topics) {
      publish("elsewhere");
      publish(topic);
      settle();
    }
    assertEquals(64, turns());
    assertEquals(64, outlet.writes);
  }

  @Test
  void INV_15_S28_whatIsKeptOfATopicEndsWithItsSubscriptionAndItsEvents() {
    List<Subscription> subscriptions = new ArrayList<>();
    for (int i = 0; i < TOPICS; i++) {
      subscriptions.add(subscribe(new CountingOutlet(), Set.of("topic-" + i)));
    }
    settle();
    Loop only = only();
    assertEquals(TOPICS, only.waitingTopics());

    for (int i = 0; i < TOPICS; i++) {
      publish("topic-" + i);
    }
    settle();
    assertEquals(WINDOW, engine.window().run().topics());
    publishOn("one", WINDOW);
    settle();
    assertEquals(1, engine.window().run().topics());
    assertEquals(0, only.cache().batches());

    subscriptions.forEach(s -> s.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone")));
    settle();
    assertEquals(TOPICS, ended);
    assertEquals(0, only.waitingTopics());
    assertEquals(0, engine.subscriptions());
  }

  @Test
  void aSleepingSubscriptionWithATopicOfItsOwnTakesLittleMemory() {
    subscribe(new ForgetfulOutlet(WireFormat.SSE), Set.of("warm-up"));
    publish("warm-up");
    settle();
    HeapGrowth growth = new HeapGrowth();
    for (int i = 0; i < TOPICS; i++) {
      subscribe(new ForgetfulOutlet(WireFormat.SSE), Set.of("topic-" + i));
      settle();
    }
    long sleeping = growth.bytes(OURS) / TOPICS;
    for (int i = 0; i < TOPICS; i++) {
      publish("topic-" + i);
      settle();
    }
    long withEvent = growth.bytes(OURS) / TOPICS;
    System.out.println(
        "heap of a sleeping subscription with its topic: "
            + sleeping
            + " bytes; and one event of it in the log: "
            + withEvent);
    assertTrue(sleeping <= HeapGrowth.limit(700), sleeping + " bytes");
    assertTrue(withEvent <= HeapGrowth.limit(1_200), withEvent + " bytes");
  }

  @Test
  void anIdleChannelTakesLessThanAKibibyteOfMemoryWhateverItsTransport() {
    for (Handshake.Kind kind : List.of(Handshake.Kind.SSE, Handshake.Kind.WEBSOCKET)) {
      Scene scene = new Scene(log, feed -> {}, TopicScaleTest::withListener);
      open(scene, kind, "warm-up");
      HeapGrowth growth = new HeapGrowth();
      int channels = TOPICS / 2;
      for (int i = 0; i < channels; i++) {
        open(scene, kind, "topic-" + i);
      }
      long idle = growth.bytes(OURS) / channels;
      System.out.println("heap of an idle channel over " + kind + ": " + idle + " bytes");
      assertEquals(channels + 1, scene.endpoint.connections());
      assertTrue(idle <= HeapGrowth.limit(900), idle + " bytes");
    }
  }

  private static void withListener(ChannelEndpoint.Builder endpoint) {
    endpoint.maxConnections(TOPICS).listener(new EventChannelListener() {});
  }

  private static void open(Scene scene, Handshake.Kind kind, String topic) {
    Admission admission =
        scene.endpoint.admit(
            Scene.handshake(
                kind,
                "topic=" + topic,
                "EventChannel-Version: 1",
                "Sec-WebSocket-Protocol: eventchannel.v1.json"));
    admission.open(new ForgetfulOutlet(admission.format()));
    scene.run();
  }

  private Subscription subscribe(Outlet outlet, Set<String> topics) {
    Subscription subscription =
        new Subscription(
            engine,
            engine.loopFor(outlet),
            outlet,
            this,
            new BatchCache.Reading(TopicFilter.of(topics), WireFormat.SSE, false),
            new Vitals(new Vitals.Rules(clock, HEARTBEAT_NANOS, engine.policy()), 1, 0, null),
            new ControlQueue(WireFormat.SSE, false, 64 * 1024),
            null,
            false);
    engine.join(subscription);
    subscription.start();
    return subscription;
  }

  private static Set<String> topics(int count) {
    return IntStream.range(0, count).mapToObj(i -> "topic-" + i).collect(Collectors.toSet());
  }

  private void publish(String topic) {
    log.append(Event.of("tick", "1").withTopic(topic));
  }

  private void publishOn(String topic, int times) {
    for (int i = 0; i < times; i++) {
      publish(topic);
    }
  }

  private void settle() {
    while (loop.runAll() + reads.runAll() > 0) {
      continue;
    }
  }

  private void forget(CountingOutlet outlet) {
    outlet.writes = 0;
    turnsBefore = only().turns();
  }

  private long turns() {
    return only().turns() - turnsBefore;
  }

  private Loop only() {
    return engine.loopFor(new CountingOutlet());
  }

  @Override
  public void received(Subscription subscription, byte[] frame) {}

  @Override
  public void ended(Subscription subscription, CloseReason reason) {
    ended++;
  }

  /** Takes everything at once, and keeps nothing of it. */
  private static final class ForgetfulOutlet implements Outlet {
    private final WireFormat format;

    ForgetfulOutlet(WireFormat format) {
      this.format = format;
    }

    @Override
    public @Nullable Executor executor() {
      return null;
    }

    @Override
    public WriteResult write(Batch batch) {
      return WriteResult.DONE;
    }

    @Override
    public WriteResult ping() {
      return WriteResult.DONE;
    }

    @Override
    public void close(int code, String text) {}

    @Override
    public void abort() {}

    @Override
    public WireFormat format() {
      return format;
    }
  }
}
