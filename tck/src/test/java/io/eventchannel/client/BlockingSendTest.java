package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.event;
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
import io.eventchannel.EventChannelListener;
import io.eventchannel.OutboxFullException;
import io.eventchannel.Receipt;
import io.eventchannel.SendRejectedException;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.tck.ScriptedTransport;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.Transport;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sends that wait for a place in a full outbox. */
class BlockingSendTest {
  private static final Duration DEADLINE = Duration.ofMillis(500);
  private static final Event MEDIUM = Event.message("m".repeat(1_000));
  private static final Event BIG = Event.message("b".repeat(3_000));
  private static final Event SMALL = Event.message("s");

  private EngineHarness harness = EngineHarness.create(settings -> settings.outbox(1, 10_000));

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  private EventChannel open() {
    return open(request -> {});
  }

  private EventChannel open(Consumer<ChannelRequest.Builder> more) {
    ChannelRequest.Builder request =
        ChannelRequest.builder(EngineHarness.URL).blockWhenFull(DEADLINE);
    more.accept(request);
    return harness.client.open(request.build(), harness.listener);
  }

  private ScriptedConnection connect() throws InterruptedException {
    return harness.webSocket.takeConnection().opens(OURS).activity();
  }

  private SenderThread waiting(EventChannel channel, Event event) throws InterruptedException {
    return SenderThread.waiting(harness, channel, event);
  }

  private static CompletableFuture<Receipt> send(EventChannel channel, Event event) {
    return channel.send(event).toCompletableFuture();
  }

  private static <T extends Throwable> T failure(
      Class<T> expected, CompletableFuture<Receipt> stage) {
    assertTrue(stage.isDone(), "expected a decided stage");
    Throwable cause = assertThrows(ExecutionException.class, stage::get).getCause();
    return expected.cast(cause);
  }

