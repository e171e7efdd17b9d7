package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.control;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Capability;
import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.CursorStore;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Gap;
import io.eventchannel.Receipt;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import io.eventchannel.transport.NetworkMonitor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a channel does over connections that come and go, as transcripts. */
class ReconnectingChannelTest {
  private EngineHarness harness = EngineHarness.create();

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  @Test
  void INV_20_eachStateIsToldOnceAndInOrder() throws Exception {
    EventChannel channel = harness.open();
    assertEquals(ChannelState.CONNECTING, channel.state());
    ScriptedConnection first = harness.webSocket.takeConnection();
    first.opens(OURS);
    assertEquals(ChannelState.OPEN, channel.state());
    assertEquals("websocket", channel.transport());
    assertEquals("channel-1", channel.id());
    first.event(event("e-1", "one"));
    first.breaks();
    assertEquals(ChannelState.WAITING, channel.state());
    assertEquals("websocket", channel.transport(), "stays until another connection opens");
    harness.passDelay();
    assertEquals(ChannelState.CONNECTING, channel.state());
    harness.webSocket.takeConnection().opens(OURS);
    channel.close();
    assertEquals(ChannelState.CLOSING, channel.state());
    harness.listen();
    assertEquals(ChannelState.CLOSED, channel.state());

    // What waited for the listener when the application closed the channel is not told any more.
    assertEquals(Kind.LOCAL, harness.listener.takeClosed().kind());
    harness.listener.assertExhausted();
  }

  @Test
  void F03_anOrderlyEndLeadsToOneLossAndOneOpen() throws Exception {
    ScriptedConnection first = harness.openConnected();
    first.event(event("e-1", "one"));
    first.closes(CloseReason.of(Kind.END_OF_STREAM, "end"));
    harness.passDelay();
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("e-1", second.request().lastEventId());
    second.opens(OURS).event(event("e-2", "two"));
    harness.listen();

    assertEquals("one", harness.listener.takeEvent().data());
    assertEquals(Kind.END_OF_STREAM, harness.listener.takeConnectionLost().reason().kind());
    harness.listener.takeOpen();
    assertEquals("two", harness.listener.takeEvent().data());
    harness.listener.assertExhausted();
  }

  @Test
  void F06_aConnectionThatWasGivenUpSaysNothingMore() throws Exception {
    harness = EngineHarness.lingering();
    ScriptedConnection zombie = harness.openConnected();
    zombie.event(event("e-1", "one"));
    harness.scheduler.advance(Duration.ofMillis(37_500)); // 2.5 heartbeats of silence
    assertTrue(zombie.isCancelled());
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("e-1", second.request().lastEventId());
    second.opens(OURS).event(event("e-2", "two"));

    zombie.event(event("e-2", "two, again"));
    zombie.position("e-99");
    zombie.retryHint(1);
    zombie.closes(CloseReason.closeCode(1000, "final"));
    second.event(event("e-3", "three"));
    harness.listen();

    assertEquals("one", harness.listener.takeEvent().data());
    assertEquals(Kind.HEARTBEAT_TIMEOUT, harness.listener.takeConnectionLost().reason().kind());
    harness.listener.takeOpen();
    assertEquals("two", harness.listener.takeEvent().data());
    assertEquals("three", harness.listener.takeEvent().data());
    harness.listener.assertExhausted();
    second.breaks();
  }

  @Test
  void INV_21_anAttemptThatWasGivenUpIsCancelledWhenItsConnectionIsThere() throws Exception {
    harness = EngineHarness.lingering();
    EventChannel channel = harness.open();
    ScriptedConnection late = harness.webSocket.takeConnection();
    channel.close();
    assertTrue(late.isGivenUp());
    late.opens(OURS).event(event("e-1", "too late"));
    late.breaks();
    harness.listen();
    assertEquals(Kind.LOCAL, harness.listener.takeClosed().kind());
    harness.listener.assertExhausted();
  }

  @Test
  void INV_24_aReconnectResumesAfterWhatWasReceivedThoughNotYetHandled() throws Exception {
    ScriptedConnection first = harness.openConnected();
    first.event(event("e-1", "one")).event(event("e-2", "two"));
    first.breaks();
    harness.passDelay();
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("e-2", second.request().lastEventId());
    second.opens(OURS).event(event("e-3", "three"));
    harness.listen();

    List<String> heard = new ArrayList<>();
    heard.add(harness.listener.takeEvent().data());
    heard.add(harness.listener.takeEvent().data());
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
    heard.add(harness.listener.takeEvent().data());
    assertEquals(List.of("one", "two", "three"), heard);
  }

