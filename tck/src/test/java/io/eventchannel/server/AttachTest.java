package io.eventchannel.server;

import static io.eventchannel.server.Scene.up;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.codec.ControlData;
import io.eventchannel.codec.EnvelopeWriter;
import io.eventchannel.log.InMemoryEventLog;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A channel that outlives its connections: who may attach another one, and what it then knows. */
class AttachTest {
  private static final Duration LINGER = Duration.ofSeconds(60);

  private final List<String> heard = new ArrayList<>();
  private final List<EventChannel> channels = new ArrayList<>();
  private final EventChannelListener listener =
      new EventChannelListener() {
        @Override
        public void onOpen(EventChannel channel) {
          if (!channels.contains(channel)) {
            channels.add(channel);
          }
          heard.add("open " + channel.transport());
        }

        @Override
        public void onEvent(EventChannel channel, Event event) {
          if (event.type().equals("bomb")) {
            throw new IllegalStateException("the application's own");
          }
          heard.add(event.data());
        }

        @Override
        public void onConnectionLost(EventChannel channel, CloseReason reason, Duration wait) {
          heard.add("lost " + reason.kind() + " " + wait.toSeconds());
        }

        @Override
        public void onClosed(EventChannel channel, CloseReason reason) {
          heard.add("closed " + reason.kind());
        }
      };
  private final Scene scene = scene(20_000);

  private Scene scene(int maxConnections) {
    return new Scene(
        InMemoryEventLog.create(),
        feed -> {},
        endpoint -> endpoint.listener(listener).maxConnections(maxConnections));
  }

  private static final CloseReason CUT = CloseReason.of(CloseReason.Kind.NETWORK, "cut");

  private Admission ask(Handshake.Kind kind, @Nullable String principal, @Nullable String id) {
    Handshake.Builder builder =
        Handshake.builder(kind)
            .header("EventChannel-Version", "1")
            .header("Sec-WebSocket-Protocol", "eventchannel.v1.json");
    if (id != null) {
      builder.header("EventChannel-Id", id);
    }
    if (principal != null) {
      builder.principal(() -> principal);
    }
    return scene.endpoint.admit(builder.build());
  }

  private FakeOutlet connect(Handshake.Kind kind, @Nullable String principal, @Nullable String id) {
    Admission admission = ask(kind, principal, id);
    assertNull(admission.refusal());
    return scene.open(admission, new FakeOutlet(admission.format()));
  }

  private FakeOutlet socket(@Nullable String id) {
    return connect(Handshake.Kind.WEBSOCKET, null, id);
  }

  private FakeOutlet stream(@Nullable String id) {
    return connect(Handshake.Kind.SSE, null, id);
  }

  private String id() {
    return channels.get(channels.size() - 1).id();
  }

  private void cut(FakeOutlet outlet) {
    outlet.listener.closed(CUT);
    scene.run();
  }

  private static ControlData hello(FakeOutlet socket) {
    Event first = socket.events().get(0);
    assertEquals("eventchannel.hello", first.type());
    return ControlData.of(first);
  }

  @Test
  void aClientThatComesBackGoesOnWithItsChannel() {
    FakeOutlet first = socket(null);
    assertEquals("false", hello(first).text("attached"));
    first.listener.received(up(1, "chat", "one"));
    scene.run();
    cut(first);
    assertEquals(ChannelState.WAITING, channels.get(0).state());
    assertEquals(0, scene.endpoint.connections());

    FakeOutlet second = socket(id());
    assertEquals("true", hello(second).text("attached"));
    assertEquals(id(), hello(second).text("channel"));
    assertEquals(1, hello(second).number("ack", -1));
    second.listener.received(up(1, "chat", "one"));
    second.listener.received(up(2, "chat", "two"));
    scene.run();
    assertEquals(1, channels.size());
    assertEquals(ChannelState.OPEN, channels.get(0).state());
    assertEquals(
        List.of("open websocket", "one", "lost NETWORK 60", "open websocket", "two"), heard);
    assertTrue(second.taken().contains("eventchannel.ack {\"seq\":2}"));
  }

