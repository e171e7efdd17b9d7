package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.spi.Outlet.WriteResult;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An endpoint that ends: whom it still serves, what it tells each, and when it is over. */
class EndpointDrainTest {
  private static final Duration WINDOW = Duration.ofSeconds(20);
  private static final Pattern DELAY = Pattern.compile("\"delay\":(\\d+)");

  private final List<String> heard = new ArrayList<>();
  private final Scene scene =
      new Scene(
          InMemoryEventLog.create(),
          feed ->
              feed.slowConsumerPolicy(
                  SlowConsumerPolicy.stayInLog().withStallTimeout(Duration.ofSeconds(5))),
          endpoint ->
              endpoint.listener(
                  new EventChannelListener() {
                    @Override
                    public void onClosed(EventChannel channel, CloseReason reason) {
                      heard.add("closed");
                    }
                  }));

  /** Opens a connection that is then about to hear something. */
  private FakeOutlet open(Handshake.Kind kind) {
    FakeOutlet outlet =
        kind == Handshake.Kind.WEBSOCKET
            ? scene.webSocket("Sec-WebSocket-Protocol: eventchannel.v1.json")
            : scene.sse();
    outlet.taken();
    return outlet;
  }

  private CompletableFuture<Void> drain(Duration window) {
    return scene.endpoint.drain(window).toCompletableFuture();
  }

  /** The delays of the goodbyes in these lines, in milliseconds. */
  private static List<Long> delays(List<String> lines) {
    List<Long> delays = new ArrayList<>();
    for (String line : lines) {
      Matcher delay = DELAY.matcher(line);
      if (line.startsWith("eventchannel.goodbye ") && delay.find()) {
        delays.add(Long.valueOf(delay.group(1)));
      }
    }
    return delays;
  }

  private static long onlyDelay(FakeOutlet outlet) {
    List<Long> delays = delays(outlet.taken());
    assertEquals(1, delays.size(), delays::toString);
    return delays.get(0);
  }

  @Test
  void F16_eachConnectionHasADelayOfItsOwnAndTogetherTheyFillTheWindowEvenly() {
    int connections = 400;
    List<FakeOutlet> outlets = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      outlets.add(open(i % 2 == 0 ? Handshake.Kind.SSE : Handshake.Kind.WEBSOCKET));
    }
    drain(WINDOW);
    scene.run();

