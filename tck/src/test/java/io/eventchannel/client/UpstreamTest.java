package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.CloseReason;
import io.eventchannel.DeliveryUnknownException;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.OutboxFullException;
import io.eventchannel.Receipt;
import io.eventchannel.SendRejectedException;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.transport.ConnectionInfo;
import java.util.ArrayList;
import java.util.List;
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

  private static final ConnectionInfo ANOTHER = new ConnectionInfo(true, "channel-2", 15_000);

  /** Sends three events, of which the first is acknowledged, and loses the connection. */
  private List<CompletableFuture<Receipt>> lose(EventChannel channel) throws Exception {
    ScriptedConnection first = harness.webSocket.takeConnection().opens(OURS);
    List<CompletableFuture<Receipt>> sent = new ArrayList<>();
    for (String data : List.of("a", "b", "c")) {
      sent.add(send(channel, data));
      assertEquals(data, first.takeSent().event().data());
    }
    first.activity().acknowledges(1);
    first.breaks();
    harness.listen();
    assertEquals(Receipt.ONCE, sent.get(0).get());
    assertFalse(sent.get(1).isDone());
    return sent;
  }

  private ScriptedConnection reconnect() throws InterruptedException {
    harness.passDelay();
    return harness.webSocket.takeConnection();
  }

  @Test
  void whatWasNotAcknowledgedIsSentAgainUnderTheSameNumbers() throws Exception {
    EventChannel channel = harness.open();
    List<CompletableFuture<Receipt>> sent = lose(channel);
    CompletableFuture<Receipt> waiting = send(channel, "d");
    ScriptedConnection second = reconnect();
    assertEquals("channel-1", second.request().channelId());
    second.opens(OURS.withAcknowledged(2));
    assertEquals(new ScriptedConnection.Sent(3, Event.message("c")), second.takeSent());
    assertEquals(new ScriptedConnection.Sent(4, Event.message("d")), second.takeSent());
    harness.listen();
    assertEquals(Receipt.ONCE, sent.get(1).get());
    assertFalse(sent.get(2).isDone());
    second.acknowledges(4);
    harness.listen();
    assertEquals(Receipt.ONCE, sent.get(2).get());
    assertEquals(Receipt.ONCE, waiting.get());
  }

  @Test
  void aServerThatForgotTheChannelGetsThemUnderNewNumbersAndTheReceiptSaysSo() throws Exception {
    EventChannel channel = harness.open();
    List<CompletableFuture<Receipt>> sent = lose(channel);
    CompletableFuture<Receipt> waiting = send(channel, "d");
    ScriptedConnection second = reconnect().opens(ANOTHER);
    assertEquals(new ScriptedConnection.Sent(1, Event.message("b")), second.takeSent());
    assertEquals(new ScriptedConnection.Sent(2, Event.message("c")), second.takeSent());
    assertEquals(new ScriptedConnection.Sent(3, Event.message("d")), second.takeSent());
    second.acknowledges(3);
    harness.listen();
    assertEquals(Receipt.AT_LEAST_ONCE, sent.get(1).get());
    assertEquals(Receipt.AT_LEAST_ONCE, sent.get(2).get());
    assertEquals(Receipt.ONCE, waiting.get());
    assertEquals("channel-2", channel.id());
  }

  @Test
  void INV_34_atMostOnceTellsThatNobodyKnows() throws Exception {
    EventChannel channel =
        harness.client.open(
            ChannelRequest.builder(EngineHarness.URL).sendAtMostOnce().build(), harness.listener);
    List<CompletableFuture<Receipt>> sent = lose(channel);
    ScriptedConnection second = reconnect().opens(OURS.withAcknowledged(1));
    assertEquals(2, second.takeSent().seq()); // the same channel takes nothing twice
    assertEquals(3, second.takeSent().seq());
    second.activity().breaks();
    CompletableFuture<Receipt> waiting = send(channel, "d");
    ScriptedConnection third = reconnect().opens(ANOTHER);
    assertEquals(new ScriptedConnection.Sent(1, Event.message("d")), third.takeSent());
    third.acknowledges(1);
    harness.listen();
    assertFailed(DeliveryUnknownException.class, sent.get(1));
    assertFailed(DeliveryUnknownException.class, sent.get(2));
    assertEquals(Receipt.ONCE, waiting.get());
  }

  @Test
  void whereCountingWentWrongTheNextConnectionAsksForANewChannel() throws Exception {
    EventChannel channel = harness.open();
    ScriptedConnection first = harness.webSocket.takeConnection().opens(OURS);
    CompletableFuture<Receipt> sent = send(channel, "a");
    first.takeSent();
    first.activity().closes(CloseReason.closeCode(4400, "sequence hole: expected 7"));
    ScriptedConnection second = reconnect();
    assertNull(second.request().channelId());
    second.opens(ANOTHER);
    assertEquals(1, second.takeSent().seq());
    second.activity().acknowledges(1).breaks();
    harness.listen();
    assertEquals(Receipt.AT_LEAST_ONCE, sent.get());
    assertEquals("channel-2", reconnect().request().channelId());
  }

  @Test
  void aChangeOfTransportKeepsChannelAndNumbers() throws Exception {
    EventChannel channel = harness.open();
    List<CompletableFuture<Receipt>> sent = lose(channel);
    reconnect().closes(CloseReason.httpStatus(404, "no upgrades here")); // so over to SSE
    harness.passDelay();
    ScriptedConnection stream = harness.sse.takeConnection();
    assertEquals("channel-1", stream.request().channelId());
    stream.opens(OURS.withAcknowledged(1));
    assertEquals(2, stream.takeSent().seq());
    assertEquals(3, stream.takeSent().seq());
    stream.acknowledges(3);
    harness.listen();
    assertEquals(Receipt.ONCE, sent.get(2).get());
  }

  @Test
  void INV_34_whatNobodyAnsweredWhenTheChannelClosesIsUnknown() throws Exception {
    EventChannel channel = harness.open();
    List<CompletableFuture<Receipt>> sent = lose(channel);
    CompletableFuture<Receipt> waiting = send(channel, "d");
    channel.close();
    harness.listen();
    assertFailed(DeliveryUnknownException.class, sent.get(1));
    assertFailed(DeliveryUnknownException.class, sent.get(2));
    assertFailed(ChannelClosedException.class, waiting);
  }

  @Test
  void INV_34_closeCompletesWhatIsStillUndecided() throws Exception {
    EventChannel channel = harness.open();
    CompletableFuture<Receipt> waiting = send(channel, "waiting");
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
    CompletableFuture<Receipt> first = send(channel, "a");
    CompletableFuture<Receipt> second = send(channel, "b");
    CompletableFuture<Receipt> third = send(channel, "c");
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
  void INV_34_aRefusalByAServerThatForgotTheChannelDoesNotTellWhatTheOneBeforeDid()
      throws Exception {
    EventChannel channel = harness.open();
    List<CompletableFuture<Receipt>> sent = lose(channel);
    CompletableFuture<Receipt> waiting = send(channel, "d");
    ScriptedConnection second = reconnect().opens(ANOTHER);
    for (int seq = 1; seq <= 3; seq++) {
      assertEquals(seq, second.takeSent().seq());
    }
    second.refuses(1, "not that one").refuses(3, "nor that one").acknowledges(3);
    harness.listen();
    assertFailed(DeliveryUnknownException.class, sent.get(1));
    assertTrue(failure(sent.get(1)).contains("not that one"), failure(sent.get(1)));
    assertEquals(Receipt.AT_LEAST_ONCE, sent.get(2).get());
    assertFailed(SendRejectedException.class, waiting); // no other server was sent it
    assertEquals("nor that one", failure(waiting));
  }

  @Test
  void INV_34_aRefusalByTheSameChannelIsOneOverALaterConnectionToo() throws Exception {
    EventChannel channel = harness.open();
    List<CompletableFuture<Receipt>> sent = lose(channel);
    ScriptedConnection second = reconnect().opens(OURS.withAcknowledged(1));
    assertEquals(2, second.takeSent().seq());
    assertEquals(3, second.takeSent().seq());
    second.refuses(2, "not that one").acknowledges(3);
    harness.listen();
    assertFailed(SendRejectedException.class, sent.get(1));
    assertEquals("not that one", failure(sent.get(1)));
    assertEquals(Receipt.ONCE, sent.get(2).get());
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
    CompletableFuture<Receipt> early = send(channel, "early");
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

  private static CompletableFuture<Receipt> send(EventChannel channel, String data) {
    return channel.send(Event.message(data)).toCompletableFuture();
  }

  private static String failure(CompletableFuture<Receipt> stage) {
    return String.valueOf(
        assertThrows(ExecutionException.class, stage::get).getCause().getMessage());
  }

  private static void assertFailed(
      Class<? extends Throwable> expected, CompletableFuture<Receipt> stage) {
    assertTrue(stage.isDone(), "expected a decided stage");
    assertEquals(
        expected, assertThrows(ExecutionException.class, stage::get).getCause().getClass());
  }
}