  @Test
  void INV_23_onlyWhatTheListenerHandledIsStored() throws Exception {
    StoredPosition store = new StoredPosition("e-5");
    EventChannel channel =
        harness.client.open(
            ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(), harness.listener);
    harness.webSocket.assertNoAttempt();
    harness.listen(); // loads
    ScriptedConnection connection = harness.webSocket.takeConnection();
    assertEquals("e-5", connection.request().lastEventId());
    List<@Nullable String> duringCall = new ArrayList<>();
    harness.listener.reacting(
        call -> {
          if (call instanceof Received) {
            duringCall.add(channel.lastEventId());
          }
        });
    connection.opens(OURS).event(event("e-6", "six")).event(event("e-7", "seven"));
    assertEquals("e-5", channel.lastEventId());
    harness.listen();
    assertEquals(List.of("e-5", "e-6"), duringCall);
    assertEquals(List.of("e-6", "e-7"), store.saved);
    assertEquals("e-7", channel.lastEventId());
    harness.listener.takeOpen();
    harness.listener.takeEvents(2);
  }

  @Test
  void INV_23_aListenerThatThrowsIsReportedAndTheNextEventFollows() throws Exception {
    StoredPosition store = new StoredPosition(null);
    harness.client.open(
        ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(), harness.listener);
    harness.listen();
    harness.listener.reacting(
        call -> {
          if (call instanceof Received received && received.event().data().equals("bad")) {
            throw new IllegalStateException("the listener's own");
          }
        });
    harness
        .webSocket
        .takeConnection()
        .opens(OURS)
        .event(event("e-1", "bad"))
        .event(event("e-2", "good"));
    harness.listen();
    harness.listener.takeOpen();
    harness.listener.takeEvents(2);
    assertEquals(List.of("e-1", "e-2"), store.saved);
    assertEquals("the listener's own", harness.errors.get(0).getMessage());
    assertEquals(1, harness.errors.size());
    harness.errors.clear();
  }

  @Test
  void INV_28_aPositionWithoutAnEventIsWhereTheNextConnectionBegins() throws Exception {
    ScriptedConnection first = harness.openConnected();
    first.event(control("position", "e-9", ""));
    first.breaks();
    harness.passDelay();
    assertEquals("e-9", harness.webSocket.takeConnection().request().lastEventId());
    harness.listen();
    harness.listener.takeConnectionLost();
    harness.listener.assertExhausted(); // the control event itself is not told
  }

  @Test
  void INV_28_aConnectionThatIsLostBeforeItsServerToldThePositionIsAGap() throws Exception {
    ScriptedConnection first = harness.openConnected();
    first.breaks(); // what was published since the listener was told that it is open is missing
    harness.passDelay();
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("", second.request().lastEventId());
    second.opens(OURS).event(control("position", "e-9", ""));
    harness.listen();
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
    assertEquals(Gap.Reason.UNKNOWN, harness.listener.takeGap().reason());
    harness.listener.assertExhausted();
  }

  @Test
  void aPositionThatIsTakenBackIsNotSentAgain() throws Exception {
    ScriptedConnection first = harness.openConnected();
    first.event(event("e-1", "one")).position("");
    harness.listen();
    first.breaks();
    harness.passDelay();
    assertEquals("", harness.webSocket.takeConnection().request().lastEventId());
    harness.listen();
    harness.listener.takeEvent();
    harness.listener.takeConnectionLost();
  }

  @Test
  void INV_26_aGapIsToldBeforeTheNextEvent() throws Exception {
    ScriptedConnection first = harness.openConnected();
    first.event(event("a-1", "one"));
    first.event(control("gap", "b-0", "{\"reason\":\"epoch\",\"after\":\"a-1\"}"));
    first.event(event("b-1", "new one"));
    harness.listen();
    assertEquals("one", harness.listener.takeEvent().data());
    assertEquals(new Gap(Gap.Reason.EPOCH, "a-1", "b-0"), harness.listener.takeGap());
    assertEquals("new one", harness.listener.takeEvent().data());
    harness.listener.assertExhausted();
  }

  @Test
  void aGapMovesThePositionSoThatItIsNotReportedTwice() throws Exception {
    ScriptedConnection first = harness.openConnected();
    first.event(control("gap", "b-0", "{\"reason\":\"evicted\"}"));
    first.breaks();
    harness.passDelay();
    assertEquals("b-0", harness.webSocket.takeConnection().request().lastEventId());
    harness.listen();
    assertEquals(new Gap(Gap.Reason.EVICTED, null, "b-0"), harness.listener.takeGap());
    harness.listener.takeConnectionLost();
  }

