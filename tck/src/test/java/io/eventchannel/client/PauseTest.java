package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Receipt;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.NetworkMonitor;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client whose application sleeps, or whose device moves to another network. */
class PauseTest {
  private final List<NetworkMonitor.Listener> network = new ArrayList<>();
  private final EngineHarness harness =
      EngineHarness.create(
          settings ->
              settings.networkMonitor(
                  listener -> {
                    network.add(listener);
                    return () -> {};
                  }));

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  @Test
  void aPausedClientHoldsNoConnectionAndNoTimerAndGoesOnWhereItWas() throws Exception {
    ScriptedConnection first = harness.openConnected();
    first.event(event("e-1", "one"));
    harness.client.pause();
    harness.client.pause();
    assertTrue(first.isClosed());
    assertEquals(0, harness.scheduler.pendingTasks());
    harness.listen();
    assertEquals("one", harness.listener.takeEvent().data());
    ConnectionLost lost = harness.listener.takeConnectionLost();
    assertEquals(Kind.LOCAL, lost.reason().kind());
    assertEquals(ChronoUnit.FOREVER.getDuration(), lost.retryDelay());
    assertEquals(ChannelState.WAITING, lost.channel().state());

    harness.scheduler.advance(Duration.ofDays(7));
    network.get(0).onAvailable();
    network.get(0).onChanged();
    harness.webSocket.assertNoAttempt();

    harness.client.resume();
    harness.client.resume();
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("e-1", second.request().lastEventId());
    second.opens(OURS).event(event("e-2", "two"));
    harness.listen();
    harness.listener.takeOpen();
    assertEquals("two", harness.listener.takeEvent().data());
    harness.listener.assertExhausted();
  }

  @Test
  void whileWaitingForTheNextAttemptAPauseTakesItBackAndTellsNothing() throws Exception {
    harness.openConnected().breaks();
    harness.client.pause();
    assertEquals(0, harness.scheduler.pendingTasks());
    harness.listen();
    harness.listener.takeConnectionLost();
    harness.client.resume();
    harness.webSocket.takeConnection().opens(OURS);
    harness.listen();
    harness.listener.takeOpen();
  }

  @Test
  void whileConnectingAPauseGivesTheAttemptUp() throws Exception {
    harness.open();
    ScriptedConnection attempt = harness.webSocket.takeConnection();
    harness.client.pause();
    assertTrue(attempt.isGivenUp());
    harness.listen();
    harness.listener.takeConnectionLost();
  }

  @Test
  void aChannelOpenedMeanwhileWaitsToo() throws Exception {
    harness.client.pause();
    EventChannel channel = harness.open();
    assertEquals(ChannelState.WAITING, channel.state());
    CompletableFuture<Receipt> sent = channel.send(Event.message("up")).toCompletableFuture();
    harness.webSocket.assertNoAttempt();
    harness.client.resume();
    ScriptedConnection connection = harness.webSocket.takeConnection();
    connection.opens(OURS);
    assertEquals("up", connection.takeSent().event().data());
    connection.acknowledges(1);
    harness.listen();
    sent.get();
  }

  @Test
  void aPausedChannelCanBeClosed() throws Exception {
    EventChannel channel = harness.open();
    harness.webSocket.takeConnection();
    harness.client.pause();
    channel.close();
    harness.client.resume();
    harness.listen();
    harness.webSocket.assertNoAttempt();
    assertEquals(Kind.LOCAL, harness.listener.takeClosed().kind());
    harness.listener.assertExhausted();
  }

  @Test
  void anotherNetworkEndsTheWaitAndTheRowOfFailures() throws Exception {
    harness.open();
    harness.webSocket.takeConnection().breaks();
    harness.listen();
    Duration afterOneFailure = harness.listener.takeConnectionLost().retryDelay();
    network.get(0).onChanged();
    harness.webSocket.takeConnection();
    network.get(0).onChanged(); // that attempt is of the old network, too
    harness.webSocket.takeConnection().breaks();
    harness.listen();
    assertEquals("the network changed", harness.listener.takeConnectionLost().reason().text());
    assertEquals(afterOneFailure, harness.listener.takeConnectionLost().retryDelay());
  }

  @Test
  void aConnectionOverTheOldNetworkIsDroppedAndMadeAnewAtOnce() throws Exception {
    ScriptedConnection old = harness.openConnected();
    old.event(event("e-1", "one"));
    network.get(0).onChanged();
    assertTrue(old.isCancelled(), "its peer is out of reach: no goodbye");
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("e-1", second.request().lastEventId());
    second.opens(OURS);
    network.get(0).onAvailable(); // which says nothing against a connection that is open
    assertFalse(second.isGivenUp());
    assertEquals(1, harness.webSocket.networkChanges());
    harness.listen();
    harness.listener.takeEvent();
    assertEquals(Duration.ZERO, harness.listener.takeConnectionLost().retryDelay());
    harness.listener.takeOpen();
  }

  @Test
  void F39_aStreamOfOursThatShowsNoByteIsGivenUpLongBeforeASilentOneAndGoesTheOtherWay()
      throws Exception {
    harness.open();
    harness.webSocket.takeConnection().closes(CloseReason.httpStatus(400, "no upgrades here"));
    harness.passDelay();
    ScriptedConnection held = harness.sse.takeConnection();
    held.opens(OURS);
    harness.scheduler.advance(Duration.ofMillis(9_999));
    assertFalse(held.isGivenUp());
    harness.scheduler.advance(Duration.ofMillis(1));
    assertTrue(held.isGivenUp());
    harness.passDelay();
    harness.webSocket.takeConnection();
    harness.listen();
  }

  @Test
  void aStreamOfAnotherServerMayBeginInSilence() throws Exception {
    harness.open();
    ScriptedConnection quiet = harness.webSocket.takeConnection();
    quiet.opens(ConnectionInfo.foreign());
    harness.scheduler.advance(Duration.ofMinutes(3));
    assertEquals(1, quiet.pings(), "asked for a sign of life");
    harness.scheduler.advance(Duration.ofMinutes(1));
    quiet.activity(); // the answer
    harness.scheduler.advance(Duration.ofMinutes(4));
    assertFalse(quiet.isGivenUp());
    assertEquals(2, quiet.pings());
    harness.scheduler.advance(Duration.ofMinutes(1));
    assertTrue(quiet.isGivenUp());
    harness.listen();
    harness.webSocket.takeConnection();
  }
}
