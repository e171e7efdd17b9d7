package io.eventchannel.server;

import static io.eventchannel.server.Scene.up;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.policy.RateLimit;
import io.eventchannel.server.spi.Outlet.WriteResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How much one client can have, of what all clients share. */
class LimitsTest {
  private final List<String> heard = new ArrayList<>();
  private final EventChannelListener listener =
      new EventChannelListener() {
        @Override
        public void onEvent(EventChannel channel, Event event) {
          heard.add(event.data());
        }
      };

  private Scene with(Consumer<ChannelEndpoint.Builder> options) {
    return new Scene(
        InMemoryEventLog.create(), feed -> {}, e -> options.accept(e.listener(listener)));
  }

  private static Admission ask(
      Scene scene, @Nullable String principal, String address, Handshake.Kind kind) {
    return scene.endpoint.admit(
        Handshake.builder(kind)
            .header("Host", "example.com")
            .header("EventChannel-Version", "1")
            .principal(principal == null ? null : () -> principal)
            .remoteAddress(address)
            .build());
  }

  private static FakeOutlet open(Scene scene, @Nullable String principal, String address) {
    return open(scene, ask(scene, principal, address, Handshake.Kind.SSE));
  }

  private static FakeOutlet open(Scene scene, Admission admission) {
    assertNull(admission.refusal());
    FakeOutlet outlet = scene.open(admission, new FakeOutlet(admission.format()));
    outlet.taken();
    return outlet;
  }

  private static Answer refused(Scene scene, @Nullable String principal, String address) {
    return Objects.requireNonNull(
        ask(scene, principal, address, Handshake.Kind.WEBSOCKET).refusal(), "admitted");
  }

  private static void leave(Scene scene, FakeOutlet outlet) {
    outlet.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
    scene.run();
  }

  // ---- connections

  @Test
  void S28_aPrincipalHasSoManyConnectionsAndOthersHaveTheirs() {
    Scene scene = with(e -> e.maxConnectionsPerPrincipal(3));
    List<FakeOutlet> mine = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      mine.add(open(scene, "ada", "10.0.0." + i));
    }
    Answer answer = refused(scene, "ada", "10.0.0.9");
    assertEquals(429, answer.status());
    assertEquals("maxConnectionsPerPrincipal: expected at most 3", Scene.text(answer));
    assertTrue(Integer.parseInt(answer.headers().get("Retry-After")) >= 2);
    assertEquals(3, scene.endpoint.connections());

