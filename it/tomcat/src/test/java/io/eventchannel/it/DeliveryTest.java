package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.internal.SystemScheduler;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.log.Position;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.Backoff;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.server.Authorization;
import io.eventchannel.server.Handshake;
import io.eventchannel.tck.FaultPlan;
import io.eventchannel.tck.FaultProxy;
import io.eventchannel.tck.History;
import io.eventchannel.tck.HistoryListener;
import io.eventchannel.tck.LateEventLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The promise of the library, whole: publish, cut, resume, over both transports at once. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class DeliveryTest {
  private static final int EVENTS = 100_000;
  private static final int CHANNELS_OF_EACH_TRANSPORT = 10;

  // How far the slowest channel may lie behind before the publisher waits for it: more than the
  // engine's window, so that some come back behind it and read from the log.
  private static final int MAX_LAG = 8_000;
  private static final long MEAN_BYTES_BETWEEN_CUTS = 400_000;
  private static final int FEWEST_REPLAYS = 200;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  // Comes back fast: this test is about what happens then, not about how long it takes.
  private static final ReconnectPolicy EAGER =
      ReconnectPolicy.standard(
          Backoff.standard()
              .withFloor(Duration.ofMillis(1))
              .withBase(Duration.ofMillis(10))
              .withCap(Duration.ofMillis(50))
              .withHintCap(Duration.ofMillis(50)));

  @Test
  void F14_everyListenerGetsEachEventOnceAndInOrderWhileConnectionsAreCutAtRandom()
      throws Exception {
    long seed = Long.getLong("seed", 20_261_123L);
    History history = new History(seed);
    Resumes resumes = new Resumes();
    List<HistoryListener> listeners = new ArrayList<>();
    List<EventChannel> channels = new ArrayList<>();
    try (FeedServer server =
            FeedServer.start(
                feed -> feed.log(everything()).windowEvents(MAX_LAG / 4),
                endpoint -> endpoint.authorizer(resumes::count),
                tomcat -> {});
        FaultProxy proxy = new FaultProxy(server.port());
        ChannelClient webSocket = client(TransportPreference.webSocketOnly());
        ChannelClient sse = client(TransportPreference.sseOnly())) {
      String url = proxy.uri(FeedServer.PATH).toString();
      for (int i = 0; i < CHANNELS_OF_EACH_TRANSPORT; i++) {
        listeners.add(history.listener("websocket-" + i));
        channels.add(webSocket.open(url, listeners.get(listeners.size() - 1)));
        listeners.add(history.listener("sse-" + i));
        channels.add(sse.open(url, listeners.get(listeners.size() - 1)));
      }
      awaitPositions(channels);
      // From here on every connection dies young, the ones that are open now included.
      proxy.cutRandomly(seed, MEAN_BYTES_BETWEEN_CUTS);
      proxy.cutAll(FaultPlan.Cut.RST);

      for (int n = 1; n <= EVENTS; n++) {
        history.published(
            server.publish("numbers", Event.of("number", Integer.toString(n))), n, "numbers");
        resumes.published.set(n);
        if (n % 1_000 == 0) {
          for (HistoryListener listener : listeners) {
            listener.awaitReceived(n - MAX_LAG, PATIENCE);
          }
        }
      }
      for (HistoryListener listener : listeners) {
        listener.awaitReceived(EVENTS, PATIENCE);
      }
      history.assertClean();
      System.out.printf(
          "seed %d: %,d events to %d channels, %d cuts, %d connections, %d resumes, %d of them"
              + " replayed something%n",
          seed,
          EVENTS,
          listeners.size(),
          proxy.cuts(),
          proxy.accepted(),
          resumes.all.get(),
          resumes.replayed.get());
      assertTrue(
          resumes.replayed.get() >= FEWEST_REPLAYS,
          "expected at least "
              + FEWEST_REPLAYS
              + " resumes with a replay, got "
              + resumes.replayed.get());
    }
  }

  @Test
  void F15_aServerThatIsKilledAndRestartedWithALogInMemoryGivesEachClientOneGap() throws Exception {
    History history = new History(0);
    List<HistoryListener> listeners = new ArrayList<>();
    List<EventChannel> channels = new ArrayList<>();
    try (FeedProcess first = FeedProcess.start();
        FaultProxy proxy = new FaultProxy(first.port());
        ChannelClient webSocket = client(TransportPreference.webSocketOnly());
        ChannelClient sse = client(TransportPreference.sseOnly())) {
      String url = proxy.uri(FeedServer.PATH).toString();
      for (int i = 0; i < 4; i++) {
        listeners.add(history.listener((i % 2 == 0 ? "websocket-" : "sse-") + i));
        channels.add((i % 2 == 0 ? webSocket : sse).open(url, listeners.get(i)));
      }
      awaitPositions(channels);
      String last = publish(first, history, 1, 10);
      for (HistoryListener listener : listeners) {
        listener.awaitReceived(10, PATIENCE);
      }
      first.kill();
      // The epoch changes, so a gap is due although every event had come.
      history.evictedThrough(last);
      try (FeedProcess second = FeedProcess.start()) {
        proxy.setTarget(second.port());
        publish(second, history, 11, 20);
        for (HistoryListener listener : listeners) {
          listener.awaitReceived(20, PATIENCE);
          assertEquals(1, listener.gapCount());
        }
        history.assertClean();
      }
    }
  }

  @Test
  void nothingIsLostOverALogThatAnswersLateAndFailsAndIsWrittenByAnotherProcess() throws Exception {
    long seed = Long.getLong("seed", 20_261_123L);
    int events = 2_000;
    History history = new History(seed);
    List<HistoryListener> listeners = new ArrayList<>();
    List<EventChannel> channels = new ArrayList<>();
    AtomicInteger failedAppends = new AtomicInteger();
    try (InMemoryEventLog log = everything();
        EventLog served = late(log, seed);
        EventLog publisher = late(log, seed + 1);
        FeedServer server =
            FeedServer.start(feed -> feed.log(served).windowEvents(32), e -> {}, tomcat -> {});
        FaultProxy proxy = new FaultProxy(server.port());
        ChannelClient webSocket = client(TransportPreference.webSocketOnly());
        ChannelClient sse = client(TransportPreference.sseOnly())) {
      String url = proxy.uri(FeedServer.PATH).toString();
      for (int i = 0; i < 6; i++) {
        listeners.add(history.listener((i % 2 == 0 ? "websocket-" : "sse-") + i));
        channels.add((i % 2 == 0 ? webSocket : sse).open(url, listeners.get(i)));
      }
      awaitPositions(channels);
      proxy.cutRandomly(seed, 10_000);
      proxy.cutAll(FaultPlan.Cut.FIN);
      for (int n = 1; n <= events; n++) {
        history.published(append(publisher, n, failedAppends), n, "numbers");
      }
      for (HistoryListener listener : listeners) {
        listener.awaitReceived(events, PATIENCE);
      }
      history.assertClean();
      System.out.printf(
          "seed %d: %,d events over a late log to %d channels, %d appends failed, %d cuts%n",
          seed, events, listeners.size(), failedAppends.get(), proxy.cuts());
      assertTrue(failedAppends.get() > 0 && proxy.cuts() > 50, "too few faults to prove anything");
    }
  }

  private static EventLog late(EventLog log, long seed) {
    return LateEventLog.builder(log, SystemScheduler.shared(), seed)
        .maxDelay(Duration.ofMillis(4))
        .appendFailures(0.02)
        .readFailures(0.05)
        .tailFailures(0.002)
        .build();
  }

  /** Appends until it succeeds, as a publisher does: what failed is not in the log. */
  private static String append(EventLog log, int number, AtomicInteger failures) throws Exception {
    Event event = Event.of("number", Integer.toString(number)).withTopic("numbers");
    while (true) {
      try {
        return log.append(event).toCompletableFuture().get(10, TimeUnit.SECONDS).id();
      } catch (ExecutionException failed) {
        failures.incrementAndGet();
      }
    }
  }

  /** Waits until each channel knows where it stands: from then on nothing may be lost. */
  private static void awaitPositions(List<EventChannel> channels) {
    for (EventChannel channel : channels) {
      FeedServer.await(
          () -> channel.lastEventId() != null, () -> "no position; " + channel.state());
    }
  }

  private static String publish(FeedProcess server, History history, int from, int to) {
    String id = "";
    for (int n = from; n <= to; n++) {
      id = server.publish(n);
      history.published(id, n, "numbers");
    }
    return id;
  }

  private static ChannelClient client(TransportPreference preference) {
    return OkHttpChannels.newClient(new OkHttpClient())
        .transportPreference(preference)
        .reconnectPolicy(EAGER)
        .build();
  }

  /** A log that evicts nothing in this test. */
  private static InMemoryEventLog everything() {
    return InMemoryEventLog.builder()
        .maxEventsPerTopic(2 * EVENTS)
        .maxBytesPerTopic(1L << 30)
        .maxBytes(1L << 30)
        .build();
  }

  /** Counts the resumes, and among them those that asked for something that was there already. */
  private static final class Resumes {
    final AtomicLong published = new AtomicLong();
    final AtomicInteger all = new AtomicInteger();
    final AtomicInteger replayed = new AtomicInteger();

    Authorization count(Handshake handshake) {
      Position after = position(handshake);
      if (after != null) {
        all.incrementAndGet();
        if (after.high() < published.get()) {
          replayed.incrementAndGet();
        }
      }
      return Authorization.allow();
    }

    private static @Nullable Position position(Handshake handshake) {
      String id = handshake.header("Last-Event-ID");
      if (id == null) {
        id = handshake.query("lastEventId");
      }
      return id == null ? null : Position.parse(id);
    }
  }
}
