package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.codec.ControlData;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.server.spi.Outlet.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Permissions that end, by a clock that the test moves. */
class ExpiryTest {
  private static final Duration LIFE = Duration.ofMinutes(5);
  private static final String OURS = "EventChannel-Version: 1";

  private final List<String> received = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private @Nullable EventChannel channel;
  private @Nullable Instant validUntil;
  private @Nullable String principal;
  private boolean attached;
  private long acknowledged;
  private int asked;
  private final Scene scene = with(endpoint -> {});

  private Scene with(Consumer<ChannelEndpoint.Builder> options) {
    return new Scene(
        InMemoryEventLog.create(),
        feed -> {},
        endpoint ->
            options.accept(
                endpoint
                    .authorizer(this::authorize)
                    .listener(
                        new EventChannelListener() {
                          @Override
                          public void onOpen(EventChannel opened) {
                            channel = opened;
                            told.add("open");
                          }

                          @Override
                          public void onConnectionLost(
                              EventChannel channel, CloseReason reason, Duration wait) {
                            told.add(
                                "lost "
                                    + reason.kind()
                                    + " "
                                    + reason.code()
                                    + " "
                                    + wait.toSeconds());
                          }

                          @Override
                          public void onClosed(EventChannel channel, CloseReason reason) {
                            told.add("closed " + reason.kind() + " " + reason.code());
                          }

                          @Override
                          public void onEvent(EventChannel channel, Event event) {
                            received.add(event.data());
                          }
                        })));
  }

  private Authorization authorize(Handshake handshake) {
    asked++;
    Authorization allowed = Authorization.allow().topics("a");
    allowed = principal == null ? allowed : allowed.principal(principal);
    return validUntil == null ? allowed : allowed.validUntil(validUntil);
  }

  private Instant now() {
    return Instant.ofEpochMilli(scene.clock.currentTimeMillis());
  }

  private static boolean isToldOfExpiry(FakeOutlet outlet) {
    String all = outlet.taken().toString();
    return all.contains("4001") && all.contains("credentials: expired");
  }

  @ParameterizedTest
  @EnumSource(value = Handshake.Kind.class, names = "POST", mode = EnumSource.Mode.EXCLUDE)
  void S34_theConnectionEndsWith4001WhenItsCredentialsDoAndGoesOnWithFreshOnes(
      Handshake.Kind kind) {
    validUntil = now().plus(LIFE);
    FakeOutlet before = scene.connect(kind, OURS);
    String last = scene.publish("a", "1");
    scene.pass(LIFE.minusMillis(1));
    scene.publish("a", "2");
    scene.run();
    scene.clock.advance(Duration.ofMillis(1));
    scene.publish("a", "3"); // before any timer has looked
    scene.run();
    assertEquals(List.of("1", "2"), SubscriptionTest.data(before));
    assertTrue(isToldOfExpiry(before));
    assertEquals(0, scene.endpoint.connections());

    assertEquals(401, refusal(kind).status(), "the same credentials");
    validUntil = now().plus(LIFE);
    FakeOutlet after = scene.connect(kind, OURS, "lastEventId=" + last);
    assertEquals(List.of("2", "3"), SubscriptionTest.data(after));
  }

  private Answer refusal(Handshake.Kind kind) {
    return Objects.requireNonNull(
        scene.endpoint.admit(Scene.handshake(kind, OURS)).refusal(), "admitted");
  }

  @Test
  void S34_aQuietConnectionEndsWithinASecondWhateverTheHeartbeat() {
    Scene slow = with(endpoint -> endpoint.heartbeat(Duration.ofMinutes(5)));
    validUntil = Instant.ofEpochMilli(slow.clock.currentTimeMillis()).plus(LIFE);
    FakeOutlet quiet = slow.sse(OURS);
    slow.pass(LIFE.plusSeconds(1));
    assertTrue(isToldOfExpiry(quiet));
    assertEquals(0, slow.endpoint.connections());
  }

  @Test
  void S34_F22_aWallClockThatIsSetEndsNoConnectionAndProlongsNone() {
    validUntil = now().plus(LIFE);
    FakeOutlet forward = scene.sse(OURS);
    scene.clock.jumpWallClock(Duration.ofDays(1));
    scene.pass(LIFE.minusMillis(1));
    scene.publish("a", "1");
    scene.run();
    assertEquals(List.of("1"), SubscriptionTest.data(forward));

    scene.clock.jumpWallClock(Duration.ofDays(-7));
    scene.pass(Duration.ofSeconds(1));
    assertTrue(isToldOfExpiry(forward));
  }

