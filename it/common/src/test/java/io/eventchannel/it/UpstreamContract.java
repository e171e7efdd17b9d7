package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Receipt;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.Backoff;
import io.eventchannel.policy.RateLimit;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.tck.FaultPlan;
import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.FaultPlan.Direction;
import io.eventchannel.tck.FaultProxy;
import io.eventchannel.transport.NetworkMonitor;
import java.time.Duration;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a client sends, over connections that die with the answers under way and over one transport
 * after the other: each event reaches the application once, and in order.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
abstract class UpstreamContract {
  private static final int EVENTS = 50_000;
  private static final int UNDECIDED = 1_000;
  private static final int TURNS = 5;

  // Comes back fast: this test is about what happens then, not about how long it takes.
  private static final ReconnectPolicy EAGER =
      ReconnectPolicy.standard(
          Backoff.standard()
              .withFloor(Duration.ofMillis(1))
              .withBase(Duration.ofMillis(5))
              .withCap(Duration.ofMillis(20))
              .withHintCap(Duration.ofMillis(20)));

  private final Application application = new Application();
  private final Queue<NetworkMonitor.Listener> network = new ConcurrentLinkedQueue<>();
  private final Semaphore places = new Semaphore(UNDECIDED);
  private final Semaphore turns = new Semaphore(0);
  private volatile boolean running = true;

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  /** The server's listener: what it is sent must be the numbers from 1 on. */
  private static final class Application implements EventChannelListener {
    final Set<EventChannel> channels = ConcurrentHashMap.newKeySet();
    final AtomicInteger sockets = new AtomicInteger();
    final AtomicInteger streams = new AtomicInteger();
    final AtomicReference<@Nullable String> fault = new AtomicReference<>();
    final AtomicInteger handled = new AtomicInteger();

    @Override
    public void onOpen(EventChannel channel) {
      ("sse".equals(channel.transport()) ? streams : sockets).incrementAndGet();
    }

    @Override
    public void onEvent(EventChannel channel, Event event) {
      channels.add(channel);
      int expected = handled.incrementAndGet();
      if (Integer.parseInt(event.data()) != expected) {
        fault.compareAndSet(null, "expected " + expected + ", got " + event.data());
      }
    }

    @Override
    public void onClosed(EventChannel channel, CloseReason reason) {
      if (handled.get() < EVENTS) {
        fault.compareAndSet(null, "closed: " + reason);
      }
    }
  }

  @Test
  void F37_eachEventIsHandledOnceAndInOrderWhateverBecomesOfConnectionsAndAnswers()
      throws Exception {
    long seed = Long.getLong("seed", 20_261_126L);
    Queue<String> failures = new ConcurrentLinkedQueue<>();
    OkHttpClient okHttp = new OkHttpClient();
    try (ServedFeed server =
            ServedFeed.start(
                this::start,
                feed -> {},
                endpoint ->
                    endpoint
                        .listener(application)
                        .heartbeat(Duration.ofMillis(100))
                        .upstreamRate(RateLimit.none()));
        FaultProxy proxy = new FaultProxy(server.port());
        ChannelClient client =
            OkHttpChannels.newClient(okHttp)
                .reconnectPolicy(EAGER)
                .transportPreference(
                    TransportPreference.webSocketFirst().withReturnAfter(Duration.ofMillis(1)))
                .networkMonitor(
                    listener -> {
                      network.add(listener);
                      return () -> {};
                    })
                .build()) {
      EventChannel channel =
          client.open(proxy.uri(ServedFeed.PATH).toString(), new EventChannelListener() {});
      Thread chaos = new Thread(() -> disturb(proxy, new Random(seed)), "chaos");
      chaos.start();
      for (int n = 1; n <= EVENTS; n++) {
        if (n % (EVENTS / TURNS) == 0) { // however fast the machine is
          assertTrue(turns.tryAcquire(30, TimeUnit.SECONDS), "no way back");
        }
        assertTrue(places.tryAcquire(30, TimeUnit.SECONDS), "nothing is decided any more");
        String data = Integer.toString(n);
        channel
            .send(Event.message(data))
            .whenComplete(
                (receipt, failure) -> {
                  if (receipt != Receipt.ONCE) {
                    failures.add(data + ": " + (failure == null ? receipt : failure));
                  }
                  places.release();
                });
      }
      assertTrue(places.tryAcquire(UNDECIDED, 30, TimeUnit.SECONDS), "not all are decided");
      running = false;
      places.release(UNDECIDED);
      chaos.join();
      System.out.printf(
          "seed %d: %,d events upstream, %d cuts, %d sockets, %d streams%n",
          seed, EVENTS, proxy.cuts(), application.sockets.get(), application.streams.get());
      assertEquals(null, failures.peek());
      assertEquals(null, application.fault.get());
      assertEquals(EVENTS, application.handled.get());
      assertEquals(1, application.channels.size(), "channels that brought events");
      assertTrue(application.sockets.get() > TURNS, application.sockets + " sockets");
      assertTrue(application.streams.get() > TURNS, application.streams + " streams");
    } finally {
      running = false;
      okHttp.dispatcher().executorService().shutdown();
      okHttp.connectionPool().evictAll();
    }
  }

  /**
   * Forces the channel over to SSE and back, and cuts connections within answers, again and again.
   */
  private void disturb(FaultProxy proxy, Random random) {
    try {
      while (running) {
        die(proxy, random, FaultPlan.none());
        die(proxy, random, FaultPlan.none().refuseUpgrades(404));
        comeBack(proxy);
        turns.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      proxy.planAll(FaultPlan.none());
    }
  }

  /** Lets the channel return to a socket, for which it waits until what it sent is decided. */
  private void comeBack(FaultProxy proxy) throws InterruptedException {
    proxy.planAll(FaultPlan.none());
    places.acquire(UNDECIDED);
    try {
      int sockets = application.sockets.get();
      network.forEach(NetworkMonitor.Listener::onChanged); // which looks for the way back at once
      ServedFeed.await(
          () -> application.sockets.get() > sockets || !running, () -> "no socket comes");
    } finally {
      places.release(UNDECIDED);
    }
  }

  /** For a while every connection dies after some bytes of its answers. */
  private void die(FaultProxy proxy, Random random, FaultPlan plan) {
    for (int i = 0; i < 10 && running; i++) {
      // The head of a stream, or of an upgrade, is some 400 bytes, an answer to a POST 150.
      proxy.planAll(plan.cutAfter(100 + random.nextInt(1_200), Direction.DOWN, Cut.RST));
      if (i == 0 || random.nextInt(3) == 0) {
        proxy.cutAll(Cut.RST);
      }
      int until = application.handled.get() + 200;
      int connections = proxy.accepted() + 5; // which may all die within their heads
      ServedFeed.await(
          () ->
              application.handled.get() >= until
                  || proxy.accepted() >= connections
                  || places.availablePermits() == UNDECIDED // the sender waits for its turn
                  || !running,
          () -> application.handled + " handled");
    }
  }
}