  @Test
  void WS_13_aSendWaitsUntilThereIsRoom() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    CompletableFuture<Receipt> first = send(channel, SMALL);
    SenderThread second = waiting(channel, MEDIUM);
    assertFalse(second.hasReturned());
    assertEquals(1, connection.takeSent().seq());
    connection.acknowledges(1);
    CompletableFuture<Receipt> stage = second.returned();
    assertFalse(stage.isDone());
    assertEquals(new ScriptedConnection.Sent(2, MEDIUM), connection.takeSent());
    connection.acknowledges(2);
    harness.listen();
    assertEquals(Receipt.ONCE, first.get());
    assertEquals(Receipt.ONCE, stage.get());
  }

  @Test
  void WS_13_afterTheDeadlineItFailsAsARefusalDoesAndSaysWhatItMet() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    send(channel, SMALL);
    SenderThread late = waiting(channel, MEDIUM);
    harness.scheduler.advance(DEADLINE.minusMillis(1));
    assertFalse(late.hasReturned());
    harness.scheduler.advance(Duration.ofMillis(1));
    assertEquals(
        "outbox: expected at most 1 events and 10000 bytes undecided, got one more of weight "
            + MEDIUM.weight()
            + " beside 1 events and "
            + SMALL.weight()
            + " bytes, with 0 sends waiting; waited 500 ms",
        failure(OutboxFullException.class, late.returned()).getMessage());
    connection.takeSent();
    connection.acknowledges(1); // and nothing else was sent, as the end of the test checks
  }

  @Test
  void WS_13_whoDoesNotAskForItIsRefusedAtOnce() throws Exception {
    EventChannel channel = harness.open();
    ScriptedConnection connection = connect();
    send(channel, SMALL);
    failure(OutboxFullException.class, send(channel, SMALL));
    connection.takeSent();
    assertEquals(Duration.ZERO, ChannelRequest.of(EngineHarness.URL).blocksWhenFull());
  }

  @Test
  void WS_13_anEventThatNeverFitsIsRefusedAtOnce() throws Exception {
    EventChannel channel = open();
    failure(OutboxFullException.class, send(channel, Event.message("x".repeat(5_000))));
    connect();
  }

  @Test
  void WS_13_aLongEventIsLetInBeforeTheShortOnesBehindIt() throws Exception {
    harness = EngineHarness.create(settings -> settings.outbox(100, 2L * BIG.weight()));
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    for (int i = 0; i < 5; i++) {
      send(channel, MEDIUM);
      connection.takeSent();
    }
    SenderThread big = waiting(channel, BIG);
    SenderThread small = waiting(channel, SMALL); // for which there is room
    connection.acknowledges(1);
    assertFalse(small.hasReturned());
    connection.acknowledges(3);
    big.returned();
    small.returned();
    assertEquals(BIG, connection.takeSent().event());
    assertEquals(SMALL, connection.takeSent().event());
  }

  @Test
  void WS_13_whoIsBehindOneThatGivesUpIsLetInAtThatMoment() throws Exception {
    harness = EngineHarness.create(settings -> settings.outbox(100, 2L * BIG.weight()));
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    send(channel, BIG);
    send(channel, MEDIUM);
    SenderThread big = waiting(channel, BIG);
    harness.scheduler.advance(DEADLINE.dividedBy(2));
    SenderThread small = waiting(channel, SMALL);
    harness.scheduler.advance(DEADLINE.dividedBy(2));
    String message = failure(OutboxFullException.class, big.returned()).getMessage();
    assertTrue(message.endsWith("with 1 sends waiting; waited 500 ms"), message);
    assertFalse(small.returned().isDone());
    for (Event expected : List.of(BIG, MEDIUM, SMALL)) {
      assertEquals(expected, connection.takeSent().event());
    }
  }

  @Test
  void WS_13_theEndOfTheChannelWakesAllAsASendOnAClosedOneEnds() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    CompletableFuture<Receipt> sent = send(channel, SMALL);
    List<SenderThread> senders = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      senders.add(waiting(channel, SMALL));
    }
    connection.takeSent();
    channel.close();
    String after = failure(ChannelClosedException.class, send(channel, SMALL)).getMessage();
    for (SenderThread sender : senders) {
      assertEquals(after, failure(ChannelClosedException.class, sender.returned()).getMessage());
    }
    harness.listen();
    failure(DeliveryUnknownException.class, sent);
  }

  @Test
  void WS_13_aFailureThatEndsTheChannelWakesThemToo() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    send(channel, SMALL);
    SenderThread sender = waiting(channel, SMALL);
    connection.takeSent();
    connection.closes(CloseReason.closeCode(1008, "not you"));
    failure(ChannelClosedException.class, sender.returned());
  }

  @Test
  void WS_13_anInterruptEndsTheWaitAndStaysAndNothingIsSent() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    send(channel, SMALL);
    SenderThread sender = waiting(channel, MEDIUM);
    sender.interrupt();
    OutboxFullException failure = failure(OutboxFullException.class, sender.returned());
    assertTrue(failure.getCause() instanceof InterruptedException);
    assertTrue(failure.getMessage().endsWith("waited 0 ms and was interrupted"));
    assertTrue(sender.isInterruptedAfterwards());
    connection.takeSent();
    connection.acknowledges(1);

    Thread.currentThread().interrupt(); // which matters to nobody while there is room
    CompletableFuture<Receipt> next = send(channel, SMALL);
    failure(OutboxFullException.class, send(channel, SMALL));
    assertTrue(Thread.interrupted());
    connection.takeSent();
    connection.acknowledges(2);
    harness.listen();
    assertEquals(Receipt.ONCE, next.get());
  }

  @Test
  void WS_13_inACallbackNothingWaits() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    List<CompletableFuture<Receipt>> refused = new ArrayList<>();
    CompletableFuture<Receipt> first = send(channel, SMALL);
    first.whenComplete(
        (receipt, failure) -> {
          send(channel, SMALL); // there is room now
          refused.add(send(channel, SMALL));
        });
    harness.listener.reacting(
        call -> {
          if (call instanceof Received) {
            refused.add(send(channel, MEDIUM)); // on the test's thread, which would stand still
          }
        });
    connection.event(event("e-1", "one"));
    connection.takeSent();
    harness.listen();
    connection.acknowledges(1);
    harness.listen();
    assertEquals(2, refused.size());
    for (CompletableFuture<Receipt> stage : refused) {
      assertFalse(failure(OutboxFullException.class, stage).getMessage().contains("waited"));
    }
    connection.takeSent();
    connection.acknowledges(2);
  }

  @Test
  void WS_13_aSendInACallbackDoesNotOvertakeOneThatWaits() throws Exception {
    harness = EngineHarness.create(settings -> settings.outbox(100, 2L * BIG.weight()));
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    send(channel, BIG);
    send(channel, MEDIUM);
    SenderThread big = waiting(channel, BIG);
    List<CompletableFuture<Receipt>> refused = new ArrayList<>();
    harness.listener.reacting(
        call -> {
          if (call instanceof Received) {
            refused.add(send(channel, SMALL));
          }
        });
    connection.event(event("e-1", "one"));
    harness.listen();
    failure(OutboxFullException.class, refused.get(0));
    connection.acknowledges(2);
    big.returned();
    for (Event expected : List.of(BIG, MEDIUM, BIG)) {
      assertEquals(expected, connection.takeSent().event());
    }
  }

  @Test
  void WS_13_inTheErrorReporterNothingWaitsEither() throws Exception {
    List<CompletableFuture<Receipt>> refused = new ArrayList<>();
    harness =
        EngineHarness.create(
            settings ->
                settings
                    .outbox(1, 10_000)
                    .errorReporter((of, error) -> refused.add(send(of, SMALL))));
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    send(channel, SMALL);
    connection.event(event("x".repeat(5_000), "its ID is too long, which is reported"));
    harness.listen();
    failure(OutboxFullException.class, refused.get(0));
    connection.takeSent();
  }

  @Test
  void WS_13_whatABrokenExecutorLeavesIsCompletedWhereNothingWaits() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    List<CompletableFuture<Receipt>> refused = new ArrayList<>();
    send(channel, SMALL)
        .whenComplete(
            (receipt, failure) -> {
              send(channel, SMALL);
              refused.add(send(channel, SMALL));
            });
    connection.takeSent();
    harness.listen();
    harness.executor.refuse();
    connection.acknowledges(1); // on this thread, as a socket's reader would
    failure(OutboxFullException.class, refused.get(0));
    connection.takeSent();
    harness.client.close();
    harness.errors.clear(); // that the executor refuses
  }

  @Test
  void WS_13_whoWaitsOutlivesTheConnectionAndFindsRoomWithTheNextServer() throws Exception {
    EventChannel channel = open(ChannelRequest.Builder::sendAtMostOnce);
    ScriptedConnection first = connect();
    CompletableFuture<Receipt> unknown = send(channel, SMALL);
    SenderThread sender = waiting(channel, MEDIUM);
    first.takeSent();
    first.breaks();
    assertFalse(sender.hasReturned());
    harness.client.pause();
    harness.client.resume(); // at once, since time would end the wait
    ScriptedConnection second =
        harness.webSocket.takeConnection().opens(new ConnectionInfo(true, "channel-2", 15_000));
    CompletableFuture<Receipt> stage = sender.returned();
    assertEquals(new ScriptedConnection.Sent(1, MEDIUM), second.takeSent());
    second.acknowledges(1);
    harness.listen();
    failure(DeliveryUnknownException.class, unknown);
    assertEquals(Receipt.ONCE, stage.get());
  }

  @Test
  void WS_13_whoWaitsIsToldThatTheConnectionGoesOneWay() throws Exception {
    EventChannel channel = open();
    CompletableFuture<Receipt> early = send(channel, SMALL);
    SenderThread sender = waiting(channel, MEDIUM);
    harness.webSocket.takeConnection().opens(); // a foreign server, and no word of sending
    CompletableFuture<Receipt> stage = sender.returned();
    harness.listen();
    failure(UnsupportedOperationException.class, early);
    failure(UnsupportedOperationException.class, stage);
  }

  @Test
  void WS_13_whereHandedOverIsAllThereIsToKnowTheNextFollowsAtOnce() throws Exception {
    EventChannel channel = open();
    CompletableFuture<Receipt> early = send(channel, SMALL);
    SenderThread sender = waiting(channel, MEDIUM);
    ScriptedConnection connection =
        harness.webSocket.takeConnection().opens(ConnectionInfo.foreign().sending());
    CompletableFuture<Receipt> stage = sender.returned();
    harness.listen();
    assertEquals(Receipt.HANDED_OVER, early.get());
    assertEquals(Receipt.HANDED_OVER, stage.get());
    assertEquals(SMALL, connection.takeSent().event());
    assertEquals(MEDIUM, connection.takeSent().event());
  }

  @Test
  void WS_13_aRefusedEventGivesItsBytesToWhoWaits() throws Exception {
    harness = EngineHarness.create(settings -> settings.outbox(2, BIG.weight() + 200));
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    CompletableFuture<Receipt> refused = send(channel, BIG);
    SenderThread sender = waiting(channel, MEDIUM);
    connection.takeSent();
    connection.refuses(1, "not that one");
    sender.returned();
    assertEquals(MEDIUM, connection.takeSent().event());
    harness.listen();
    failure(SendRejectedException.class, refused);
  }

  @Test
  void WS_13_whoWaitsHoldsNoMonitor() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    send(channel, SMALL);
    SenderThread sender = waiting(channel, MEDIUM);
    var info =
        ManagementFactory.getThreadMXBean().getThreadInfo(new long[] {sender.getId()}, true, true);
    assertEquals(0, info[0].getLockedMonitors().length);
    assertEquals(WaitingSend.class.getName(), info[0].getLockInfo().getClassName());
    assertNull(info[0].getLockOwnerName());
    connection.takeSent();
    channel.close();
    sender.returned();
  }

  @Test
  void WS_13_theDeadlineIsMoreThanNothingAndAtMostADay() {
    ChannelRequest.Builder request = ChannelRequest.builder(EngineHarness.URL);
    for (Duration wrong : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofHours(25))) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> request.blockWhenFull(wrong))
              .getMessage();
      assertEquals("blockWhenFull: expected more than 0 and at most 1 day, got " + wrong, message);
    }
    Duration longest = Duration.ofDays(1);
    assertEquals(longest, request.blockWhenFull(longest).build().blocksWhenFull());
  }

  @Test
  void WS_13_WS_14_threadsThatWaitInRealTimeKeepTheirOrderAndLoseNothing() throws Exception {
    ScriptedTransport transport = new ScriptedTransport(Transport.WEBSOCKET);
    int threads = 4;
    int each = 200;
    try (ChannelClient client =
        ChannelClient.builder().transport(transport).outbox(3, 10_000).build()) {
      EventChannel channel =
          client.open(
              ChannelRequest.builder(EngineHarness.URL)
                  .blockWhenFull(Duration.ofMinutes(10))
                  .build(),
              new EventChannelListener() {});
      ScriptedConnection connection = transport.takeConnection().opens(OURS).activity();
      List<CompletableFuture<Receipt>> sent = new CopyOnWriteArrayList<>();
      for (int t = 0; t < threads; t++) {
        String name = t + ":";
        Thread sender =
            new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    sent.add(send(channel, Event.message(name + i)));
                  }
                });
        sender.setDaemon(true);
        sender.start();
      }
      int[] next = new int[threads];
      for (int seq = 1; seq <= threads * each; seq++) {
        ScriptedConnection.Sent got = connection.takeSent();
        assertEquals(seq, got.seq());
        String[] parts = got.event().data().split(":");
        assertEquals(next[Integer.parseInt(parts[0])]++, Integer.parseInt(parts[1]));
        connection.acknowledges(seq);
      }
      while (sent.size() < threads * each) { // the last send has its place, and is to return
        Thread.onSpinWait();
      }
      for (CompletableFuture<Receipt> stage : sent) {
        assertEquals(Receipt.ONCE, stage.get(10, TimeUnit.SECONDS));
      }
    }
  }
}