  @Test
  void controlEventsOfAForeignServerAreOrdinaryEvents() throws Exception {
    harness.open();
    ScriptedConnection foreign = harness.webSocket.takeConnection().opens();
    foreign.event(event("1", "x")).event(control("gap", "2", "{}"));
    foreign.event(control("hello", "3", "{\"channel\":\"no\"}"));
    harness.listen();
    EventChannel channel = harness.listener.takeOpen();
    assertEquals("x", harness.listener.takeEvent().data());
    assertEquals("eventchannel.gap", harness.listener.takeEvent().type());
    assertEquals("eventchannel.hello", harness.listener.takeEvent().type());
    harness.listener.assertExhausted();
    assertNull(channel.id());
    assertFalse(channel.supports(Capability.RESUME));
  }

  @Test
  void aServerOfOursIsOpenOnlyWhenItSaidHello() throws Exception {
    EventChannel channel = harness.open();
    ScriptedConnection connection = harness.webSocket.takeConnection();
    connection.opens(new ConnectionInfo(true, null, -1));
    assertEquals(ChannelState.CONNECTING, channel.state());
    connection.event(
        control(
            "hello", null, "{\"channel\":\"c-7\",\"heartbeat\":2000,\"ack\":0,\"binary\":true}"));
    assertEquals(ChannelState.OPEN, channel.state());
    assertEquals("c-7", channel.id());
    assertTrue(channel.supports(Capability.BINARY));
    harness.scheduler.advance(Duration.ofMillis(4_999));
    assertEquals(ChannelState.OPEN, channel.state());
    harness.scheduler.advance(Duration.ofMillis(1));
    assertEquals(ChannelState.WAITING, channel.state());
    harness.listen();
    harness.listener.takeOpen();
    assertEquals(Kind.HEARTBEAT_TIMEOUT, harness.listener.takeConnectionLost().reason().kind());
  }

  @Test
  void aServerThatNeverSaysHelloTimesOut() throws Exception {
    harness.open();
    harness.webSocket.takeConnection().opens(new ConnectionInfo(true, null, -1));
    harness.scheduler.advance(Duration.ofSeconds(10));
    harness.listen();
    assertEquals(Kind.CONNECT_TIMEOUT, harness.listener.takeConnectionLost().reason().kind());
  }