  @Test
  void S34_credentialsThatHaveExpiredAlreadyAre401AndNothingIsHeldForThem() {
    for (Duration ago : List.of(Duration.ZERO, Duration.ofDays(30_000))) {
      validUntil = now().minus(ago);
      for (Handshake.Kind kind : List.of(Handshake.Kind.SSE, Handshake.Kind.WEBSOCKET)) {
        assertEquals(401, refusal(kind).status());
        assertEquals("credentials: expired", Scene.text(refusal(kind)));
      }
    }
    validUntil = Instant.MIN;
    assertEquals(401, refusal(Handshake.Kind.SSE).status());
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void S34_credentialsThatNeverExpireAndThoseOfAThousandYearsEndNothing() {
    List<FakeOutlet> open = new ArrayList<>();
    for (Instant end : new Instant[] {null, Instant.MAX, now().plus(Duration.ofDays(365_000))}) {
      validUntil = end;
      open.add(scene.webSocket(OURS));
    }
    scene.pass(Duration.ofMinutes(20));
    scene.publish("a", "1");
    scene.run();
    for (FakeOutlet each : open) {
      assertEquals(List.of("1"), SubscriptionTest.data(each));
    }
  }

  @Test
  void S34_nothingIsTakenFromAClientWhoseCredentialsHaveExpired() {
    validUntil = now().plus(LIFE);
    FakeOutlet socket = scene.webSocket(OURS);
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, OURS));
    scene.open(admission, new FakeOutlet(admission.format()));
    String channel = admission.headers().get("EventChannel-Id");
    scene.clock.advance(LIFE);
    socket.listener.received(Scene.up(1, "say", "too late"));
    scene.run();
    assertEquals(List.of(), received);
    assertTrue(isToldOfExpiry(socket));

