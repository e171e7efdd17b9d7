package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.DeliveryUnknownException;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.OutboxFullException;
import io.eventchannel.tck.ScriptedConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the events that an application sends. */
class UpstreamTest {
  private EngineHarness harness = EngineHarness.create();

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  @Test
  void INV_34_whatALostConnectionHadInHandIsUnknownAndWhatItHadNotIsSentLater() throws Exception {
    EventChannel channel = harness.open();
    ScriptedConnection first = harness.webSocket.takeConnection().opens(OURS);
    CompletableFuture<Void> inHand = send(channel, "in hand");
    assertEquals("in hand", first.takeSent().event().data());
    first.breaks();
    CompletableFuture<Void> waiting = send(channel, "waiting");
    harness.listen();
    assertFailed(DeliveryUnknownException.class, inHand);
    assertFalse(waiting.isDone());

    harness.passDelay();
    ScriptedConnection second = harness.webSocket.takeConnection().opens(OURS);
    ScriptedConnection.Sent sent = second.takeSent();
    assertEquals("waiting", sent.event().data());
    assertEquals(1, sent.seq());
    second.acknowledges(1);
    harness.listen();
    waiting.get();
  }

  @Test
  void INV_34_closeCompletesWhatIsStillUndecided() throws Exception {
    EventChannel channel = harness.open();
    CompletableFuture<Void> waiting = send(channel, "waiting");
    channel.close();
    harness.listen();
    assertFailed(ChannelClosedException.class, waiting);
    assertFailed(ChannelClosedException.class, send(channel, "too late"));
    harness.webSocket.takeConnection();
  }

  @Test
  void anAcknowledgementDecidesAllBeforeItAndARefusalFailsItsOwn() throws Exception {
    EventChannel channel = harness.open();
    ScriptedConnection connection = harness.webSocket.takeConnection().opens(OURS);
    CompletableFuture<Void> first = send(channel, "a");
    CompletableFuture<Void> second = send(channel, "b");
    CompletableFuture<Void> third = send(channel, "c");
    for (int seq = 1; seq <= 3; seq++) {
      assertEquals(seq, connection.takeSent().seq());
    }
    connection.refuses(2, "not that one").acknowledges(2);
    harness.listen();
    first.get();
    assertEquals(
        "not that one",
        assertThrows(ExecutionException.class, second::get).getCause().getMessage());
    assertFalse(third.isDone());
    connection.acknowledges(3).acknowledges(3).refuses(3, "too late");
    harness.listen();
    third.get();
  }

  @Test
  void aFullOutboxTakesNothingMoreUntilSomethingIsDecided() throws Exception {
    harness = EngineHarness.create(settings -> settings.outbox(2, 10_000));
    EventChannel channel = harness.open();
    ScriptedConnection connection = harness.webSocket.takeConnection().opens(OURS);
    send(channel, "a");
    send(channel, "b");
    assertFailed(OutboxFullException.class, send(channel, "c"));
    connection.takeSent();
    connection.takeSent();
    connection.acknowledges(1);
    send(channel, "d");
    assertEquals("d", connection.takeSent().event().data());
    connection.acknowledges(3);
    assertFailed(OutboxFullException.class, send(channel, "x".repeat(10_000)));
  }

  @Test
  void aConnectionThatGoesOneWayRefusesAtOnce() throws Exception {
    EventChannel channel = harness.open();
    CompletableFuture<Void> early = send(channel, "early");
    harness.webSocket.takeConnection().opens(); // a foreign server, and no word of sending
    assertFailed(UnsupportedOperationException.class, send(channel, "late"));
    harness.listen();
    assertFailed(UnsupportedOperationException.class, early);
  }

  @Test
  void anEventOfTheProtocolIsNoneOfTheApplications() throws Exception {
    EventChannel channel = harness.open();
    assertThrows(
        IllegalArgumentException.class, () -> channel.send(Event.of("eventchannel.hello", "{}")));
    channel.close();
    assertThrows(IllegalArgumentException.class, () -> channel.send(Event.of("a\nb", "")));
    harness.webSocket.takeConnection();
  }

  private static CompletableFuture<Void> send(EventChannel channel, String data) {
    return channel.send(Event.message(data)).toCompletableFuture();
  }

  private static void assertFailed(
      Class<? extends Throwable> expected, CompletableFuture<Void> stage) {
    assertTrue(stage.isDone(), "expected a decided stage");
    assertEquals(
        expected, assertThrows(ExecutionException.class, stage::get).getCause().getClass());
  }
}