  @Test
  void INV_32_anyByteIsLife() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    for (int i = 0; i < 10; i++) {
      harness.scheduler.advance(Duration.ofMillis(37_499));
      connection.activity();
    }
    assertFalse(connection.isGivenUp());
    harness.scheduler.advance(Duration.ofMillis(37_500));
    assertTrue(connection.isGivenUp());
    harness.webSocket.takeConnection(); // at once, as the lost one had been stable
    harness.listen();
    harness.listener.takeConnectionLost();
  }

  @Test
  void INV_32_afterALongSleepSilenceIsJudgedOnce() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    connection.event(event("e-1", "one"));
    harness.scheduler.advance(Duration.ofSeconds(30));
    harness.scheduler.stall(Duration.ofMinutes(10));
    assertTrue(connection.isGivenUp());
    harness.scheduler.advance(Duration.ZERO);
    harness.webSocket.takeConnection().opens(OURS);
    assertEquals(2, harness.webSocket.attempts());
    harness.listen();
    harness.listener.takeEvent();
    assertEquals(Duration.ZERO, harness.listener.takeConnectionLost().retryDelay());
    harness.listener.takeOpen();
  }

  @Test
  void silenceIsNotJudgedWhileReadingIsPaused() throws Exception {
    harness = EngineHarness.create(settings -> settings.inboundQueue(4, 1 << 20));
    ScriptedConnection connection = harness.openConnected();
    for (int i = 1; i <= 4; i++) {
      connection.event(event("e-" + i, "x"));
    }
    assertTrue(connection.isPaused());
    harness.scheduler.advance(Duration.ofHours(1));
    assertFalse(connection.isGivenUp());
    harness.listen();
    assertFalse(connection.isPaused());
    harness.scheduler.advance(Duration.ofMillis(37_499));
    assertFalse(connection.isGivenUp());
    harness.scheduler.advance(Duration.ofMillis(1));
    assertTrue(connection.isGivenUp());
    harness.webSocket.takeConnection();
    harness.listen();
    harness.listener.takeEvents(4);
    harness.listener.takeConnectionLost();
  }

  @Test
  void INV_35_whileTheListenerLagsTheChannelNeitherReadsNorConnects() throws Exception {
    harness = EngineHarness.create(settings -> settings.inboundQueue(4, 1 << 20));
    ScriptedConnection connection = harness.openConnected();
    for (int i = 1; i <= 4; i++) {
      connection.event(event("e-" + i, "x"));
    }
    connection.breaks();
    harness.scheduler.advance(Duration.ofHours(1));
    harness.webSocket.assertNoAttempt();
    harness.listen();
    assertEquals("e-4", harness.webSocket.takeConnection().request().lastEventId());
    harness.listener.takeEvents(4);
    harness.listener.takeConnectionLost();
  }

  @Test
  void F13_aServerThatDiesRightAfterEachOpenIsAskedEverMoreSlowly() throws Exception {
    harness.open();
    int attempts = 0;
    Duration end = Duration.ofMinutes(2);
    while (harness.scheduler.elapsed().compareTo(end) < 0) {
      ScriptedConnection connection = harness.webSocket.takeConnection();
      attempts++;
      connection.opens(OURS).event(event("e-" + attempts, "x"));
      harness.scheduler.advance(Duration.ofMillis(10));
      connection.breaks();
      harness.listen();
      harness.passDelay();
    }
    harness.webSocket.takeConnection();
    assertTrue(attempts < 20, attempts + " attempts in two minutes");
  }

  @Test
  void F44_aRetryOfZeroIsNoHotLoopAndAHugeOneIsNoSilence() throws Exception {
    harness.open();
    for (int i = 0; i < 20; i++) {
      harness.webSocket.takeConnection().opens(OURS).retryHint(0).activity().breaks();
      Duration delay = harness.scheduler.nextDelay().orElseThrow();
      assertTrue(delay.compareTo(Duration.ofMillis(100)) >= 0, delay.toString());
      harness.passDelay();
    }
    harness.webSocket.takeConnection().opens(OURS).retryHint(Long.MAX_VALUE).activity().breaks();
    Duration delay = harness.scheduler.nextDelay().orElseThrow();
    assertTrue(delay.compareTo(Duration.ofMinutes(5)) <= 0, delay.toString());
    harness.listen();
  }

  @Test
  void aGoodbyeExplainsTheEndThatFollowsAndSaysWhenToComeBack() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    connection.event(
        control("goodbye", null, "{\"code\":1001,\"reason\":\"restart\",\"delay\":4000}"));
    connection.closes(CloseReason.of(Kind.END_OF_STREAM, "end"));
    harness.listen();
    var lost = harness.listener.takeConnectionLost();
    assertEquals(CloseReason.closeCode(1001, "restart"), lost.reason());
    assertTrue(lost.retryDelay().compareTo(Duration.ofSeconds(4)) >= 0, lost.toString());
  }

  @Test
  void aFinalGoodbyeEndsTheChannelBehindItsEvents() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    connection.event(event("e-1", "last"));
    connection.event(control("goodbye", null, "{\"code\":1008,\"reason\":\"banned\"}"));
    connection.closes(CloseReason.of(Kind.END_OF_STREAM, "end"));
    harness.listen();
    assertEquals("last", harness.listener.takeEvent().data());
    assertEquals(CloseReason.closeCode(1008, "banned"), harness.listener.takeClosed());
  }

  @Test
  void aHandshakeThatAProxyRefusesMovesTheChannelToSseAtTheSamePosition() throws Exception {
    ScriptedConnection first = harness.openConnected();
    first.event(event("e-1", "one"));
    first.breaks();
    harness.passDelay();
    harness.webSocket.takeConnection().closes(CloseReason.httpStatus(403, "Forbidden by proxy"));
    harness.passDelay();
    ScriptedConnection overSse = harness.sse.takeConnection();
    assertEquals("e-1", overSse.request().lastEventId());
    overSse.opens(OURS).event(event("e-2", "two"));
    overSse.breaks();
    harness.passDelay();
    harness.sse.takeConnection(); // it remembers
    harness.webSocket.assertNoAttempt();
    harness.listen();
  }

  @Test
  void aRefusalOfOurServerIsFinalOnAnyTransport() throws Exception {
    harness.open();
    harness
        .webSocket
        .takeConnection()
        .closes(new ConnectionEnd(CloseReason.httpStatus(403, "no such topic"), true, -1));
    harness.listen();
    assertEquals(403, harness.listener.takeClosed().code());
    harness.sse.assertNoAttempt();
  }

  @Test
  void credentialsAreAskedForAtEachAttemptAndToldWhyTheLastFailed() throws Exception {
    List<@Nullable CloseReason> asked = new ArrayList<>();
    harness =
        EngineHarness.create(
            settings ->
                settings.credentials(
                    lastFailure -> {
                      asked.add(lastFailure);
                      return CompletableFuture.completedFuture(
                          Credentials.header("Authorization", "token-" + asked.size()));
                    }));
    harness.open();
    harness.listen();
    ScriptedConnection first = harness.webSocket.takeConnection();
    assertEquals(
        List.of(Map.entry("Authorization", "token-1")), List.copyOf(first.request().headers()));
    first.closes(CloseReason.httpStatus(401, "expired"));
    harness.passDelay();
    harness.listen();
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("token-2", second.request().headers().get(0).getValue());
    second.closes(CloseReason.httpStatus(401, "still no"));
    harness.listen();
    harness.listener.takeConnectionLost();
    assertEquals(401, harness.listener.takeClosed().code());
    assertNull(asked.get(0));
    assertEquals(401, asked.get(1).code());
    assertEquals(2, asked.size());
  }

  @Test
  void credentialsThatCannotBeHadNowAreAskedForAgain() throws Exception {
    harness =
        EngineHarness.create(
            settings ->
                settings.credentials(
                    lastFailure -> CompletableFuture.failedFuture(new IOException("no network"))));
    harness.open();
    harness.listen();
    assertEquals(Kind.NETWORK, harness.listener.takeConnectionLost().reason().kind());
    harness.webSocket.assertNoAttempt();
  }

  @Test
  void credentialsThatComeTooLateSpeakAgainstNoTransport() throws Exception {
    List<CompletableFuture<Credentials>> asked = new ArrayList<>();
    harness =
        EngineHarness.create(
            settings ->
                settings.credentials(
                    lastFailure -> {
                      asked.add(new CompletableFuture<>());
                      return asked.get(asked.size() - 1);
                    }));
    harness.open();
    for (int attempt = 1; attempt <= 2; attempt++) {
      harness.listen();
      assertEquals(attempt, asked.size());
      harness.passDelay(); // the connect timeout
      harness.listen();
      assertEquals(Kind.CONNECT_TIMEOUT, harness.listener.takeConnectionLost().reason().kind());
      harness.passDelay();
    }
    harness.listen();
    asked.get(2).complete(Credentials.none());
    harness.webSocket.takeConnection().opens(OURS);
    harness.listen();
    assertEquals("websocket", harness.listener.takeOpen().transport());
    assertEquals(0, harness.sse.attempts());
  }

  @Test
  void aRefusalIsToldAgainWhereTheNetworkFailedBeforeThereWereOtherCredentials() throws Exception {
    List<Integer> asked = new ArrayList<>();
    harness =
        EngineHarness.create(
            settings ->
                settings.credentials(
                    lastFailure -> {
                      asked.add(lastFailure == null ? 0 : lastFailure.code());
                      return asked.size() == 2
                          ? CompletableFuture.failedFuture(new IOException("no network"))
                          : CompletableFuture.completedFuture(
                              Credentials.header("Authorization", "token-" + asked.size()));
                    }));
    harness.open();
    harness.listen();
    harness.webSocket.takeConnection().closes(CloseReason.httpStatus(401, "expired"));
    harness.passDelay();
    harness.listen();
    harness.passDelay();
    harness.listen();
    assertEquals(List.of(0, 401, 401), asked);
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals(
        List.of(Map.entry("Authorization", "token-3")), List.copyOf(second.request().headers()));
    assertEquals(401, harness.listener.takeConnectionLost().reason().code());
    assertEquals(Kind.NETWORK, harness.listener.takeConnectionLost().reason().kind());

    second.opens(OURS).activity().breaks();
    harness.passDelay();
    harness.listen();
    harness.webSocket.takeConnection();
    assertEquals(List.of(0, 401, 401, -1), asked, "others were supplied since");
  }

  @Test
  void INV_31_closeWinsOverCredentialsThatComeLater() throws Exception {
    CompletableFuture<Credentials> later = new CompletableFuture<>();
    harness = EngineHarness.create(settings -> settings.credentials(lastFailure -> later));
    EventChannel channel = harness.open();
    harness.listen();
    channel.close();
    later.complete(Credentials.none());
    harness.webSocket.assertNoAttempt();
    harness.listen();
    assertEquals(Kind.LOCAL, harness.listener.takeClosed().kind());
    harness.listener.assertExhausted();
  }

  @Test
  void INV_31_closeWhileWaitingTakesTheAttemptBack() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    EventChannel channel = null;
    connection.breaks();
    harness.listen();
    channel = harness.listener.takeConnectionLost().channel();
    channel.close();
    assertEquals(0, harness.scheduler.pendingTasks());
    harness.scheduler.advance(Duration.ofHours(1));
    harness.webSocket.assertNoAttempt();
    harness.listen();
    harness.listener.takeClosed();
  }

  @Test
  void INV_30_closeInsideACallbackIsTheLastThingHeard() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    harness.listener.reacting(
        call -> {
          call.channel().close();
          call.channel().close();
        });
    connection.event(event("e-1", "one")).event(event("e-2", "never heard"));
    harness.listen();
    assertEquals("one", harness.listener.takeEvent().data());
    harness.listener.takeClosed();
    harness.listener.assertExhausted();
    assertTrue(connection.isClosed());
  }

  @Test
  void F28_aListenerMaySendAndCloseAndTheNextCallsFollow() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    List<CompletableFuture<Receipt>> sent = new ArrayList<>();
    harness.listener.reacting(
        call -> {
          if (call instanceof Received received) {
            sent.add(
                received
                    .channel()
                    .send(Event.message("re: " + received.event().data()))
                    .toCompletableFuture());
          }
        });
    connection.event(event("e-1", "one")).event(event("e-2", "two"));
    harness.listen();
    harness.listener.takeEvents(2);
    assertEquals("re: one", connection.takeSent().event().data());
    assertEquals("re: two", connection.takeSent().event().data());
    connection.acknowledges(2);
    harness.listen();
    assertTrue(sent.get(0).isDone() && sent.get(1).isDone());
  }

  @Test
  void aNetworkThatComesBackEndsTheWait() throws Exception {
    NetworkMonitor.Listener[] told = new NetworkMonitor.Listener[1];
    boolean[] stopped = new boolean[1];
    harness =
        EngineHarness.create(
            settings ->
                settings.networkMonitor(
                    listener -> {
                      told[0] = listener;
                      return () -> stopped[0] = true;
                    }));
    harness.open();
    harness.webSocket.takeConnection().breaks();
    told[0].onAvailable();
    harness.webSocket.takeConnection().opens(OURS);
    told[0].onAvailable(); // an open connection is left alone
    assertEquals(2, harness.webSocket.attempts());
    harness.listen();
    harness.client.close();
    assertTrue(stopped[0]);
  }

  @Test
  void aCursorStoreThatCannotLoadEndsTheChannelRatherThanSkippingEvents() throws Exception {
    CursorStore broken =
        new CursorStore() {
          @Override
          public @Nullable String load() {
            throw new IllegalStateException("disk");
          }

          @Override
          public void save(@Nullable String lastEventId) {}
        };
    harness.client.open(
        ChannelRequest.builder(EngineHarness.URL).cursorStore(broken).build(), harness.listener);
    harness.listen();
    assertEquals(Kind.APPLICATION, harness.listener.takeClosed().kind());
    harness.webSocket.assertNoAttempt();
  }

  @Test
  void aClosedClientOpensNothing() {
    harness.client.close();
    assertThrows(IllegalStateException.class, harness::open);
    assertTrue(harness.webSocket.isClosed());
    assertTrue(harness.sse.isClosed());
  }

  @Test
  void topicsStandInTheQuery() throws Exception {
    harness.client.open(
        ChannelRequest.builder("https://example.com/feed?a=b#part").topic("x/y").topic("z").build(),
        harness.listener);
    assertEquals(
        "https://example.com/feed?a=b&topic=x/y&topic=z",
        harness.webSocket.takeConnection().request().url());
    assertThrows(
        IllegalArgumentException.class, () -> ChannelRequest.builder("https://e.com").topic("a b"));
  }

  /** A store in memory that remembers every save. */
  private static final class StoredPosition implements CursorStore {
    private final @Nullable String stored;
    private final List<@Nullable String> saved = new ArrayList<>();

    StoredPosition(@Nullable String stored) {
      this.stored = stored;
    }

    @Override
    public @Nullable String load() {
      return stored;
    }

    @Override
    public void save(@Nullable String lastEventId) {
      saved.add(lastEventId);
    }
  }
}