    // The stream has expired as well, and so has what its POST brings; fresh credentials have not.
    assertEquals(401, scene.post(channel, Scene.up(1, "say", "too late")).status());
    assertEquals(List.of(), received);
    validUntil = null;
    assertEquals(204, scene.post(channel, Scene.up(1, "say", "in time")).status());
    assertEquals(List.of("in time"), received);
  }

  // ---- the channel, which outlives them

  private FakeOutlet comeBack(Handshake.Kind kind) {
    FakeOutlet back = scene.connect(kind, OURS, "hello=1", "EventChannel-Id: " + id());
    Event hello =
        back.events().stream()
            .filter(event -> event.type().equals("eventchannel.hello"))
            .findFirst()
            .orElseThrow();
    attached = "true".equals(ControlData.of(hello).text("attached"));
    acknowledged = ControlData.of(hello).number("ack", -1);
    return back;
  }

  private String id() {
    return Objects.requireNonNull(channel, "no channel").id();
  }

  @Test
  void S34_F37_whatASocketBroughtBeforeTheEndIsTakenOnceAndTheRestWithFreshCredentials() {
    validUntil = now().plus(LIFE);
    FakeOutlet first = scene.webSocket(OURS);
    scene.clock.advance(LIFE.minusMillis(1));
    first.listener.received(Scene.up(1, "say", "one"));
    first.listener.received(Scene.up(2, "say", "two"));
    scene.clock.advance(Duration.ofMillis(1));
    first.listener.received(Scene.up(3, "say", "three"));
    scene.loop.runAll(); // the application has had none of them
    assertEquals(4001, first.closeCode);
    validUntil = now().plus(LIFE);
    scene.run();
    assertEquals(List.of("one", "two"), received);

    FakeOutlet second = comeBack(Handshake.Kind.WEBSOCKET);
    assertTrue(attached);
    assertEquals(2, acknowledged);
    second.listener.received(Scene.up(2, "say", "two"));
    second.listener.received(Scene.up(3, "say", "three"));
    scene.run();
    assertEquals(List.of("one", "two", "three"), received);
    assertTrue(second.taken().contains("eventchannel.ack {\"seq\":3}"));
    assertEquals(List.of("open", "lost LOCAL 4001 60", "open"), told);
  }

  @Test
  void S34_F37_whatAPostBroughtBeforeTheEndIsAnsweredAndItsNumbersAreKnownAfterwards() {
    validUntil = now().plus(LIFE);
    FakeOutlet stream = scene.sse(OURS);
    scene.clock.advance(LIFE.minusMillis(1));
    Handshake head =
        Scene.handshake(
            Handshake.Kind.POST, "EventChannel-Id: " + id(), "Content-Type: application/json");
    CompletableFuture<Answer> answer =
        scene.endpoint.post(head, Scene.up(1, "say", "one")).toCompletableFuture();
    scene.clock.advance(Duration.ofMillis(1));
    scene.publish("a", "too late");
    scene.run();
    assertTrue(isToldOfExpiry(stream));
    assertEquals(204, answer.join().status());

    validUntil = now().plus(LIFE);
    comeBack(Handshake.Kind.SSE);
    assertTrue(attached);
    assertEquals(1, acknowledged);
    assertEquals(204, scene.post(id(), Scene.up(1, "say", "one")).status());
    assertEquals(List.of("one"), received);
  }

  @Test
  void S34_aClientThatIsBackBeforeItsOldConnectionHasGoneGoesOnWithTheChannel() {
    validUntil = now().plus(LIFE);
    FakeOutlet first = scene.webSocket(OURS);
    first.confirmsClose = false;
    scene.pass(LIFE);
    assertEquals(4001, first.closeCode);
    validUntil = now().plus(LIFE);
    FakeOutlet second = comeBack(Handshake.Kind.WEBSOCKET);
    assertTrue(attached);
    first.listener.received(Scene.up(1, "say", "over the old one"));
    second.listener.received(Scene.up(1, "say", "over the new one"));
    scene.pass(Duration.ofSeconds(31)); // the old one is cut
    assertEquals(List.of("over the new one"), received);
    assertEquals(List.of("open", "lost LOCAL 4001 0", "open"), told);
    assertEquals(0, second.closeCode);
    assertEquals(1, scene.endpoint.connections());
  }

  @Test
  void S34_S11_theChannelIsNobodysButOfWhoHadItAndMayStillComeIn() {
    principal = "ann";
    validUntil = now().plus(LIFE);
    scene.webSocket(OURS);
    scene.pass(LIFE);
    String anns = id();
    assertEquals(401, refusal(Handshake.Kind.WEBSOCKET).status());
    validUntil = null;
    for (String other : new String[] {"bob", null}) {
      principal = other;
      FakeOutlet thief = scene.webSocket(OURS, "EventChannel-Id: " + anns);
      assertTrue(thief.taken().toString().contains("\"attached\":false"));
      assertEquals(404, scene.post(anns, Scene.up(1, "say", "for ann")).status());
    }
    principal = "ann";
    FakeOutlet ann = scene.webSocket(OURS, "EventChannel-Id: " + anns);
    assertTrue(ann.taken().toString().contains("\"attached\":true"));
    assertEquals(List.of(), received);
  }

  @Test
  void S34_whoDoesNotComeBackHasAChannelUntilItsTimeIsOver() {
    validUntil = now().plus(LIFE);
    scene.webSocket(OURS);
    scene.pass(LIFE.plusSeconds(59));
    assertEquals(List.of("open", "lost LOCAL 4001 60"), told);
    scene.pass(Duration.ofSeconds(2));
    assertEquals(List.of("open", "lost LOCAL 4001 60", "closed LOCAL 4001"), told);
  }

  @Test
  void S34_INV_17_whoMayDoLessLosesTheChannelThatWaitsAndTheOneThatIsAboutTo() {
    for (boolean gone : new boolean[] {true, false}) {
      principal = "ann " + gone;
      validUntil = now().plus(LIFE);
      FakeOutlet socket = scene.webSocket(OURS);
      socket.confirmsClose = gone;
      told.clear();
      socket.listener.received(Scene.up(1, "say", "one"));
      scene.clock.advance(LIFE);
      scene.loop.runAll();
      assertEquals(4001, socket.closeCode);
      assertEquals(1, scene.endpoint.reauthorize(principal));
      scene.pass(Duration.ofSeconds(31));
      assertEquals("closed LOCAL 4001", told.get(told.size() - 1));
      assertEquals(List.of(), received);
      validUntil = null;
      comeBack(Handshake.Kind.WEBSOCKET);
      assertFalse(attached);
    }
  }

  @Test
  void S34_aPostIsJudgedByItselfAndOneWhoseBodyOutlastsItsCredentialsIs401() {
    validUntil = null;
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, OURS));
    scene.open(admission, new FakeOutlet(admission.format()));
    String channel = admission.headers().get("EventChannel-Id");
    int before = asked;
    validUntil = now().plus(LIFE);
    PostAdmission post =
        scene
            .endpoint
            .admitPost(
                Scene.handshake(
                    Handshake.Kind.POST,
                    "EventChannel-Id: " + channel,
                    "Content-Type: application/json"))
            .toCompletableFuture()
            .join();
    assertNull(post.refusal());
    scene.clock.advance(LIFE);
    assertEquals(401, post.take(Scene.up(1, "say", "late")).toCompletableFuture().join().status());
    assertEquals(before + 1, asked);
    validUntil = now().plus(LIFE);
    assertEquals(204, scene.post(channel, Scene.up(1, "say", "in time")).status());
    assertEquals(List.of("in time"), received);
  }

  @Test
  void S34_whatIsBeingWrittenIsFinishedAndWhoDoesNotReadIsCutInTheEnd() {
    validUntil = now().plus(LIFE);
    FakeOutlet slow = scene.webSocket(OURS);
    scene.pass(LIFE.minusMillis(1));
    slow.answer(WriteResult.PENDING);
    scene.publish("a", "1");
    scene.run();
    scene.clock.advance(Duration.ofMillis(1));
    scene.publish("a", "2");
    scene.run();
    assertEquals(1, slow.applicationEvents().size());
    slow.finish();
    scene.run();
    assertEquals(List.of("1"), SubscriptionTest.data(slow));
    assertEquals(4001, slow.closeCode);
  }

  @Test
  void S34_aPlainStreamEndsByWhatComesFirstItsAgeOrItsCredentials() {
    Scene ageing = with(endpoint -> endpoint.maxPlainStreamAge(Duration.ofMinutes(10)));
    for (Duration life : List.of(Duration.ofMinutes(1), Duration.ofHours(1))) {
      validUntil = Instant.ofEpochMilli(ageing.clock.currentTimeMillis()).plus(life);
      FakeOutlet plain = ageing.sse();
      ageing.pass(Duration.ofMinutes(13));
      assertEquals(life.toMinutes() == 1, plain.taken().toString().contains("4001"));
    }
    assertEquals(0, ageing.endpoint.connections());
  }

  @Test
  void S34_nothingIsReadAfterTheEndThoughTheAgeWasReachedBeforeAndNobodyHasLooked() {
    Duration age = Duration.ofMinutes(10).plusMillis(100); // between two looks of the timer
    Duration life = age.plusMillis(100);
    Random even =
        new Random() {
          @Override
          public double nextDouble() {
            return 0.5; // so that the age is neither shortened nor prolonged
          }
        };
    Scene exact =
        new Scene(
            InMemoryEventLog.create(),
            feed -> feed.random(even),
            endpoint -> endpoint.authorizer(this::authorize).maxPlainStreamAge(age));
    validUntil = Instant.ofEpochMilli(exact.clock.currentTimeMillis()).plus(life);
    FakeOutlet plain = exact.sse();
    exact.pass(life.minusMillis(1));
    exact.publish("a", "in time");
    exact.run();
    exact.clock.advance(Duration.ofMillis(1));
    exact.publish("a", "too late");
    exact.run();
    assertEquals(List.of("in time"), SubscriptionTest.data(plain));
    assertTrue(isToldOfExpiry(plain));
  }

  @Test
  void theAgeOfAPlainStreamIsZeroForNeverOrAMillisecondToADay() {
    for (Duration age :
        List.of(
            Duration.ofNanos(-1),
            Duration.ofNanos(1),
            Duration.ofNanos(500_000),
            Duration.ofDays(1).plusNanos(1))) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> with(e -> e.maxPlainStreamAge(age)));
      assertTrue(refused.getMessage().startsWith("maxPlainStreamAge: "), refused.getMessage());
    }
    with(e -> e.maxPlainStreamAge(Duration.ofMillis(1)));
    Scene ageless = with(e -> e.maxPlainStreamAge(Duration.ZERO));
    FakeOutlet plain = ageless.sse();
    ageless.pass(Duration.ofMinutes(20));
    assertEquals(0, plain.closeCode);
  }

  @Test
  void S34_whateverTheOrderNothingIsReadThatWasPublishedAfterTheEnd() {
    for (long seed = 1; seed <= 100; seed++) {
      Random random = new Random(seed);
      List<FakeOutlet> open = new ArrayList<>();
      List<Instant> ends = new ArrayList<>();
      List<List<String>> may = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        switch (random.nextInt(4)) {
          case 0:
            validUntil = now().plusMillis(1 + random.nextInt(4_000));
            open.add(
                scene.connect(
                    random.nextBoolean() ? Handshake.Kind.SSE : Handshake.Kind.WEBSOCKET, OURS));
            ends.add(validUntil);
            may.add(new ArrayList<>());
            break;
          case 1:
            String data = seed + " " + i;
            for (int each = 0; each < open.size(); each++) {
              if (now().isBefore(ends.get(each))) {
                may.get(each).add(data);
              }
            }
            scene.publish("a", data);
            scene.run();
            break;
          case 2:
            scene.clock.advance(Duration.ofMillis(random.nextInt(1_500)));
            break;
          default:
            scene.pass(Duration.ofMillis(random.nextInt(1_500)));
        }
      }
      for (int each = 0; each < open.size(); each++) {
        assertEquals(may.get(each), SubscriptionTest.data(open.get(each)), "seed " + seed);
      }
      scene.pass(Duration.ofSeconds(5));
      assertEquals(0, scene.endpoint.connections(), "seed " + seed);
      assertFalse(open.isEmpty());
    }
  }
}