  @Test
  void aChangeOfTransportKeepsChannelNumbersAndWindow() {
    FakeOutlet first = socket(null);
    first.listener.received(up(1, "chat", "one"));
    scene.run();
    cut(first);
    Admission admission = ask(Handshake.Kind.SSE, null, id());
    assertEquals(id(), admission.headers().get("EventChannel-Id"));
    assertEquals("1", admission.headers().get("EventChannel-Ack"));
    FakeOutlet stream = scene.open(admission, new FakeOutlet(admission.format()));
    Answer answer = scene.post(id(), join(up(1, "chat", "one"), up(2, "chat", "two")));
    assertEquals(204, answer.status());
    assertEquals("2", answer.headers().get("EventChannel-Ack"));
    cut(stream);
    FakeOutlet third = socket(id());
    assertEquals(2, hello(third).number("ack", -1));
    assertEquals("websocket", channels.get(0).transport());
    heard.removeIf(call -> call.startsWith("lost"));
    assertEquals(List.of("open websocket", "one", "open sse", "two", "open websocket"), heard);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void theOlderConnectionIsClosedAndItsLateInputDropped() {
    FakeOutlet older = socket(null);
    older.confirmsClose = false;
    FakeOutlet newer = socket(id());
    assertEquals(4002, older.closeCode);
    older.listener.received(up(EnvelopeWriter.NO_SEQ, "chat", "late"));
    newer.listener.received(up(EnvelopeWriter.NO_SEQ, "chat", "in time"));
    scene.run();
    assertEquals(List.of("open websocket", "lost LOCAL 0", "open websocket", "in time"), heard);
    assertEquals(2, scene.endpoint.connections());
    scene.pass(Duration.ofSeconds(35)); // whose peer never confirms it
    assertTrue(older.aborted);
    assertEquals(1, scene.endpoint.connections());
    assertEquals(0, newer.closeCode);
    assertEquals(4, heard.size(), heard.toString());
  }

  @Test
  void aChannelWithoutAConnectionLivesForItsTimeAndEndsOnce() {
    cut(socket(null));
    scene.pass(LINGER.minusMillis(50));
    assertEquals(ChannelState.WAITING, channels.get(0).state());
    scene.pass(Duration.ofMillis(50));
    assertEquals(List.of("open websocket", "lost NETWORK 60", "closed NETWORK"), heard);
    assertEquals(ChannelState.CLOSED, channels.get(0).state());
    FakeOutlet later = socket(id());
    assertEquals("false", hello(later).text("attached"));
    assertEquals(2, channels.size());
  }

  @Test
  void whatAClientsApplicationClosedIsOverAndAnyOtherEndLetsTheChannelWait() {
    for (int code : new int[] {1000, 3000, 4001, 4999}) {
      socket(null).listener.closed(CloseReason.closeCode(code, ""));
      scene.run();
      assertEquals("closed CLOSE_CODE", heard.get(heard.size() - 1), "code " + code);
    }
    for (int code : new int[] {1001, 1005, 1006, 1011}) {
      socket(null).listener.closed(CloseReason.closeCode(code, ""));
      scene.run();
      assertEquals("lost CLOSE_CODE 60", heard.get(heard.size() - 1), "code " + code);
    }
  }

  @Test
  void aClientThatCannotComeBackHasAChannelOfOneConnection() {
    FakeOutlet page = scene.webSocket();
    cut(page);
    assertEquals(List.of("open websocket", "closed NETWORK"), heard);
    page = scene.webSocket("EventChannel-Id: " + id());
    assertEquals(2, channels.size());
  }

  @Test
  void whatTheApplicationClosedWhileItWaitedIsOver() {
    cut(socket(null));
    channels.get(0).close(3001, "enough");
    scene.run();
    assertEquals("closed LOCAL", heard.get(heard.size() - 1));
    socket(id());
    assertEquals(2, channels.size());
    scene.pass(LINGER.plusSeconds(1));
    assertEquals(1, heard.stream().filter(call -> call.startsWith("closed")).count());
  }

  @Test
  void aChannelThatWaitsAnewIsNotEndedForTheWaitBefore() {
    // The application runs where the calls are added, so in the middle of what ends the two.
    ArrayDeque<Runnable> atTheFirstEnd = new ArrayDeque<>();
    List<String> ends = new ArrayList<>();
    Scene inline =
        new Scene(
            InMemoryEventLog.create(),
            feed -> {},
            endpoint ->
                endpoint
                    .linger(LINGER)
                    .applicationExecutor(Runnable::run)
                    .listener(
                        new EventChannelListener() {
                          @Override
                          public void onClosed(EventChannel channel, CloseReason reason) {
                            ends.add(channel.id() + " " + reason.text());
                            if (!atTheFirstEnd.isEmpty()) {
                              atTheFirstEnd.remove().run();
                            }
                          }
                        }));
    String first = waiting(inline, null, "first");
    String second = waiting(inline, null, "second");
    atTheFirstEnd.add(() -> assertEquals(second, waiting(inline, second, "second again")));
    inline.pass(LINGER);
    assertEquals(List.of(first + " first"), ends);
    inline.pass(LINGER.minusMillis(50));
    assertEquals(1, ends.size());
    inline.pass(Duration.ofMillis(50));
    assertEquals(List.of(first + " first", second + " second again"), ends);
  }

  /** A channel whose connection was lost for that reason; its ID. */
  private static String waiting(Scene scene, @Nullable String id, String reason) {
    String[] options =
        id == null
            ? new String[] {"EventChannel-Version: 1"}
            : new String[] {"EventChannel-Version: 1", "EventChannel-Id: " + id};
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, options));
    FakeOutlet outlet = new FakeOutlet(admission.format());
    outlet.listener = admission.open(outlet);
    outlet.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, reason));
    scene.loop.runAll();
    return admission.headers().get("EventChannel-Id");
  }

  @Test
  void aDrainAndTheEndOfTheFeedEndWhatWaits() {
    cut(socket(null));
    scene.endpoint.drain(Duration.ZERO);
    scene.run();
    assertEquals("closed LOCAL", heard.get(2));

    Scene other = scene(10);
    Admission admission =
        other.endpoint.admit(
            Handshake.builder(Handshake.Kind.SSE).header("EventChannel-Version", "1").build());
    FakeOutlet outlet = other.open(admission, new FakeOutlet(admission.format()));
    outlet.listener.closed(CUT);
    other.run();
    heard.clear();
    other.feed.close();
    other.run();
    assertEquals(List.of("closed NETWORK"), heard);
  }

  @Test
  void INV_17_reauthorizeEndsAlsoWhatWaits() {
    cut(connect(Handshake.Kind.WEBSOCKET, "ann", null));
    assertEquals(1, scene.endpoint.reauthorize("ann"));
    scene.run();
    assertEquals("closed LOCAL", heard.get(2));
    FakeOutlet back = connect(Handshake.Kind.WEBSOCKET, "ann", id());
    assertEquals("false", hello(back).text("attached"));
  }

  @Test
  void S11_anIdIsWorthNothingToAnotherPrincipal() {
    cut(connect(Handshake.Kind.WEBSOCKET, "ann", null));
    String anns = id();
    for (String other : new String[] {"bob", null}) {
      for (Handshake.Kind kind : List.of(Handshake.Kind.WEBSOCKET, Handshake.Kind.SSE)) {
        Admission stolen = ask(kind, other, anns);
        Admission unknown = ask(kind, other, "0000000000000000000000");
        assertNotEquals(anns, stolen.headers().get("EventChannel-Id"));
        assertEquals(unknown.headers().keySet(), stolen.headers().keySet(), "the same answer");
        stolen.cancel();
        unknown.cancel();
      }
      FakeOutlet thief = connect(Handshake.Kind.WEBSOCKET, other, anns);
      assertEquals("false", hello(thief).text("attached"));
    }
    assertEquals(3, channels.size());
    connect(Handshake.Kind.WEBSOCKET, "ann", anns);
    assertEquals(ChannelState.OPEN, channels.get(0).state());
    assertEquals(3, channels.size());
  }

  @Test
  void S11_aChannelOfNobodyIsNoneOfAPrincipals() {
    cut(socket(null));
    connect(Handshake.Kind.WEBSOCKET, "ann", id());
    assertEquals(2, channels.size());
  }

  @Test
  void S12_anIdThatAClientProposesIsNeverAdopted() {
    Set<String> given = new HashSet<>();
    String proposed = "ABCDEFGHIJKLMNOPQRSTUV";
    for (int i = 0; i < 100; i++) {
      Admission admission = ask(Handshake.Kind.SSE, null, i % 2 == 0 ? proposed : null);
      given.add(admission.headers().get("EventChannel-Id"));
      assertNull(admission.headers().get("EventChannel-Ack"));
      cut(scene.open(admission, new FakeOutlet(admission.format())));
    }
    assertEquals(100, given.size());
    assertTrue(!given.contains(proposed));
    assertEquals(404, scene.post(proposed, up(1, "chat", "a")).status());
  }

  @Test
  void S31_aNumberOfOnePrincipalSuppressesNothingOfAnother() {
    FakeOutlet ann = connect(Handshake.Kind.WEBSOCKET, "ann", null);
    String anns = id();
    FakeOutlet bob = connect(Handshake.Kind.WEBSOCKET, "bob", anns);
    bob.listener.received(up(1, "chat", "bob's"));
    ann.listener.received(up(1, "chat", "ann's"));
    scene.run();
    assertTrue(heard.containsAll(List.of("bob's", "ann's")), heard.toString());
  }

  @Test
  void S32_howManyWaitIsBoundedAndWhoWaitedLongestGoesFirst() {
    Scene few = scene(10);
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      Admission admission =
          few.endpoint.admit(
              Handshake.builder(Handshake.Kind.SSE)
                  .header("EventChannel-Version", "1")
                  .header("EventChannel-Id", "x" + i)
                  .build());
      FakeOutlet outlet = few.open(admission, new FakeOutlet(admission.format()));
      outlet.listener.closed(CUT);
      few.run();
      if (i % 1_000 == 0) {
        ids.add(admission.headers().get("EventChannel-Id"));
      }
    }
    long waiting = channels.stream().filter(c -> c.state() == ChannelState.WAITING).count();
    assertEquals(10, waiting);
    List<EventChannel> latest = channels.subList(channels.size() - 10, channels.size());
    assertTrue(latest.stream().allMatch(c -> c.state() == ChannelState.WAITING));
    assertEquals(9_990, heard.stream().filter(call -> call.startsWith("closed")).count());
    assertEquals(0, few.endpoint.connections());
    for (String id : ids) {
      assertEquals(404, few.post(id, up(1, "chat", "a")).status());
    }
  }

  @Test
  void S32_whatIsRememberedOfAChannelIsBoundedWhateverNumbersArrive() {
    FakeOutlet socket = socket(null);
    ServerChannel channel = (ServerChannel) channels.get(0);
    Random random = new Random(1);
    long seq = 0;
    for (int i = 0; i < 4_000; i++) {
      ByteArrayOutputStream lines = new ByteArrayOutputStream();
      for (int j = 0; j < 50; j++) {
        lines.writeBytes(up(++seq, "eventchannel.forged", "x")); // refused, each of them
      }
      lines.writeBytes(up(1 + random.nextInt((int) seq), "chat", "repeated"));
      socket.listener.received(lines.toByteArray());
      if (i % 10 == 0) {
        scene.run();
        socket.taken();
      }
    }
    scene.run();
    assertEquals(200_000, channel.uplink().ack());
    assertEquals(1024, channel.uplink().refusals(1, seq).size());
    assertEquals(200_000 - 1024, channel.ackForReturn());
    assertEquals(List.of("open websocket"), heard);
  }

  @Test
  void aRefusalThatWasLostIsToldAgainOverEitherTransport() {
    FakeOutlet first = socket(null);
    first.listener.received(join(up(1, "chat", "one"), up(2, "bomb", ""), up(3, "chat", "three")));
    cut(first); // with the answers on their way
    scene.run();
    FakeOutlet second = socket(id());
    assertEquals(1, hello(second).number("ack", -1), "the second has to be told");
    second.taken();
    second.listener.received(join(up(2, "bomb", ""), up(3, "chat", "three")));
    scene.run();
    assertEquals(
        List.of(
            "eventchannel.refused {\"seq\":2,\"reason\":\"the application failed\"}",
            "eventchannel.ack {\"seq\":3}"),
        second.taken());
    cut(second);
    FakeOutlet stream = stream(id());
    Answer answer = scene.post(id(), join(up(2, "bomb", ""), up(3, "chat", "three")));
    assertEquals(200, answer.status());
    assertTrue(Scene.text(answer).contains("the application failed"), Scene.text(answer));
    assertEquals("3", answer.headers().get("EventChannel-Ack"));
    assertTrue(stream.events().stream().noneMatch(e -> e.type().equals("eventchannel.ack")));
    assertEquals(1, heard.stream().filter("three"::equals).count());
  }

  @Test
  void whatAPostBroughtIsAnsweredToTheSocketThatRepeatsIt() {
    FakeOutlet stream = stream(null);
    byte[] body = join(up(1, "bomb", ""), up(2, "chat", "two"));
    var lost = scene.endpoint.post(post(id()), body).toCompletableFuture();
    FakeOutlet socket = socket(id()); // before the application has had any of it
    socket.taken();
    socket.listener.received(body);
    scene.run();
    assertTrue(lost.isDone());
    assertEquals(
        List.of(
            "eventchannel.refused {\"seq\":1,\"reason\":\"the application failed\"}",
            "eventchannel.ack {\"seq\":2}"),
        socket.taken().stream().distinct().toList());
    assertEquals(4002, stream.closeCode);
    assertEquals(1, heard.stream().filter("two"::equals).count());
  }

  @Test
  void whoRepeatsWithoutEndWhileTheApplicationIsBusyAddsOneCallForAllOfIt() {
    FakeOutlet socket = socket(null);
    for (int round = 1; round <= 2; round++) {
      socket.listener.received(up(round, "chat", "event " + round));
      for (int i = 0; i < 1_000; i++) {
        socket.listener.received(up(round, "chat", "event " + round));
      }
      assertEquals(1, scene.application.runAll(), "calls that one turn makes");
      scene.run();
      assertTrue(socket.taken().contains("eventchannel.ack {\"seq\":" + round + "}"));
    }
    assertEquals(List.of("open websocket", "event 1", "event 2"), heard);
  }

  @Test
  void S32_whoPostsTheSameWithoutEndWhileTheApplicationIsBusyHoldsOneRequestAndOneCall() {
    stream(null);
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (int i = 0; i <= 10_000; i++) {
      scene.clock.advance(Duration.ofMillis(1)); // within the rate of events
      answers.add(scene.endpoint.post(post(id()), up(1, "bomb", "")).toCompletableFuture());
    }
    List<CompletableFuture<Answer>> held = new ArrayList<>(answers);
    held.removeIf(CompletableFuture::isDone);
    assertEquals(List.of(answers.get(0), answers.get(10_000)), held, "who brought it, who asks");
    Answer between = answers.get(5_000).join();
    assertEquals(503, between.status());
    assertEquals("0", between.headers().get("EventChannel-Ack"));

    assertEquals(1, scene.application.runAll(), "calls that one turn makes");
    for (CompletableFuture<Answer> each : held) {
      assertEquals(200, each.join().status());
      assertEquals("1", each.join().headers().get("EventChannel-Ack"));
      assertTrue(Scene.text(each.join()).contains("the application failed"));
    }
    assertEquals(204, scene.post(id(), up(2, "chat", "two")).status());
    assertEquals(List.of("open sse", "two"), heard);
  }

  @Test
  void whoPostsWhatCameBehindItIsAnsweredWhenThatIsDecided() {
    stream(null);
    scene.endpoint.post(post(id()), up(1, "chat", "one"));
    CompletableFuture<Answer> first =
        scene.endpoint.post(post(id()), up(1, "chat", "one")).toCompletableFuture();
    scene.endpoint.post(post(id()), up(2, "chat", "two"));
    CompletableFuture<Answer> last =
        scene.endpoint.post(post(id()), up(2, "chat", "two")).toCompletableFuture();
    assertTrue(first.isDone() && !last.isDone());
    assertEquals(503, first.join().status());
    scene.run();
    assertEquals(204, last.join().status());
    assertEquals("2", last.join().headers().get("EventChannel-Ack"));
  }

  private static Handshake post(String id) {
    return Scene.handshake(
        Handshake.Kind.POST, "EventChannel-Id: " + id, "Content-Type: application/json");
  }

  @Test
  void F37_aPostWhoseAnswerWasLostIsRepeatedAndHandledOnce() {
    stream(null);
    byte[] body = join(up(1, "chat", "one"), up(2, "chat", "two"));
    scene.post(id(), body);
    Answer repeated = scene.post(id(), body);
    assertEquals(204, repeated.status());
    assertEquals("2", repeated.headers().get("EventChannel-Ack"));
    assertEquals(List.of("open sse", "one", "two"), heard);
  }

  @Test
  void aSkipUsesUpItsNumberAndIsNotTold() {
    stream(null);
    Answer answer = scene.post(id(), join(up(1, ControlData.SKIP, ""), up(2, "chat", "two")));
    assertEquals(204, answer.status());
    assertEquals("2", answer.headers().get("EventChannel-Ack"));
    assertEquals(List.of("open sse", "two"), heard);
  }

  @Test
  void aChannelThatEndsBetweenHeadAndStreamSendsItsClientBackForAnother() {
    cut(stream(null));
    Admission admission = ask(Handshake.Kind.SSE, null, id());
    assertEquals(id(), admission.headers().get("EventChannel-Id"));
    channels.get(0).close();
    FakeOutlet stream = scene.open(admission, new FakeOutlet(admission.format()));
    scene.run();
    assertEquals(1001, stream.closeCode);
    assertEquals("closed LOCAL", heard.get(heard.size() - 1));
    stream(id());
    assertEquals(2, channels.size());
    assertEquals(1, scene.endpoint.connections());
  }

  @Test
  void aSendWithoutAConnectionFailsAtOnceAndAnotherConnectionTakesSends() {
    cut(socket(null));
    EventChannel channel = channels.get(0);
    assertTrue(
        channel.send(Event.of("note", "x")).toCompletableFuture().isCompletedExceptionally());
    assertEquals(Set.of(), channel.topics());
    FakeOutlet second = socket(id());
    second.taken();
    channel.send(Event.of("note", "y"));
    scene.run();
    assertEquals(List.of("note y"), second.taken());
    assertSame(channel, channels.get(0));
  }
}
