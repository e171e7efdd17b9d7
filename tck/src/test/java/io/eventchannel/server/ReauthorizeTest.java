package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.policy.RateLimit;
import io.eventchannel.server.spi.Outlet.WriteResult;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of the channels of a principal who may do less. */
class ReauthorizeTest {
  private final Map<String, Set<String>> rights = new HashMap<>();
  private final List<String> received = new ArrayList<>();
  private final EventChannelListener listener =
      new EventChannelListener() {
        @Override
        public void onEvent(EventChannel channel, Event event) {
          received.add(event.data());
        }
      };
  private Runnable whileAsked = () -> {};
  private final Scene scene =
      new Scene(
          InMemoryEventLog.create(),
          feed -> {},
          endpoint ->
              endpoint.authorizer(this::authorize).listener(listener).openRate(RateLimit.none()));

  private Authorization authorize(Handshake handshake) {
    Principal asking = handshake.principal();
    Set<String> may = asking == null ? Set.of() : rights.getOrDefault(asking.getName(), Set.of());
    whileAsked.run();
    return may.isEmpty()
        ? Authorization.refuse(403, "no")
        : Authorization.allow().topics(may.toArray(new String[0]));
  }

  private Admission ask(String principal, Handshake.Kind kind, String... options) {
    Handshake.Builder builder =
        Handshake.builder(kind).header("Host", "example.com").principal(() -> principal);
    for (String option : options) {
      String[] parts = option.split("=", 2);
      builder.query(parts[0], parts[1]);
    }
    return scene.endpoint.admit(builder.build());
  }

  private FakeOutlet open(String principal, Handshake.Kind kind, String... options) {
    Admission admission = ask(principal, kind, options);
    return scene.open(admission, new FakeOutlet(admission.format()));
  }

  @Test
  void INV_17_nothingIsWrittenToAPrincipalWhoMayDoLessAndOthersAreLeftAlone() {
    rights.put("ann", Set.of("a"));
    rights.put("bob", Set.of("a"));
    FakeOutlet stream = open("ann", Handshake.Kind.SSE);
    FakeOutlet socket = open("ann", Handshake.Kind.WEBSOCKET);
    FakeOutlet other = open("bob", Handshake.Kind.SSE);
    scene.publish("a", "1");
    scene.run();
    rights.remove("ann");
    scene.endpoint.reauthorize("ann");
    scene.publish("a", "2");
    scene.run();
    assertEquals(1, stream.applicationEvents().size());
    assertEquals(1, socket.applicationEvents().size());
    assertEquals(2, other.applicationEvents().size());
    for (FakeOutlet ended : List.of(stream, socket)) {
      String taken = ended.taken().toString();
      assertTrue(taken.contains("4001"), taken);
    }
    assertEquals(403, ask("ann", Handshake.Kind.SSE).refusal().status());
    assertEquals(1, scene.endpoint.connections());
  }

  @Test
  void INV_17_whatIsBeingWrittenIsFinishedAndNothingFollowsIt() {
    rights.put("ann", Set.of("a"));
    FakeOutlet slow = open("ann", Handshake.Kind.WEBSOCKET);
    slow.answer(WriteResult.PENDING);
    scene.publish("a", "1");
    scene.run();
    scene.publish("a", "2");
    scene.run();
    scene.endpoint.reauthorize("ann");
    slow.finish();
    scene.run();
    assertEquals(1, slow.applicationEvents().size());
    slow.assertSound();
  }

  @Test
  void INV_17_aRequestThatIsBeingDecidedCountsAsWell() {
    rights.put("ann", Set.of("a"));
    whileAsked =
        () -> {
          whileAsked = () -> {};
          rights.remove("ann"); // too late for the answer
          scene.endpoint.reauthorize("ann");
        };
    FakeOutlet late = open("ann", Handshake.Kind.SSE);
    Admission admitted = admittedBefore("bob");
    scene.endpoint.reauthorize("bob");
    FakeOutlet notYet = scene.open(admitted, new FakeOutlet(admitted.format()));
    scene.publish("a", "1");
    scene.run();
    assertEquals(0, late.applicationEvents().size());
    assertEquals(0, notYet.applicationEvents().size());
    assertEquals(0, scene.endpoint.connections());
  }

  private Admission admittedBefore(String principal) {
    rights.put(principal, Set.of("a"));
    return ask(principal, Handshake.Kind.WEBSOCKET);
  }