    open(scene, "bob", "10.0.0.1");
    open(scene, null, "10.0.0.1");
    leave(scene, mine.get(0));
    open(scene, "ada", "10.0.0.1");
    assertEquals(429, refused(scene, "ada", "10.0.0.9").status());
  }

  @Test
  void S28_byDefaultAHundredOfAPrincipalAndAsManyFromAnAddressAsThereArePlaces() {
    Scene scene = with(endpoint -> {});
    for (int i = 0; i < 100; i++) {
      open(scene, "ada", "10.0.0.1");
    }
    assertEquals(429, refused(scene, "ada", "10.0.0.1").status());
    for (int i = 0; i < 1_000; i++) {
      ask(scene, null, "10.0.0.1", Handshake.Kind.SSE);
    }
    assertEquals(1_100, scene.endpoint.connections());
  }

  @Test
  void S28_anAddressHasSoManyConnectionsOnceThatIsAskedFor() {
    Scene scene = with(e -> e.maxConnectionsPerAddress(2));
    FakeOutlet first = open(scene, "ada", "10.0.0.1");
    open(scene, null, "10.0.0.1");
    Answer answer = refused(scene, "bob", "10.0.0.1");
    assertEquals(429, answer.status());
    assertEquals("maxConnectionsPerAddress: expected at most 2", Scene.text(answer));
    open(scene, "bob", "10.0.0.2");
    leave(scene, first);
    open(scene, "bob", "10.0.0.1");
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8:1:2:3:4:5:6, 2001:db8:1:2:ffff::1, true",
    "2001:db8:1:2:3:4:5:6, [2001:db8:1:2::], true",
    "2001:db8:1:2:3:4:5:6, 2001:db8:1:3:3:4:5:6, false",
    "::ffff:10.0.0.1, ::ffff:10.0.0.2, false",
    "10.0.0.1, 10.0.0.2, false",
    "no address:, no address:, true",
    "fe80::1%eth0, fe80::2%no-such-zone, true",
    "bad:cafe, bad:cafe, true",
  })
  void S28_aNetworkOfIpv6IsOneClient(String one, String other, boolean same) {
    assertEquals(same, Shares.clientOf(one).equals(Shares.clientOf(other)));
  }

  @Test
  void S28_theOldestConnectionThatDoesNotProveItselfMakesRoom() {
    int plain = 8;
    Scene scene = with(e -> e.maxConnectionsPerPrincipal(plain + 1));
    List<FakeOutlet> byAge = new ArrayList<>();
    for (int i = 0; i < plain; i++) {
      byAge.add(open(scene, "ada", ""));
      scene.pass(Duration.ofSeconds(1));
    }
    FakeOutlet live = open(scene, ask(scene, "ada", "", Handshake.Kind.WEBSOCKET));
    for (int i = 0; i < 4; i++) { // two and a half heartbeats and more
      scene.pass(Duration.ofSeconds(10));
      live.listener.pong();
    }
    byAge.forEach(FakeOutlet::taken);

    List<FakeOutlet> next = new ArrayList<>();
    for (int i = 0; i < plain; i++) {
      next.add(open(scene, "ada", ""));
      assertEquals(1013, byAge.get(i).closeCode, "the oldest first");
      assertEquals(plain - 1 - i, byAge.stream().filter(outlet -> outlet.closeCode == 0).count());
    }
    List<String> last = byAge.get(0).taken();
    assertEquals("retry 15000", last.get(0));
    assertTrue(last.get(1).startsWith("eventchannel.goodbye"), last.toString());
    assertTrue(last.get(1).contains("1013"), last.toString());

    assertEquals(429, refused(scene, "ada", "").status()); // who is left has shown life
    next.add(live);
    next.forEach(outlet -> assertEquals(0, outlet.closeCode));
  }

  @Test
  void S28_nobodyMakesRoomForWhoIsRefusedForItsAddressAllTheSame() {
    Scene scene = with(e -> e.maxConnectionsPerPrincipal(1).maxConnectionsPerAddress(1));
    FakeOutlet silent = open(scene, "ada", "10.0.0.1");
    FakeOutlet bobs = open(scene, "bob", "10.0.0.2");
    scene.pass(Duration.ofSeconds(40)); // two and a half heartbeats and more
    Answer answer = refused(scene, "ada", "10.0.0.2");
    scene.run();
    assertEquals(429, answer.status());
    assertEquals("maxConnectionsPerAddress: expected at most 1", Scene.text(answer));
    assertEquals(0, silent.closeCode);
    assertEquals(0, bobs.closeCode);

    open(scene, "ada", "10.0.0.3");
    assertEquals(1013, silent.closeCode, "for who can be let in");
  }

  @Test
  void S28_whoComesBackFromItsOwnAddressIsLetInThoughItsSilentConnectionFillsThatToo() {
    Scene scene = with(e -> e.maxConnectionsPerPrincipal(1).maxConnectionsPerAddress(1));
    FakeOutlet silent = open(scene, "ada", "10.0.0.1");
    scene.pass(Duration.ofSeconds(40));
    FakeOutlet next = open(scene, "ada", "10.0.0.1");
    assertEquals(1013, silent.closeCode);
    assertEquals(429, refused(scene, "bob", "10.0.0.1").status(), "the share is the new one's");
    leave(scene, next);
    open(scene, "bob", "10.0.0.1");
  }

  @Test
  void S28_aPostProvesThatItsStreamIsAlive() {
    Scene scene = with(e -> e.maxConnectionsPerPrincipal(1));
    Admission admission = ask(scene, "ada", "", Handshake.Kind.SSE);
    FakeOutlet stream = open(scene, admission);
    scene.pass(Duration.ofSeconds(40));
    Handshake post =
        Handshake.builder(Handshake.Kind.POST)
            .header("Host", "example.com")
            .header("Content-Type", "application/json")
            .header("EventChannel-Id", admission.headers().get("EventChannel-Id"))
            .principal(() -> "ada")
            .build();
    scene.endpoint.post(post, up(1, "chat", "hi"));
    scene.run();

    assertEquals(429, refused(scene, "ada", "").status());
    assertEquals(0, stream.closeCode);
  }

  @Test
  void S28_whoHasMadeRoomIsCountedOnlyInAllUntilItIsGone() {
    Scene scene = with(e -> e.maxConnectionsPerPrincipal(1));
    FakeOutlet stuck = open(scene, "ada", "");
    scene.pass(Duration.ofSeconds(40));
    stuck.otherwise = WriteResult.PENDING;
    scene.publish("a", "1");
    scene.run();

    FakeOutlet next = open(scene, "ada", "");
    assertEquals(2, scene.endpoint.connections());
    assertEquals(429, refused(scene, "ada", "").status());
    scene.pass(Duration.ofSeconds(31));
    assertEquals(1, scene.endpoint.connections());
    assertFalse(next.aborted);
    leave(scene, next);
    open(scene, "ada", "");
    assertEquals(429, refused(scene, "ada", "").status());
  }

  // ---- whoever returns to its channel meets its own connection, of which nobody knows that it
  // died

  private static Admission back(Scene scene, String principal, Handshake.Kind kind, String id) {
    return scene.endpoint.admit(
        Handshake.builder(kind)
            .header("Host", "example.com")
            .header("EventChannel-Version", "1")
            .header("EventChannel-Id", id)
            .principal(principal.isEmpty() ? null : () -> principal)
            .remoteAddress("10.0.0.1")
            .build());
  }

  private static String idOf(Admission admission) {
    return Objects.requireNonNull(admission.headers().get("EventChannel-Id"));
  }

  /** Bounds of one, each by itself and all together. */
  private List<Scene> scenesForOne() {
    return List.of(
        with(e -> e.maxConnections(1)),
        with(e -> e.maxConnectionsPerPrincipal(1)),
        with(e -> e.maxConnectionsPerAddress(1)),
        with(e -> e.maxConnections(1).maxConnectionsPerPrincipal(1).maxConnectionsPerAddress(1)));
  }

  @ParameterizedTest
  @EnumSource(value = Handshake.Kind.class, names = "POST", mode = EnumSource.Mode.EXCLUDE)
  void S28_whoReturnsToItsChannelTakesOverItsOwnPlaceThoughItsOldConnectionLooksAlive(
      Handshake.Kind kind) {
    for (Scene scene : scenesForOne()) {
      Admission first = ask(scene, "ada", "10.0.0.1", kind);
      FakeOutlet before = open(scene, first);
      for (int i = 0; i < 5; i++) { // cut without a FIN, again and again
        scene.pass(Duration.ofSeconds(1));
        before.otherwise = WriteResult.PENDING;
        Admission again = back(scene, "ada", kind, idOf(first));
        assertNull(again.refusal());
        assertEquals(idOf(first), idOf(again));
        assertEquals(1, scene.endpoint.connections());
        FakeOutlet after = open(scene, again);
        assertTrue(before.aborted, "nobody waits for it");
        assertEquals(1, scene.endpoint.connections());
        scene.publish("a", "news " + i);
        scene.run();
        assertEquals(List.of("news " + i), SubscriptionTest.data(after));
        assertTrue(refused(scene, "ada", "10.0.0.1").status() > 400, "the bound is the bound");
        before = after;
      }
      leave(scene, before);
      scene.pass(Duration.ofMinutes(2));
      assertEquals(0, scene.endpoint.connections());
      assertEquals(0, scene.endpoint.shares());
    }
  }

  @ParameterizedTest
  @EnumSource(value = Handshake.Kind.class, names = "POST", mode = EnumSource.Mode.EXCLUDE)
  void S28_S11_whoNamesAChannelThatIsNotItsOwnGetsNoPlaceAndHarmsNobody(Handshake.Kind kind) {
    for (Scene scene : List.of(with(e -> e.maxConnections(1)), scenesForOne().get(3))) {
      Admission adas = ask(scene, "ada", "10.0.0.2", kind);
      FakeOutlet ada = open(scene, adas);
      for (String principal : List.of("eve", "")) {
        for (String id : List.of(idOf(adas), "0123456789ABCDEFGHIJKL", "")) {
          Answer answer = Objects.requireNonNull(back(scene, principal, kind, id).refusal());
          assertEquals(503, answer.status());
          scene.run();
          assertEquals(1, scene.endpoint.connections());
          assertFalse(ada.aborted);
          assertEquals(0, ada.closeCode);
        }
      }
      Answer unknown = back(scene, "ada", kind, "0123456789ABCDEFGHIJKL").refusal();
      assertEquals(503, Objects.requireNonNull(unknown).status(), "its own it has to name");
      leave(scene, ada);
      scene.pass(Duration.ofMinutes(2));
      assertEquals(0, scene.endpoint.shares());
    }
  }

  @Test
  void S28_whoReturnsFromAnotherAddressNeedsAShareThere() {
    Scene scene = with(e -> e.maxConnections(2).maxConnectionsPerAddress(1));
    Admission adas = ask(scene, "ada", "10.0.0.2", Handshake.Kind.WEBSOCKET);
    FakeOutlet ada = open(scene, adas);
    FakeOutlet bob = open(scene, "bob", "10.0.0.1");
    Admission crowded = back(scene, "ada", Handshake.Kind.WEBSOCKET, idOf(adas));
    assertEquals(503, Objects.requireNonNull(crowded.refusal()).status());
    scene.run();
    assertFalse(ada.aborted);
    leave(scene, bob);
    open(scene, "bob", "10.0.0.3");
    FakeOutlet back = open(scene, back(scene, "ada", Handshake.Kind.WEBSOCKET, idOf(adas)));
    assertTrue(ada.aborted);
    assertEquals(2, scene.endpoint.connections());
    leave(scene, back);
    open(scene, "carl", "10.0.0.2");
  }

  @Test
  void S28_aPlaceThatWasTakenOverIsGivenBackOnceIfNothingComesOfIt() {
    Scene scene = scenesForOne().get(3);
    Admission first = ask(scene, "ada", "10.0.0.1", Handshake.Kind.SSE);
    FakeOutlet before = open(scene, first);
    Admission again = back(scene, "ada", Handshake.Kind.SSE, idOf(first));
    assertNotNull(back(scene, "ada", Handshake.Kind.SSE, idOf(first)).refusal(), "one at a time");
    again.cancel();
    scene.run();
    assertTrue(before.aborted);
    assertEquals(0, scene.endpoint.connections());
    assertEquals(0, scene.endpoint.shares());
    open(scene, back(scene, "ada", Handshake.Kind.SSE, idOf(first)));
    assertEquals(1, scene.endpoint.connections());
  }

  @Test
  void S28_S29_aHeadTakesNoPlaceAndNothingOfTheRateAndNobodyMakesRoomForIt() {
    Scene scene = with(e -> e.maxConnectionsPerPrincipal(1).openRate(RateLimit.of(2, 1)));
    FakeOutlet stream = open(scene, "ada", "");
    scene.pass(Duration.ofMinutes(1)); // unproven, so it would make room
    Handshake head =
        Handshake.builder(Handshake.Kind.SSE)
            .header("Host", "example.com")
            .header("EventChannel-Version", "1")
            .principal(() -> "ada")
            .build();
    for (int i = 0; i < 10; i++) {
      Answer answer = scene.endpoint.otherMethod("HEAD", head);
      assertEquals(200, answer.status());
      assertEquals("text/event-stream", answer.headers().get("Content-Type"));
      scene.run();
    }
    assertEquals(0, stream.closeCode);
    assertEquals(1, scene.endpoint.connections());
    open(scene, "ada", "");
    assertEquals(1013, stream.closeCode, "a GET gets its place");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unix:/run/feed.sock",
        "feed.example:443",
        "no address:",
        ".:",
        "g::1",
        "é::1",
        ""
      })
  void S28_whatIsNoAddressIsLookedUpNowhere(String address) {
    assertNull(Shares.ipv6Of(address));
    assertEquals(address, Shares.clientOf(address));
  }

  /** Whatever comes and goes in whatever order, the shares are those that are held. */
  @Test
  void S28_INV_15_noShareIsLeftBehindAndNoneIsGivenTwice() {
    Random random = new Random(20260101);
    for (int round = 0; round < 30; round++) {
      Scene scene =
          with(
              e ->
                  e.maxConnectionsPerPrincipal(3)
                      .maxConnectionsPerAddress(4)
                      .openRate(RateLimit.none()));
      Map<String, Integer> held = new HashMap<>();
      ArrayDeque<FakeOutlet> open = new ArrayDeque<>();
      ArrayDeque<Admission> pending = new ArrayDeque<>();
      Map<Object, String> owner = new HashMap<>();
      for (int i = 0; i < 300; i++) {
        String who = "p" + random.nextInt(3);
        switch (random.nextInt(5)) {
          case 0:
          case 1:
            Admission admission = ask(scene, who, "a" + random.nextInt(3), Handshake.Kind.SSE);
            if (admission.refusal() == null) {
              held.merge(who, 1, Integer::sum);
              owner.put(admission, who);
              pending.add(admission);
            }
            break;
          case 2:
            if (!pending.isEmpty()) {
              Admission taken = pending.poll();
              FakeOutlet outlet = open(scene, taken);
              owner.put(outlet, owner.get(taken));
              open.add(outlet);
            }
            break;
          case 3:
            if (!pending.isEmpty()) {
              Admission given = pending.poll();
              given.cancel();
              held.merge(owner.get(given), -1, Integer::sum);
            }
            break;
          default:
            if (!open.isEmpty()) {
              FakeOutlet left = open.poll();
              leave(scene, left);
              held.merge(owner.get(left), -1, Integer::sum);
            }
        }
        held.values().forEach(n -> assertTrue(n <= 3, held.toString()));
      }
      pending.forEach(Admission::cancel);
      open.forEach(outlet -> leave(scene, outlet));
      assertEquals(0, scene.endpoint.connections());
      assertEquals(0, scene.endpoint.shares());
    }
  }

  @Test
  void S28_whoMadeRoomLeavesNothingBehindEither() {
    Scene scene = with(e -> e.maxConnectionsPerPrincipal(2).maxConnectionsPerAddress(5));
    List<FakeOutlet> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(open(scene, "ada", "10.0.0.1"));
      scene.pass(Duration.ofSeconds(40));
      all.removeIf(
          outlet -> {
            boolean ended = outlet.closeCode != 0;
            if (ended) {
              leave(scene, outlet);
            }
            return ended;
          });
    }
    assertEquals(2, all.size());
    all.forEach(outlet -> leave(scene, outlet));
    assertEquals(0, scene.endpoint.connections());
    assertEquals(0, scene.endpoint.shares());
  }

  // ---- the rate of connections

  @Test
  void S29_whoComesBackAgainAndAgainIsToldToWait() {
    Scene scene = with(e -> e.openRate(RateLimit.of(5, 1)));
    for (int i = 0; i < 5; i++) {
      leave(scene, open(scene, "ada", ""));
    }
    Answer answer = refused(scene, "ada", "");
    assertEquals(429, answer.status());
    assertEquals("openRate: expected at most 1 connections a second", Scene.text(answer));
    assertTrue(Integer.parseInt(answer.headers().get("Retry-After")) >= 1);
    leave(scene, open(scene, "bob", ""));
    scene.pass(Duration.ofSeconds(1));
    leave(scene, open(scene, "ada", ""));
    assertEquals(429, refused(scene, "ada", "").status());
  }

  @Test
  void S29_aPlainEventSourceIsToldByAStreamThatEnds() {
    Scene scene = with(e -> e.openRate(RateLimit.of(1, 1)));
    Handshake plain =
        Handshake.builder(Handshake.Kind.SSE)
            .header("Host", "example.com")
            .principal(() -> "ada")
            .build();
    leave(scene, open(scene, scene.endpoint.admit(plain)));
    Answer answer = Objects.requireNonNull(scene.endpoint.admit(plain).refusal());
    assertEquals(200, answer.status());
    assertTrue(
        Scene.text(answer).matches("(?s)retry: \\d{4,}\n\nevent: eventchannel.goodbye\n.*1013.*"));
  }

  @Test
  void S29_withoutAPrincipalAnAddressIsAClientOnlyWhereItIsSaidToBe() {
    Scene plain = with(e -> e.openRate(RateLimit.of(1, 1)));
    for (int i = 0; i < 50; i++) {
      leave(plain, open(plain, null, "10.0.0.1"));
    }
    Scene byAddress = with(e -> e.openRate(RateLimit.of(1, 1)).maxConnectionsPerAddress(10));
    leave(byAddress, open(byAddress, null, "10.0.0.1"));
    assertEquals(429, refused(byAddress, null, "10.0.0.1").status());
    leave(byAddress, open(byAddress, null, "10.0.0.2"));
  }

  @Test
  void S29_whatIsRememberedOfClientsThatCameIsBounded() {
    OpenRates rates = new OpenRates(RateLimit.of(2, 1));
    for (int i = 0; i < 100_000; i++) {
      assertEquals(0, rates.take("p" + i, 0));
    }
    assertTrue(rates.size() <= 16_384, "" + rates.size());
    rates.take("p0", 0);
    assertTrue(rates.take("p0", 0) > 0, "whom it knows it does not forget");

    long later = 10_000_000_000L;
    for (int i = 0; i < 20_000; i++) {
      rates.take("q" + i % 1_000, later);
    }
    for (int i = 0; i < 20_000; i++) {
      rates.take("r" + i, 2 * later + i * 1_000_000_000L);
    }
    assertTrue(rates.size() <= 2_000, "" + rates.size());
  }

  @Test
  void S29_aThousandClientsThatAskForAllOfTheHistoryAreReadForAFewAtATime() {
    Scene scene =
        new Scene(InMemoryEventLog.create(), feed -> feed.windowEvents(16), endpoint -> {});
    String first = scene.publish("a", "0");
    for (int i = 1; i < 200; i++) {
      scene.publish("a", "" + i);
    }
    List<FakeOutlet> clients = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Admission admission =
          scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "Last-Event-ID: " + first));
      FakeOutlet outlet = new FakeOutlet(admission.format());
      outlet.listener = admission.open(outlet);
      clients.add(outlet);
    }
    scene.loop.runAll();
    assertTrue(scene.reads.pending() <= 16, "reads under way: " + scene.reads.pending());
    scene.run();
    for (FakeOutlet client : clients) {
      assertEquals(199, SubscriptionTest.data(client).size());
    }
  }

  // ---- what clients send

  @Test
  void overTheRateAPostIs429AndNothingOfItIsTaken() {
    Scene scene = with(e -> e.upstreamRate(RateLimit.of(3, 1)));
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    open(scene, admission);
    String id = Objects.requireNonNull(admission.headers().get("EventChannel-Id"));
    byte[] five = lines(1, 5);
    assertEquals(204, scene.post(id, five).status()); // what goes beyond it is waited for
    assertEquals(5, heard.size());

    Answer answer = scene.post(id, up(6, "chat", "m6"));
    assertEquals(429, answer.status());
    assertEquals("3", answer.headers().get("Retry-After"));
    assertEquals("5", answer.headers().get("EventChannel-Ack"));
    assertEquals("upstreamRate: expected at most 1 events a second", Scene.text(answer));
    assertEquals(5, heard.size());

    scene.pass(Duration.ofSeconds(3));
    assertEquals(204, scene.post(id, up(6, "chat", "m6")).status());
    assertEquals(6, heard.size());
  }

  @Test
  void byDefaultFiveThousandAtOnceAreWithinTheRate() {
    Scene scene = with(endpoint -> {});
    FakeOutlet socket = scene.webSocket();
    for (int i = 1; i <= 10; i++) {
      socket.listener.received(lines(500 * (i - 1) + 1, 500 * i));
      scene.run();
    }
    assertEquals(5_000, heard.size());
    socket.listener.received(up(5_001, "chat", "one too many"));
    scene.run();
    assertEquals(5_000, heard.size());
  }

  private static byte[] lines(int first, int last) {
    StringBuilder lines = new StringBuilder();
    for (int seq = first; seq <= last; seq++) {
      lines.append(new String(up(seq, "chat", "m" + seq), UTF_8));
    }
    return lines.toString().getBytes(UTF_8);
  }
}
