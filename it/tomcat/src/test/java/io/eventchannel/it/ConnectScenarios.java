package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.EventChannel;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.FaultPlan;
import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.FaultPlan.Direction;
import io.eventchannel.tck.RecordingListener.Closed;
import io.eventchannel.tck.RecordingListener.Opened;
import io.eventchannel.tck.VirtualScheduler;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** Servers that cannot be reached, names that lead nowhere, and channels closed on the way. */
abstract class ConnectScenarios extends ChannelScenarios {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final FaultPlan HANG = FaultPlan.none().blackHoleAfter(0, Direction.UP);
  private static final String NAME = "http://feed.test";
  private static final InetAddress ALIVE = loopback(1);
  private static final InetAddress DEAD = loopback(2); // of this machine, but nobody listens there

  ConnectScenarios(TransportPreference only) {
    super(only);
  }

  @Test
  void F11_whileTheServerRefusesAttemptsGrowApartAndCloseEndsThem() throws Exception {
    Scenario scenario = scenario();
    scenario.proxy.stopListening();
    EventChannel channel = scenario.begin();
    for (int i = 0; i < 3; i++) {
      assertInstanceOf(ConnectException.class, scenario.takeLoss(Kind.NETWORK).reason().cause());
    }
    CutScenarios.assertGrows(scenario.takeDelays(3));
    channel.close();
    scenario.calls.skipTo(Closed.class);
    scenario.proxy.listenAgain();
    scenario.calls.assertSilence();
    assertEquals(0, scenario.proxy.accepted());
  }

  @Test
  void F11_aServerThatNoLongerRefusesIsFound() throws Exception {
    Scenario scenario = scenario();
    scenario.open();
    scenario.proxy.stopListening();
    scenario.proxy.cutAll(Cut.FIN);
    scenario.takeDelays(5);
    scenario.publish(5);
    scenario.proxy.listenAgain();
    scenario.calls.skipTo(Opened.class);
    scenario.settle();
  }

  @Test
  void F12_aServerThatAcceptsAndResetsIsAFailedAttempt() throws Exception {
    Scenario scenario = scenario();
    scenario.proxy.planAll(FaultPlan.refuse());
    scenario.begin();
    CutScenarios.assertGrows(scenario.takeDelays(5, Kind.NETWORK));
  }

  @Test
  void F12_aServerThatAcceptsAndSaysNothingIsAFailedAttemptWithinTheConnectTimeout()
      throws Exception {
    Scenario scenario = scenario(options -> options.connectTimeout(SHORT));
    scenario.proxy.planAll(HANG);
    scenario.begin();
    CutScenarios.assertGrows(scenario.takeDelays(3, Kind.CONNECT_TIMEOUT));
    scenario.proxy.planAll(FaultPlan.none());
    scenario.awaitPosition(scenario.calls.skipTo(Opened.class).channel());
    scenario.publish(3);
    scenario.settle();
  }

  @Test
  void SSE_C_24_aSlowHandshakeIsNoFailureWithinTheConnectTimeout() throws Exception {
    Scenario scenario = scenario(); // of 10 s
    scenario.proxy.planAll(
        FaultPlan.none().delayedBy(Duration.ofMillis(600), Duration.ofMillis(600), 0));
    scenario.open();
    scenario.publish(3);
    scenario.settle();
    assertEquals(0, scenario.calls.connectionsLost());
    assertEquals(1, scenario.proxy.accepted());
  }

  @Test
  void F30_closeDuringAScheduledRetryTakesTheAttemptBack() throws Exception {
    VirtualScheduler clock = new VirtualScheduler(); // of the engine; it stands still
    Scenario scenario =
        scenario(options -> options.scheduler(clock).reconnectPolicy(ReconnectPolicy.standard()));
    scenario.proxy.stopListening();
    EventChannel channel = scenario.begin();
    scenario.takeLoss(Kind.NETWORK);
    assertEquals(1, clock.pendingTasks());
    closes(scenario, channel, clock);
    scenario.proxy.listenAgain();
    clock.advance(Duration.ofHours(1));
    scenario.calls.assertSilence();
    assertEquals(0, scenario.proxy.accepted());
  }

