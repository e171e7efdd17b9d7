package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.FaultPlan;
import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.FaultPlan.Direction;
import io.eventchannel.tck.FaultProxy;
import io.eventchannel.tck.History;
import io.eventchannel.tck.HistoryListener;
import io.eventchannel.tck.RecordingListener.Opened;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** Connections that end, anywhere and in any way, and what is resumed after them. */
abstract class CutScenarios extends ChannelScenarios {
  private static final int WORKERS = 4;

  CutScenarios(TransportPreference only) {
    super(only);
  }

  @Test
  void F01_aResetAtAnyByteOfAnExchangeLosesNothing() throws Exception {
    cutAtEachByte(Cut.RST);
  }

  @Test
  void F02_anEndAtAnyByteOfAnExchangeLosesNothing() throws Exception {
    cutAtEachByte(Cut.FIN);
  }

  /** Cuts one connection after each number of bytes, from the first of its head to the last. */
  private void cutAtEachByte(Cut how) throws Exception {
    // A longer reconnection time of the server's would be kept after each cut behind it.
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.retry(Duration.ofMillis(1)))) {
      History history = new History(0);
      String start = server.publish("0");
      history.published(start, 0);
      for (int number = 1; number <= 3; number++) {
        history.published(server.publish("" + number), number);
      }
      long bytes = new CutWorker(server, history, start).measure();
      ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
      List<Future<Integer>> cuts = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        long first = i;
        cuts.add(
            threads.submit(() -> new CutWorker(server, history, start).cutFrom(first, bytes, how)));
      }
      int all = 0;
      for (Future<Integer> some : cuts) {
        all += some.get();
      }
      threads.shutdown();
      history.assertClean();
      // The last bytes may come after the channel has all it waits for.
      assertTrue(all > bytes - 40, all + " cuts for " + bytes + " bytes");
    }
  }

  /** Opens channels one after another, through a proxy of its own. */
  private final class CutWorker {
    private final FeedServer server;
    private final History history;
    private final String start;

    CutWorker(FeedServer server, History history, String start) {
      this.server = server;
      this.history = history;
      this.start = start;
    }

    /** How many bytes the server sends in one exchange. */
    long measure() throws Exception {
      try (FaultProxy proxy = new FaultProxy(server.port());
          ChannelClient client = client()) {
        exchange(proxy, client, "uncut");
        return proxy.connections().get(0).forwarded(Direction.DOWN);
      }
    }

    int cutFrom(long first, long bytes, Cut how) throws Exception {
      try (FaultProxy proxy = new FaultProxy(server.port());
          ChannelClient client = client()) {
        for (long at = first; at <= bytes; at += WORKERS) {
          proxy.planNext(FaultPlan.none().cutAfter(at, Direction.DOWN, how));
          exchange(proxy, client, how + " after " + at).close();
        }
        return proxy.cuts();
      }
    }

    private EventChannel exchange(FaultProxy proxy, ChannelClient client, String name)
        throws Exception {
      HistoryListener listener = history.listener(name).startingAfter(start);
      String url = proxy.uri(FeedServer.PATH).toString();
      EventChannel channel =
          client.open(ChannelRequest.builder(url).lastEventId(start).build(), listener);
      listener.awaitReceived(3, Scenario.PATIENCE);
      return channel;
    }

    private ChannelClient client() {
      return OkHttpChannels.newClient(new OkHttpClient())
          .transportPreference(only)
          .reconnectPolicy(Scenario.QUICK)
          .build();
    }
  }

  @Test
  void F03_anOrderlyEndBetweenEventsIsOneLossAndOneOpen() throws Exception {
    Scenario scenario = scenario();
    scenario.open();
    scenario.publish(3);
    scenario.awaitAll();
    scenario.proxy.cutAll(Cut.FIN);
    scenario.calls.takeConnectionLost();
    scenario.calls.takeOpen();
    scenario.publish(3);
    scenario.settle();
    scenario.calls.assertSilence();
    assertEquals(2, scenario.proxy.accepted());
  }

  @Test
  void F13_aConnectionThatDiesRightAfterEachOpenIsTriedEverMoreSlowly() throws Exception {
    Scenario scenario = scenario();
    scenario.reacting(
        call -> {
          if (call instanceof Opened) {
            scenario.proxy.cutAll(Cut.RST);
          }
        });
    scenario.begin();
    // The first two may have been cut before the server's retry hint was read, which is the base.
    assertGrows(scenario.takeDelays(8).subList(2, 8));
  }

  @Test
  void INV_26_aServerWithAnotherLogIsAGapBeforeItsFirstEvent() throws Exception {
    Scenario scenario = scenario();
    scenario.open();
    scenario.publish(4);
    String last = scenario.publish("");
    scenario.awaitAll();
    scenario.replaceServer(last);
    scenario.publish(5);
    scenario.settle();
    assertEquals(1, scenario.gaps());
  }

  @Test
  void INV_28_nothingIsLostThoughTheConnectionIsCutBeforeItsFirstEvent() throws Exception {
    Scenario scenario = scenario();
    scenario.open();
    scenario.proxy.stopListening();
    scenario.proxy.cutAll(Cut.RST);
    scenario.calls.takeConnectionLost();
    scenario.publish(5);
    scenario.proxy.listenAgain();
    scenario.calls.skipTo(Opened.class);
    scenario.settle();
  }

  @Test
  void SSE_C_13_WS_18_aReconnectStatesTheLastPositionReceived() throws Exception {
    Scenario scenario = scenario();
    scenario.open();
    for (int i = 0; i < 5; i++) {
      String last = scenario.publish("");
      scenario.awaitAll();
      scenario.proxy.cutAll(i % 2 == 0 ? Cut.RST : Cut.FIN);
      scenario.calls.takeConnectionLost();
      scenario.calls.takeOpen();
      assertEquals(last, scenario.lastStatedPosition());
    }
    scenario.publish(1);
    scenario.settle();
  }

  @Test
  void SSE_C_16_WS_18_thePositionSurvivesFailedAttemptsAndConnectionsWithoutAnId()
      throws Exception {
    Scenario scenario = scenario();
    scenario.open();
    String last = scenario.publish("");
    scenario.awaitAll();
    FaultPlan silent = FaultPlan.none().cutAfterHead(Cut.RST);
    for (FaultPlan plan : List.of(FaultPlan.refuse(), silent, FaultPlan.refuse(), silent)) {
      scenario.proxy.planNext(plan);
    }
    scenario.proxy.cutAll(Cut.RST);
    scenario.publish(2);
    scenario.settle();
    assertEquals(6, scenario.proxy.accepted());
    assertEquals(4, scenario.handshakes.size(), "the two that were refused came to no server");
    scenario.handshakes.remove(0); // which had nothing to resume
    for (var handshake : scenario.handshakes) {
      assertEquals(last, handshake.header("Last-Event-ID"));
    }
  }

  static void assertGrows(List<Duration> delays) {
    for (int i = 1; i < delays.size(); i++) {
      assertTrue(delays.get(i).compareTo(delays.get(i - 1)) > 0, delays.toString());
    }
  }
}