  @Test
  void INV_17_nothingIsTakenFromAClientWhoseChannelWasEnded() {
    rights.put("ann", Set.of("a"));
    FakeOutlet socket = open("ann", Handshake.Kind.WEBSOCKET);
    socket.answer(WriteResult.PENDING); // so that the close has to wait
    scene.publish("a", "1");
    scene.run();
    scene.endpoint.reauthorize("ann");
    socket.listener.received(Scene.up(1, "say", "too late"));
    scene.run();
    assertEquals(List.of(), received);
  }

  @Test
  void INV_17_aPeerThatKeepsSendingDoesNotPutItsEndOff() {
    rights.put("ann", Set.of("a"));
    FakeOutlet socket = open("ann", Handshake.Kind.WEBSOCKET);
    String reserved = "eventchannel.mine"; // refused at the door, so answered at once
    int[] sent = new int[1];
    socket.beforeWrite =
        () -> {
          if (sent[0] > 0 && sent[0] < 1_000) {
            socket.listener.received(Scene.up(++sent[0], reserved, "still here"));
          }
        };
    socket.listener.received(Scene.up(++sent[0], reserved, "still here"));
    scene.endpoint.reauthorize("ann");
    scene.run();
    assertEquals(4001, socket.closeCode);
    assertTrue(sent[0] < 4, "it was answered " + sent[0] + " times before the end");
    assertEquals(List.of(), received);
  }

  @ParameterizedTest
  @EnumSource(value = Handshake.Kind.class, names = "POST", mode = EnumSource.Mode.EXCLUDE)
  void INV_17_aConnectionThatIsBeingReplacedAtThatMomentIsWrittenNothingMoreEither(
      Handshake.Kind kind) {
    List<Runnable> whenLost = new ArrayList<>();
    List<Integer> found = new ArrayList<>();
    // The application runs where its calls are added, so before the old connection is told.
    Scene inline =
        new Scene(
            InMemoryEventLog.create(),
            feed -> {},
            endpoint ->
                endpoint
                    .applicationExecutor(Runnable::run)
                    .listener(
                        new EventChannelListener() {
                          @Override
                          public void onConnectionLost(
                              EventChannel channel, CloseReason reason, Duration wait) {
                            whenLost.forEach(Runnable::run);
                          }
                        }));
    Admission first = inline.endpoint.admit(ofAnn(kind, ""));
    FakeOutlet old = inline.open(first, new FakeOutlet(first.format()));
    inline.publish("a", "1");
    inline.run();
    whenLost.add(
        () -> {
          found.add(inline.endpoint.reauthorize("ann"));
          inline.publish("a", "2");
          inline.loop.runAll();
        });
    Admission second = inline.endpoint.admit(ofAnn(kind, first.headers().get("EventChannel-Id")));
    FakeOutlet next = inline.open(second, new FakeOutlet(second.format()));
    inline.publish("a", "3");
    inline.run();
    assertEquals(List.of(1), found);
    assertEquals(List.of("1"), SubscriptionTest.data(old));
    assertEquals(List.of(), SubscriptionTest.data(next));
    assertEquals(4001, old.closeCode);
    assertEquals(4001, next.closeCode);
    assertEquals(0, inline.endpoint.connections());
  }

  private static Handshake ofAnn(Handshake.Kind kind, String channel) {
    return Handshake.builder(kind)
        .header("EventChannel-Version", "1")
        .header("EventChannel-Id", channel)
        .principal(() -> "ann")
        .build();
  }

  @Test
  void INV_17_namesOfTheSameHashAreDifferentPrincipals() {
    assertEquals("Aa".hashCode(), "BB".hashCode());
    Admission innocent = admittedBefore("Aa");
    scene.endpoint.reauthorize("BB");
    for (int i = 0; i < 10_000; i++) {
      scene.endpoint.reauthorize("somebody " + i);
    }
    FakeOutlet socket = scene.open(innocent, new FakeOutlet(innocent.format()));
    scene.publish("a", "1");
    scene.run();
    assertEquals(1, socket.applicationEvents().size());
    assertEquals(1, scene.endpoint.connections());
  }

