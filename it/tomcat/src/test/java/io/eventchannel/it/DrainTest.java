package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.client.ChannelClient;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.FaultProxy;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.RecordingListener.Opened;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that goes away in an orderly way, and one that takes over or comes back. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class DrainTest {
  private static final int FEW_CLIENTS = 20;
  private static final int CLIENTS = 200;
  private static final int EVENTS = 100;
  private static final Duration WINDOW = Duration.ofSeconds(4);
  private static final int TENTHS = 10;

  // Of a connection that was stable, so that a client counts no failure; see protocol rule R-9.
  private static final double MOST_JITTER = 1.5;

  private static FeedServer start(EventLog log) {
    return FeedServer.start(feed -> feed.log(log), endpoint -> {}, tomcat -> {});
  }

  private static ChannelClient client(String transport, ReconnectPolicy policy) {
    return OkHttpChannels.newClient(new OkHttpClient())
        .transportPreference(TransportPreference.of(transport))
        .reconnectPolicy(policy)
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "sse"})
  void F16_aServerThatEndsTellsEachClientADelayOfItsOwnAndNothingIsLost(String transport)
      throws Exception {
    EventLog log = InMemoryEventLog.create();
    List<RecordingListener> listeners = new ArrayList<>();
    try (FaultProxy proxy = new FaultProxy(0);
        ChannelClient client = client(transport, ReconnectPolicy.standard())) {
      try (FeedServer first = start(log)) {
        proxy.setTarget(first.port());
        for (int i = 0; i < FEW_CLIENTS; i++) {
          RecordingListener listener = new RecordingListener();
          listeners.add(listener);
          client.open(proxy.uri(FeedServer.PATH).toString(), listener);
        }
        for (RecordingListener listener : listeners) {
          listener.takeOpen();
        }
        first.publish("before");
        for (RecordingListener listener : listeners) {
          assertEquals("before", listener.takeEvent().data());
        }
      }
      Set<Long> delays = new HashSet<>();
      try (FeedServer second = start(log)) {
        proxy.setTarget(second.port());
        second.publish("after");
        for (RecordingListener listener : listeners) {
          ConnectionLost lost = listener.takeConnectionLost();
          assertEquals(1001, lost.reason().code(), lost.toString());
          delays.add(lost.retryDelay().toMillis());
          // Attempts before the other server was there have failed.
          assertEquals("after", listener.skipTo(Received.class).event().data());
          assertEquals(0, listener.gaps());
        }
        assertTrue(delays.size() > FEW_CLIENTS / 2, "the clients' return is spread: " + delays);
      }
    }
  }

  @Test
  void F16_aProcessThatIsAskedToEndSaysGoodbyeToAllOfItsClientsBefore() throws Exception {
    Queue<Long> told = new ConcurrentLinkedQueue<>();
    List<RecordingListener> listeners = new ArrayList<>();
    try (FeedProcess server = FeedProcess.start();
        ChannelClient sockets = client(Transport.WEBSOCKET, noting(told));
        ChannelClient streams = client(Transport.SSE, noting(told))) {
      for (int i = 0; i < FEW_CLIENTS; i++) {
        RecordingListener listener = new RecordingListener();
        listeners.add(listener);
        (i % 2 == 0 ? sockets : streams).open(server.url(), listener);
      }
      for (RecordingListener listener : listeners) {
        listener.takeOpen();
      }
      server.terminate();
      for (RecordingListener listener : listeners) {
        assertEquals(1001, listener.takeConnectionLost().reason().code());
      }
      assertEquals(FEW_CLIENTS, told.size());
      long half = FeedProcess.DRAIN_WINDOW.toMillis() / 2;
      long early = told.stream().filter(delay -> delay <= half).count();
      assertTrue(Math.abs(FEW_CLIENTS / 2 - early) <= 2, told::toString);
    }
  }

  /** The standard policy, which notes what delay each client was told with a 1001. */
  private static ReconnectPolicy noting(Queue<Long> told) {
    ReconnectPolicy standard = ReconnectPolicy.standard();
    return loss -> {
      if (loss.reason().code() == 1001) {
        told.add(Objects.requireNonNull(loss.retryHint()).toMillis());
      }
      return standard.decide(loss);
    };
  }

  /** What one client went through, in milliseconds after the drain began. */
  private static final class Returning {
    final RecordingListener listener = new RecordingListener();
    private volatile long openedAt;

    Returning() {
      listener.reacting(
          call -> {
            if (call instanceof Opened) {
              openedAt = System.nanoTime();
            }
          });
    }

    long openedAfter(long moment) {
      return TimeUnit.NANOSECONDS.toMillis(openedAt - moment);
    }
  }

  /**
   * One server is drained while the other has taken over, as in a rolling deployment. What is
   * asserted is what was told and decided; when the clients really came is printed.
   */
  @Test
  void F16_twoHundredClientsOverBothTransportsAreSpreadOverTheWindowOfADrainAndMissNothing()
      throws Exception {
    EventLog log = InMemoryEventLog.create();
    Queue<Long> told = new ConcurrentLinkedQueue<>();
    List<Returning> clients = new ArrayList<>();
    try (FaultProxy proxy = new FaultProxy(0);
        FeedServer first = start(log);
        FeedServer second = start(log);
        ChannelClient sockets = client(Transport.WEBSOCKET, noting(told));
        ChannelClient streams = client(Transport.SSE, noting(told))) {
      proxy.setTarget(first.port());
      for (int i = 0; i < CLIENTS; i++) {
        Returning returning = new Returning();
        clients.add(returning);
        (i % 2 == 0 ? sockets : streams)
            .open(proxy.uri(FeedServer.PATH).toString(), returning.listener);
      }
      for (Returning client : clients) {
        client.listener.takeOpen();
      }
      for (int i = 0; i < EVENTS / 2; i++) {
        first.publish("" + i);
      }

      proxy.setTarget(second.port());
      long began = System.nanoTime();
      CompletableFuture<Void> gone = first.endpoint.drain(WINDOW).toCompletableFuture();
      for (int i = EVENTS / 2; i < EVENTS; i++) { // while some are gone and some are not
        second.publish("" + i);
      }
      gone.get(20, TimeUnit.SECONDS);
      assertEquals(0, first.endpoint.connections());

      List<Long> decided = new ArrayList<>();
      for (Returning client : clients) {
        RecordingListener listener = client.listener;
        int next = 0;
        boolean lost = false;
        while (next < EVENTS) {
          RecordingListener.Call call = listener.take();
          if (call instanceof Received received) {
            assertEquals("" + next++, received.event().data());
          } else if (call instanceof ConnectionLost end && !lost) {
            lost = true; // a second one would be of an attempt that failed
            assertEquals(1001, end.reason().code(), end.toString());
            decided.add(end.retryDelay().toMillis());
          }
        }
        if (!lost) {
          ConnectionLost end = listener.takeConnectionLost();
          assertEquals(1001, end.reason().code(), end.toString());
          decided.add(end.retryDelay().toMillis());
        }
        assertEquals(0, listener.gaps());
      }
      second.awaitConnections(CLIENTS);

      List<Long> opened = new ArrayList<>();
      for (Returning client : clients) {
        opened.add(client.openedAfter(began));
      }
      int[] tenths = histogram(told);
      System.out.printf(
          "%d clients, a drain over %d ms; in each tenth of it%n  told    %s%n  decided %s%n  opened  %s%n",
          CLIENTS,
          WINDOW.toMillis(),
          Arrays.toString(tenths),
          Arrays.toString(histogram(decided)),
          Arrays.toString(histogram(opened)));
      assertEquals(CLIENTS, told.size());
      for (int i = 0; i < tenths.length; i++) {
        int most = i < TENTHS ? CLIENTS / TENTHS + 4 : 0;
        int least = i < TENTHS ? CLIENTS / TENTHS - 4 : 0;
        assertTrue(tenths[i] >= least && tenths[i] <= most, () -> Arrays.toString(tenths));
      }
      double mean = CLIENTS / (TENTHS * MOST_JITTER);
      for (int some : histogram(decided)) {
        assertTrue(some <= 3 * mean, () -> "decided: " + decided);
      }
    }
  }

  /** How many fall into each tenth of the window, and of what jitter adds to it. */
  private static int[] histogram(Collection<Long> millis) {
    int[] bins = new int[(int) (TENTHS * MOST_JITTER) + 1];
    for (long each : millis) {
      bins[(int) Math.min(bins.length - 1, (each - 1) * TENTHS / WINDOW.toMillis())]++;
    }
    return bins;
  }
}