    int[] all = new int[10];
    int[] streams = new int[10];
    for (FakeOutlet outlet : outlets) {
      List<String> said = outlet.taken();
      long delay = delays(said).get(0);
      int tenth = (int) ((delay - 1) * 10 / WINDOW.toMillis());
      all[tenth]++;
      if (outlet.format().isSse()) {
        streams[tenth]++;
        // What an EventSource goes by.
        assertEquals("retry " + delay, said.get(0));
      }
      assertEquals(1001, outlet.closeCode);
    }
    for (int i = 0; i < 10; i++) {
      assertTrue(Math.abs(all[i] - 40) <= 3, () -> "of all: " + Arrays.toString(all));
      // Which of the two a connection is does not depend on its delay.
      assertTrue(streams[i] < 40, () -> "of streams: " + Arrays.toString(streams));
    }
  }

  @Test
  void F16_aDrainingEndpointAdmitsNobodyAndTellsEachWhenToComeBack() {
    FakeOutlet open = open(Handshake.Kind.SSE);
    open.confirmsClose = false; // so that the drain is still under way
    CompletableFuture<Void> gone = drain(WINDOW);
    scene.run();
    int[] seconds = new int[21];
    int[] tenths = new int[10];
    for (int i = 0; i < 100; i++) {
      for (Handshake handshake :
          List.of(
              Scene.handshake(Handshake.Kind.WEBSOCKET),
              Scene.handshake(Handshake.Kind.SSE, "EventChannel-Version: 1"))) {
        Answer later = scene.endpoint.admit(handshake).refusal();
        assertNotNull(later);
        assertEquals(503, later.status());
        assertEquals("the server is going away", Scene.text(later));
        seconds[Integer.parseInt(later.headers().get("Retry-After"))]++;
      }
      Answer plain = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE)).refusal();
      assertNotNull(plain);
      assertEquals(200, plain.status());
      Matcher body =
          Pattern.compile(
                  "retry: (\\d+)\n\nevent: eventchannel.goodbye\n"
                      + "data: \\{\"code\":1013,\"reason\":\"the server is going away\",\"delay\":\\1\\}")
              .matcher(Scene.text(plain));
      assertTrue(body.matches(), () -> Scene.text(plain));
      tenths[(int) ((Long.parseLong(body.group(1)) - 1) * 10 / WINDOW.toMillis())]++;
    }
    assertEquals(0, seconds[0], "no Retry-After: 0");
    for (int i = 1; i <= 20; i++) {
      assertTrue(seconds[i] >= 5 && seconds[i] <= 15, () -> Arrays.toString(seconds));
    }
    for (int some : tenths) {
      assertTrue(some >= 5 && some <= 15, () -> Arrays.toString(tenths));
    }
    assertFalse(gone.isDone());
    assertEquals(1, scene.endpoint.connections(), "refused ones take no place");
  }

  @ParameterizedTest
  @EnumSource(
      value = Handshake.Kind.class,
      names = {"SSE", "WEBSOCKET"})
  void F16_aWriteThatIsUnderWayIsFinishedBeforeTheGoodbye(Handshake.Kind kind) {
    FakeOutlet outlet = open(kind);
    Scene.answering(outlet, WriteResult.PENDING);
    scene.publish("a", "under way");
    scene.run();
    CompletableFuture<Void> gone = drain(WINDOW);
    scene.run();
    scene.pass(Duration.ofSeconds(3));

    assertEquals(1, outlet.taken().size(), "the event alone");
    assertFalse(gone.isDone());

    Scene.answering(outlet, WriteResult.DONE);
    outlet.finish();
    scene.run();
    List<String> said = outlet.taken();
    assertEquals(1, delays(said).size(), said::toString);
    assertEquals("close 1001 the server is going away", said.get(said.size() - 1));
    assertFalse(outlet.aborted);
    assertTrue(gone.isDone());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void F16_aConnectionThatStallsIsCutAfterTheStallTimeoutAndThenTheDrainIsOver(boolean writes) {
    FakeOutlet stalled = open(Handshake.Kind.WEBSOCKET);
    if (writes) { // either its last write never ends, or its peer never confirms the close
      Scene.answering(stalled, WriteResult.PENDING);
    } else {
      stalled.confirmsClose = false;
    }
    FakeOutlet healthy = open(Handshake.Kind.SSE);
    CompletableFuture<Void> gone = drain(WINDOW);
    scene.run();

    assertEquals(1001, healthy.closeCode);
    scene.pass(Duration.ofMillis(4_900));
    assertFalse(stalled.aborted);
    assertFalse(gone.isDone());
    scene.pass(Duration.ofSeconds(1));
    assertTrue(stalled.aborted);
    assertTrue(gone.isDone());
    assertEquals(List.of("closed", "closed"), heard);
  }

  @Test
  void F16_onlyTheFirstDrainCounts() {
    FakeOutlet outlet = open(Handshake.Kind.SSE);
    outlet.confirmsClose = false;
    CompletableFuture<Void> first = drain(Duration.ofMillis(7));
    CompletableFuture<Void> second = drain(WINDOW);
    scene.endpoint.close();
    scene.run();

    assertTrue(onlyDelay(outlet) <= 7);
    assertTrue(second.complete(null), "what a caller does to its stage is its own matter");
    assertFalse(first.isDone());
    CompletableFuture<Void> third = drain(WINDOW);
    assertFalse(third.isDone());

    outlet.listener.closed(CloseReason.of(CloseReason.Kind.LOCAL, "closed"));
    scene.run();
    assertTrue(first.isDone() && third.isDone());
    assertTrue(drain(WINDOW).isDone());
  }

  @Test
  void F16_closeIsADrainOverTwoSeconds() {
    List<FakeOutlet> outlets = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      outlets.add(open(Handshake.Kind.SSE));
    }
    outlets.get(0).confirmsClose = false;
    scene.endpoint.close();
    CompletableFuture<Void> gone = drain(WINDOW);
    scene.run();

    int[] halves = new int[2];
    for (FakeOutlet outlet : outlets) {
      halves[(int) ((onlyDelay(outlet) - 1) / 1_000)]++;
    }
    assertTrue(Math.abs(halves[0] - halves[1]) <= 4, () -> Arrays.toString(halves));
    assertFalse(gone.isDone());
    outlets.get(0).listener.closed(CloseReason.of(CloseReason.Kind.LOCAL, "closed"));
    scene.run();
    assertTrue(gone.isDone());
  }

  @Test
  void F16_whoWasAdmittedBeforeTheDrainIsOpenedAndThenSentAwayLikeTheOthers() {
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    CompletableFuture<Void> gone = drain(WINDOW);
    scene.run();
    assertFalse(gone.isDone(), "it holds a place");

    FakeOutlet outlet = scene.open(admission, new FakeOutlet(admission.format()));
    List<String> said = outlet.taken();
    assertEquals(1, delays(said).size(), said::toString);
    assertEquals(1001, outlet.closeCode);
    assertTrue(gone.isDone());
  }

  @Test
  void F16_anAdmissionThatIsNeverOpenedHoldsUpTheDrainForTenSecondsAtMost() {
    assertNull(scene.endpoint.admit(Scene.handshake(Handshake.Kind.WEBSOCKET)).refusal());
    CompletableFuture<Void> gone = drain(WINDOW);
    scene.pass(Duration.ofSeconds(9));
    assertFalse(gone.isDone());
    scene.pass(Duration.ofSeconds(1));
    assertTrue(gone.isDone());
  }

  @Test
  void F16_nobodyIsAdmittedOnceTheLastHasGone() {
    AtomicReference<CompletableFuture<Void>> gone = new AtomicReference<>();
    // The last that is asked before an admission takes its place.
    Principal draining =
        () -> {
          gone.set(drain(WINDOW));
          scene.run();
          return "ann";
        };
    Admission admission =
        scene.endpoint.admit(
            Handshake.builder(Handshake.Kind.WEBSOCKET)
                .header("Host", "example.com")
                .principal(draining)
                .build());

    assertTrue(gone.get().isDone());
    assertNotNull(admission.refusal());
    assertEquals(503, admission.refusal().status());
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void F16_aDrainOfNobodyIsOverAtOnceAndSaysSoOnTheApplicationsExecutor() {
    AtomicReference<String> saidBy = new AtomicReference<>("nobody");
    CompletionStage<Void> gone = scene.endpoint.drain(Duration.ZERO);
    gone.thenRun(() -> saidBy.set("the application's executor"));
    scene.loop.runAll();
    scene.reads.runAll();

    assertEquals("nobody", saidBy.get());
    scene.application.runAll();
    assertEquals("the application's executor", saidBy.get());
  }

  @Test
  void F16_anExecutorThatWasShutDownFirstKeepsNobodyFromHearingThatTheDrainIsOver()
      throws Exception {
    scene.application.refuse();
    drain(WINDOW).get(20, TimeUnit.SECONDS);
  }

  @Test
  void aDrainAsksForAWindowThatClientsHeed() {
    assertThrows(IllegalArgumentException.class, () -> drain(Duration.ofMillis(-1)));
    assertThrows(IllegalArgumentException.class, () -> drain(Duration.ofMinutes(5).plusNanos(1)));
    assertTrue(isAdmitted(), "a refused window begins nothing");
    drain(Duration.ofMinutes(5));
  }

  private boolean isAdmitted() {
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    admission.cancel();
    return admission.refusal() == null;
  }

  /** Connections come while two threads end the endpoint, each in its way. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void F16_drainsThatRaceWithEachOtherAndWithAdmissionsSendEachAwayOnceOverOneWindow(int seed)
      throws Exception {
    try (EventFeed feed = EventFeed.builder().random(new Random(seed)).loops(1).build()) {
      ChannelEndpoint endpoint = ChannelEndpoint.builder(feed).build();
      List<FakeOutlet> outlets = new ArrayList<>();
      CyclicBarrier start = new CyclicBarrier(3);
      CompletableFuture<CompletionStage<Void>> drained =
          inParallel(start, () -> endpoint.drain(WINDOW));
      CompletableFuture<CompletionStage<Void>> closed =
          inParallel(
              start,
              () -> {
                endpoint.close();
                return endpoint.drain(WINDOW);
              });
      for (int i = 0; i < 20; i++) {
        admit(endpoint, outlets);
      }
      start.await(20, TimeUnit.SECONDS);
      while (admit(endpoint, outlets)) {
        assertTrue(outlets.size() < 20_000, "it goes on to admit");
      }
      drained.get(20, TimeUnit.SECONDS).toCompletableFuture().get(20, TimeUnit.SECONDS);
      closed.get(20, TimeUnit.SECONDS).toCompletableFuture().get(20, TimeUnit.SECONDS);

      assertEquals(0, endpoint.connections());
      int[] tenths = new int[10];
      for (FakeOutlet outlet : outlets) {
        assertEquals(1001, outlet.closeCode);
        tenths[(int) ((onlyDelay(outlet) - 1) * 10 / WINDOW.toMillis())]++;
      }
      // The two seconds of close are the first tenth of the other window.
      boolean closeWasFirst = tenths[0] == outlets.size();
      for (int some : tenths) {
        assertTrue(
            closeWasFirst || Math.abs(some - outlets.size() / 10.0) <= 4,
            () -> "of two windows: " + Arrays.toString(tenths));
      }
    }
  }

  private static CompletableFuture<CompletionStage<Void>> inParallel(
      CyclicBarrier start, Supplier<CompletionStage<Void>> call) {
    CompletableFuture<CompletionStage<Void>> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                start.await(20, TimeUnit.SECONDS);
                result.complete(call.get());
              } catch (Exception e) {
                result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  /** Opens one more connection; false if it is refused. */
  private static boolean admit(ChannelEndpoint endpoint, List<FakeOutlet> outlets) {
    Admission admission =
        endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "EventChannel-Version: 1"));
    if (admission.refusal() != null) {
      return false;
    }
    FakeOutlet outlet = new FakeOutlet(admission.format());
    outlet.listener = admission.open(outlet);
    outlets.add(outlet);
    return true;
  }
}