  @Test
  void INV_17_aPrincipalThatTheAuthorizerAloneKnowsIsFoundByThatName() {
    List<String> taken = new ArrayList<>();
    Scene tokens =
        new Scene(
            InMemoryEventLog.create(),
            feed -> {},
            endpoint ->
                endpoint
                    .authorizer(
                        handshake -> Authorization.allow().principal(handshake.header("Token")))
                    .listener(
                        new EventChannelListener() {
                          @Override
                          public void onEvent(EventChannel channel, Event event) {
                            taken.add(event.data());
                          }
                        }));
    Admission admission =
        tokens.endpoint.admit(
            Handshake.builder(Handshake.Kind.SSE)
                .header("Token", "ann")
                .principal(() -> "a proxy that all come through")
                .build());
    FakeOutlet anns = tokens.open(admission, new FakeOutlet(admission.format()));
    FakeOutlet bobs = tokens.sse("Token: bob");
    String channel = admission.headers().get("EventChannel-Id");
    byte[] line = Scene.up(1, "say", "x");
    assertEquals(404, tokens.post(channel, line, "Token: bob").status());
    assertEquals(204, tokens.post(channel, line, "Token: ann").status());
    assertEquals(List.of("x"), taken);

    assertEquals(0, tokens.endpoint.reauthorize("a proxy that all come through"));
    assertEquals(1, tokens.endpoint.reauthorize("ann"));
    tokens.run();
    assertTrue(anns.taken().toString().contains("4001"));
    assertEquals(1, tokens.endpoint.connections());
    assertFalse(bobs.taken().toString().contains("4001"));
  }

  @Test
  void S36_aPrincipalOfTheContainerThatFailsIs500WhereItsNameIsNeeded() {
    Principal broken =
        () -> {
          throw new IllegalStateException("ldap:secret");
        };
    Authorization[] answer = {Authorization.allow()};
    Scene failing =
        new Scene(
            InMemoryEventLog.create(),
            feed -> {},
            endpoint -> endpoint.authorizer(handshake -> answer[0]));
    Handshake handshake = Handshake.builder(Handshake.Kind.SSE).principal(broken).build();
    Answer refusal = failing.endpoint.admit(handshake).refusal();
    assertEquals(500, refusal.status());
    assertFalse(Scene.text(refusal).contains("ldap"));
    assertEquals(0, failing.endpoint.connections());

    answer[0] = Authorization.refuse(403, "no");
    assertEquals(403, failing.endpoint.admit(handshake).refusal().status());
    answer[0] = Authorization.allow().principal("ann");
    assertNull(failing.endpoint.admit(handshake).refusal());
  }

  @Test
  void INV_17_whoComesBackGetsWhatItMayReadNowFromItsPositionOn() {
    rights.put("ann", Set.of("a", "b"));
    FakeOutlet before = open("ann", Handshake.Kind.SSE);
    String last = scene.publish("a", "1");
    scene.run();
    rights.put("ann", Set.of("b"));
    scene.endpoint.reauthorize("ann");
    scene.publish("a", "2");
    scene.publish("b", "3");
    scene.run();
    assertEquals(1, before.applicationEvents().size());
    assertEquals(403, ask("ann", Handshake.Kind.SSE, "topic=a").refusal().status());
    FakeOutlet after = open("ann", Handshake.Kind.SSE, "lastEventId=" + last);
    assertEquals(List.of("3"), after.applicationEvents().stream().map(Event::data).toList());
  }

  @Test
  void INV_17_whateverTheOrderNobodyGetsWhatWasPublishedAfterItWasTakenAway() {
    for (long seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      rights.clear();
      List<String> people = List.of("p0", "p1", "p2");
      people.forEach(each -> rights.put(each, new TreeSet<>(Set.of("a", "b"))));
      Map<FakeOutlet, String> open = new HashMap<>();
      Map<FakeOutlet, Set<String>> forbidden = new HashMap<>();
      for (int i = 0; i < 60; i++) {
        String who = people.get(random.nextInt(people.size()));
        switch (random.nextInt(4)) {
          case 0:
            if (!rights.get(who).isEmpty()) {
              FakeOutlet outlet =
                  open(who, random.nextBoolean() ? Handshake.Kind.SSE : Handshake.Kind.WEBSOCKET);
              open.put(outlet, who);
              forbidden.put(outlet, new HashSet<>());
            }
            break;
          case 1:
            String topic = random.nextBoolean() ? "a" : "b";
            String id = scene.publish(topic, seed + " " + i);
            open.forEach(
                (outlet, owner) -> {
                  if (!rights.get(owner).contains(topic)) {
                    forbidden.get(outlet).add(id);
                  }
                });
            break;
          case 2:
            rights.get(who).remove(random.nextBoolean() ? "a" : "b");
            scene.endpoint.reauthorize(who);
            break;
          default:
            scene.run();
        }
      }
      scene.run();
      long run = seed;
      forbidden.forEach(
          (outlet, ids) ->
              outlet
                  .applicationEvents()
                  .forEach(event -> assertFalse(ids.contains(event.id()), "seed " + run)));
      people.forEach(scene.endpoint::reauthorize);
      scene.run();
      assertEquals(0, scene.endpoint.connections(), "seed " + seed);
    }
  }
}
