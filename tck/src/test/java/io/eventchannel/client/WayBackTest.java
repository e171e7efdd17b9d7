package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.control;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Receipt;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.NetworkMonitor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A channel that had to go over to SSE, and its way back to WebSocket. */
class WayBackTest {
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);
  private static final ConnectionInfo UPGRADED = new ConnectionInfo(true, null, -1);
  private static final String HELLO =
      "{\"channel\":\"probe-1\",\"heartbeat\":15000,\"ack\":0,\"binary\":true}";

  private EngineHarness harness = EngineHarness.create();
  private @Nullable EventChannel channel;

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  /** Refuses the upgrade, and opens the event stream that the channel goes over to. */
  private ScriptedConnection goOverToSse() throws InterruptedException {
    channel = harness.open();
    harness.webSocket.takeConnection().closes(CloseReason.httpStatus(400, "no upgrades here"));
    harness.passDelay();
    ScriptedConnection stream = harness.sse.takeConnection();
    stream.opens(OURS).event(event("e-1", "one"));
    harness.listen();
    assertEquals("sse", Objects.requireNonNull(channel).transport());
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
    assertEquals("one", harness.listener.takeEvent().data());
    return stream;
  }

  /** Lets time pass while the stream shows that it lives. */
  private void advance(ScriptedConnection alive, Duration time) {
    for (Duration left = time; !left.isZero(); ) {
      Duration step = left.compareTo(HEARTBEAT) < 0 ? left : HEARTBEAT;
      harness.scheduler.advance(step);
      left = left.minus(step);
      if (!alive.isGivenUp()) {
        alive.activity();
      }
    }
  }

  private static Duration lookDelay(int looks) {
    return Duration.ofMillis((long) (Duration.ofMinutes(5).toMillis() * (1L << looks) * 1.1));
  }

  private ScriptedConnection answeredProbe() throws InterruptedException {
    ScriptedConnection probe = harness.webSocket.takeConnection();
    probe
        .opens(UPGRADED)
        .event(control("hello", null, HELLO))
        .event(control("position", "e-1", ""));
    return probe;
  }

  @Test
  void aProbeThatLivesThroughAHeartbeatLeadsBackWithoutAHoleOrARepeat() throws Exception {
    ScriptedConnection stream = goOverToSse();
    advance(stream, lookDelay(0).minusMillis(1));
    harness.webSocket.assertNoAttempt();
    advance(stream, Duration.ofMillis(1));
    ScriptedConnection probe = answeredProbe();
    assertTrue(probe.request().url().endsWith("probe=1"), probe.request().url());
    assertEquals("", probe.request().lastEventId(), "a probe asks for no events");
    assertNull(probe.request().channelId());
    assertEquals(1, probe.pings(), "it asks for an answer");

    advance(stream, Duration.ofSeconds(14));
    stream.event(event("e-2", "two"));
    assertFalse(stream.isGivenUp(), "until the probe has proved it, the stream goes on");
    probe.event(control("position", "e-2", ""));
    assertTrue(probe.isClosed());
    assertTrue(stream.isClosed(), "and it ended before the next begins");
    harness.passDelay();
    ScriptedConnection socket = harness.webSocket.takeConnection();
    assertEquals("e-2", socket.request().lastEventId());
    socket.opens(OURS).event(event("e-3", "three"));
    harness.listen();

    assertEquals("two", harness.listener.takeEvent().data());
    CloseReason why = harness.listener.takeConnectionLost().reason();
    assertEquals(Kind.LOCAL, why.kind());
    assertEquals("websocket passes again", why.text());
    assertEquals("websocket", harness.listener.takeOpen().transport());
    assertEquals("three", harness.listener.takeEvent().data());
    harness.listener.assertExhausted();
  }

  @Test
  void aFirstHeartbeatThatComesEarlyProvesNothingYet() throws Exception {
    ScriptedConnection stream = goOverToSse();
    advance(stream, lookDelay(0));
    ScriptedConnection probe = answeredProbe();
    advance(stream, HEARTBEAT.dividedBy(2));
    probe.event(control("position", "e-1", ""));
    assertFalse(probe.isClosed());
    advance(stream, HEARTBEAT);
    probe.event(control("position", "e-1", ""));

    assertTrue(probe.isClosed());
    assertTrue(stream.isClosed());
    harness.passDelay();
    harness.webSocket.takeConnection();
  }

  @Test
  void aProbeThatFailsIsRepeatedEverMoreSeldom() throws Exception {
    ScriptedConnection stream = goOverToSse();
    advance(stream, lookDelay(0));
    harness.webSocket.takeConnection().closes(CloseReason.httpStatus(400, "no upgrades here"));

    advance(stream, lookDelay(1).minusMillis(1));
    harness.webSocket.assertNoAttempt();
    advance(stream, Duration.ofMillis(1));
    ScriptedConnection silent = answeredProbe();
    advance(stream, Duration.ofMillis(37_500)); // hello came, and nothing after it
    assertTrue(silent.isCancelled());

    advance(stream, lookDelay(2));
    harness.webSocket.takeConnection(); // hangs
    advance(stream, Duration.ofSeconds(10));
    advance(stream, lookDelay(3));
    harness.webSocket.takeConnection().opens(ConnectionInfo.foreign()); // no server of ours

    for (int looks = 4; looks < 8; looks++) {
      advance(stream, Duration.ofMinutes(66)); // an hour and the jitter
      harness.webSocket.takeConnection().breaks();
    }
    assertFalse(stream.isGivenUp(), "whatever becomes of probes, the channel goes on");
    harness.listen();
    harness.listener.assertExhausted();
  }

  @Test
  void aChannelWaitsForTheFateOfWhatItSentBeforeItGoesBack() throws Exception {
    ScriptedConnection stream = goOverToSse();
    CompletableFuture<Receipt> sent = sendOverStream(stream);
    advance(stream, lookDelay(0));
    ScriptedConnection probe = answeredProbe();
    advance(stream, Duration.ofSeconds(14));
    probe.activity();
    assertTrue(probe.isClosed());
    assertFalse(stream.isGivenUp(), "an event is undecided");
    stream.acknowledges(1);
    assertTrue(stream.isClosed());
    harness.listen();
    sent.get();
    harness.listener.takeConnectionLost();
  }

  @Test
  void butItWaitsForNoMoreThanAMinute() throws Exception {
    ScriptedConnection stream = goOverToSse();
    CompletableFuture<Receipt> sent = sendOverStream(stream);
    advance(stream, lookDelay(0));
    ScriptedConnection probe = answeredProbe();
    advance(stream, Duration.ofSeconds(14));
    probe.activity();
    advance(stream, Duration.ofSeconds(59));
    assertFalse(stream.isGivenUp());
    advance(stream, Duration.ofSeconds(1));
    assertTrue(stream.isClosed());
    harness.listen();
    harness.listener.takeConnectionLost();
    ScriptedConnection socket = harness.webSocket.takeConnection();
    socket.opens(OURS);
    assertEquals(1, socket.takeSent().seq(), "sent again over the other transport");
    socket.acknowledges(1);
    harness.listen();
    assertEquals(Receipt.ONCE, sent.get());
    harness.listener.takeOpen();
  }

  private CompletableFuture<Receipt> sendOverStream(ScriptedConnection stream) throws Exception {
    CompletableFuture<Receipt> sent =
        Objects.requireNonNull(channel).send(Event.message("up")).toCompletableFuture();
    assertEquals("up", stream.takeSent().event().data());
    return sent;
  }

  @Test
  void theProbeEndsWithTheConnectionItStandsBy() throws Exception {
    ScriptedConnection stream = goOverToSse();
    advance(stream, lookDelay(0));
    ScriptedConnection probe = answeredProbe();
    stream.breaks();
    assertTrue(probe.isCancelled());
    harness.passDelay();
    harness.sse.takeConnection().opens(OURS);
    harness.listen();
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
  }

  @Test
  void closingTheChannelEndsTheProbe() throws Exception {
    ScriptedConnection stream = goOverToSse();
    advance(stream, lookDelay(0));
    ScriptedConnection probe = answeredProbe();
    harness.client.close();
    assertTrue(probe.isGivenUp());
    harness.listen();
    harness.listener.takeClosed();
  }

  @Test
  void onAnotherNetworkAProbeIsMadeAtOnce() throws Exception {
    List<NetworkMonitor.Listener> told = new ArrayList<>();
    harness =
        EngineHarness.create(
            settings ->
                settings.networkMonitor(
                    listener -> {
                      told.add(listener);
                      return () -> {};
                    }));
    ScriptedConnection stream = goOverToSse();
    told.get(0).onChanged();
    assertTrue(stream.isCancelled());
    ScriptedConnection second = harness.sse.takeConnection();
    assertEquals("e-1", second.request().lastEventId());
    second.opens(OURS);
    harness.scheduler.runDue();
    harness.webSocket.takeConnection();
    harness.listen();
    assertEquals("the network changed", harness.listener.takeConnectionLost().reason().text());
    harness.listener.takeOpen();
  }

  @Test
  void aServerThatIsNotOursIsNotProbed() throws Exception {
    harness.open();
    harness.webSocket.takeConnection().closes(CloseReason.httpStatus(400, "no upgrades here"));
    harness.passDelay();
    ScriptedConnection stream = harness.sse.takeConnection();
    stream.opens(ConnectionInfo.foreign());
    advance(stream, Duration.ofHours(2));
    harness.webSocket.assertNoAttempt();
    harness.listen();
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
  }

  @Test
  void aWayBackThatDoesNotHoldIsTakenEverMoreSeldom() throws Exception {
    ScriptedConnection stream = goOverToSse();
    advance(stream, lookDelay(0));
    ScriptedConnection probe = answeredProbe();
    advance(stream, Duration.ofSeconds(14));
    probe.activity();
    harness.passDelay();
    harness.webSocket.takeConnection().closes(CloseReason.httpStatus(400, "no upgrades here"));
    harness.passDelay();
    ScriptedConnection again = harness.sse.takeConnection();
    again.opens(OURS).activity();
    advance(again, lookDelay(1).minusMillis(1));
    harness.webSocket.assertNoAttempt();
    advance(again, Duration.ofMillis(1));
    harness.webSocket.takeConnection();
    harness.listen();
    harness.listener.takeConnectionLost();
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
  }
}