  @Test
  void F30_closeDuringANameLookupEndsTheAttempt() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    OkHttpClient okHttp =
        new OkHttpClient.Builder()
            .dns(
                host -> {
                  asked.countDown();
                  awaitSafely(answered);
                  return List.of(ALIVE);
                })
            .addInterceptor(
                chain -> {
                  try {
                    return chain.proceed(chain.request());
                  } finally {
                    over.countDown();
                  }
                })
            .build();
    VirtualScheduler clock = new VirtualScheduler();
    Scenario scenario = scenario(okHttp, options -> options.scheduler(clock));
    EventChannel channel = scenario.begin(NAME);
    awaitSafely(asked);
    closes(scenario, channel, clock);
    answered.countDown();
    awaitSafely(over);
    assertEquals(0, scenario.proxy.accepted(), "nobody connects with a late answer");
  }

  @Test
  void F30_closeDuringATcpConnectClosesItsSocket() throws Exception {
    HangingSockets sockets = new HangingSockets(address -> true);
    VirtualScheduler clock = new VirtualScheduler();
    Scenario scenario =
        scenario(
            new OkHttpClient.Builder().socketFactory(sockets).build(),
            options -> options.scheduler(clock));
    EventChannel channel = scenario.begin();
    awaitSafely(sockets.connecting);
    closes(scenario, channel, clock);
    awaitSafely(sockets.closed);
  }

  @Test
  void F30_closeDuringATlsHandshakeClosesItsSocket() throws Exception {
    closesWhileNothingComes("https://127.0.0.1");
  }

  @Test
  void F30_closeWhileTheHeadIsWaitedForClosesItsSocket() throws Exception {
    closesWhileNothingComes("http://127.0.0.1");
  }

  private void closesWhileNothingComes(String origin) throws Exception {
    VirtualScheduler clock = new VirtualScheduler();
    Scenario scenario = scenario(options -> options.scheduler(clock));
    // Up to the first byte of a hello or a head, so that it is known to be on its way.
    scenario.proxy.planAll(
        FaultPlan.none().blackHoleAfter(1, Direction.UP).blackHoleAfter(0, Direction.DOWN));
    EventChannel channel = scenario.begin(origin);
    scenario.proxy.awaitAccepted(1, Scenario.PATIENCE);
    var connection = scenario.connection();
    FeedServer.await(
        () -> connection.forwarded(Direction.UP) == 1, () -> "not a byte; " + channel.state());
    closes(scenario, channel, clock);
    connection.awaitClientEnd(Scenario.PATIENCE);
  }

  private static void closes(Scenario scenario, EventChannel channel, VirtualScheduler clock)
      throws InterruptedException {
    channel.close();
    assertEquals(Kind.LOCAL, scenario.calls.takeClosed().kind());
    assertEquals(0, clock.pendingTasks(), "timers left");
  }

  @Test
  void F47_whereTheFirstAddressRefusesTheNextIsTried() throws Exception {
    resolvesTo(new OkHttpClient.Builder(), DEAD, ALIVE);
  }

  @Test
  void F47_whereTheFirstAddressIsSilentTheNextIsTried() throws Exception {
    HangingSockets sockets = new HangingSockets(DEAD::equals);
    resolvesTo(new OkHttpClient.Builder().socketFactory(sockets), DEAD, ALIVE);
    awaitSafely(sockets.closed);
  }

  private void resolvesTo(OkHttpClient.Builder okHttp, InetAddress... addresses) throws Exception {
    Scenario scenario = scenario(okHttp.dns(host -> List.of(addresses)).build(), options -> {});
    scenario.begin(NAME);
    scenario.awaitPosition(scenario.calls.takeOpen());
    scenario.publish(3);
    scenario.settle();
    assertEquals(0, scenario.calls.connectionsLost());
  }

  @Test
  void F47_eachAttemptAsksForTheAddressAnew() throws Exception {
    AtomicReference<InetAddress> address = new AtomicReference<>(ALIVE);
    List<InetAddress> given = Collections.synchronizedList(new ArrayList<>());
    OkHttpClient okHttp =
        new OkHttpClient.Builder()
            .dns(
                host -> {
                  given.add(address.get());
                  return List.of(address.get());
                })
            .build();
    Scenario scenario = scenario(okHttp, options -> {});
    scenario.begin(NAME);
    scenario.awaitPosition(scenario.calls.takeOpen());
    address.set(DEAD);
    scenario.proxy.cutAll(Cut.RST);
    scenario.takeDelays(3);
    scenario.publish(3);
    assertTrue(given.contains(DEAD));
    address.set(ALIVE);
    scenario.calls.skipTo(Opened.class);
    scenario.settle();
  }

  private static void awaitSafely(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS), "waited in vain");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static InetAddress loopback(int last) {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
