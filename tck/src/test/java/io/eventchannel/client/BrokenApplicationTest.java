package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.CursorStore;
import io.eventchannel.DeliveryUnknownException;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Receipt;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.RetryDecision;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.tck.ScriptedConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the application supplied fails: the channel goes on, or says in order why it does not. */
class BrokenApplicationTest {
  @Test
  void aReporterThatThrowsStopsNoDelivery() throws Exception {
    EngineHarness harness =
        EngineHarness.create(
            settings ->
                settings.errorReporter(
                    (channel, error) -> {
                      throw new IllegalStateException("the reporter's own");
                    }));
    ScriptedConnection connection = harness.openConnected();
    harness.listener.reacting(
        call -> {
          if (call instanceof Received received && received.event().data().equals("bad")) {
            throw new IllegalStateException("the listener's own");
          }
        });
    connection.event(event("e-1", "bad")).event(event("e-2", "good"));
    harness.listen();
    assertEquals("bad", harness.listener.takeEvent().data());
    assertEquals("good", harness.listener.takeEvent().data());
    harness.finish();
    assertEquals(Kind.LOCAL, harness.listener.takeClosed().kind());
  }

  @Test
  void INV_23_anErrorOfTheCursorStoreIsReportedAndTheNextEventFollows() throws Exception {
    EngineHarness harness = EngineHarness.create();
    CursorStore store =
        new CursorStore() {
          @Override
          public @Nullable String load() {
            return null;
          }

          @Override
          public void save(@Nullable String lastEventId) {
            throw new AssertionError("the store's own");
          }
        };
    harness.client.open(
        ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(), harness.listener);
    harness.listen();
    ScriptedConnection connection = harness.webSocket.takeConnection().opens(OURS);
    connection.event(event("e-1", "one")).event(event("e-2", "two"));
    harness.listen();
    harness.listener.takeOpen();
    assertEquals("one", harness.listener.takeEvent().data());
    assertEquals("two", harness.listener.takeEvent().data());
    assertEquals(2, harness.errors.size());
    harness.errors.clear();
    harness.finish();
  }

  @Test
  void anErrorOfTheCredentialsProviderEndsTheChannelAtOnce() throws Exception {
    EngineHarness harness =
        EngineHarness.create(
            settings ->
                settings.credentials(
                    lastFailure -> {
                      throw new AssertionError("the provider's own");
                    }));
    harness.open();
    harness.listen();
    assertEquals(Kind.APPLICATION, harness.listener.takeClosed().kind());
    harness.finish();
  }

  @Test
  void aPolicyWithoutADecisionEndsTheChannel() throws Exception {
    assertEndsByPolicy(loss -> nullDecision());
  }

  @SuppressWarnings("NullAway") // what an application in another language may return
  private static RetryDecision nullDecision() {
    return null;
  }

  private static void assertEndsByPolicy(ReconnectPolicy policy) throws InterruptedException {
    EngineHarness harness = EngineHarness.create(settings -> settings.reconnectPolicy(policy));
    ScriptedConnection connection = harness.openConnected();
    connection.breaks();
    harness.listen();
    assertEquals(Kind.APPLICATION, harness.listener.takeClosed().kind());
    harness.finish();
  }

  @Test
  void aDelayLongerThanNanosecondsCanCountIsALongDelay() throws Exception {
    EngineHarness harness =
        EngineHarness.create(
            settings ->
                settings.reconnectPolicy(
                    loss -> RetryDecision.retry(Duration.ofSeconds(Long.MAX_VALUE), 1)));
    ScriptedConnection connection = harness.openConnected();
    connection.breaks();
    harness.listen();
    harness.listener.takeConnectionLost();
    assertEquals(1, harness.scheduler.pendingTasks());
    harness.finish();
  }

  @Test
  void aConnectTimeoutLongerThanNanosecondsCanCountIsRefusedByName() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> ChannelClient.builder().connectTimeout(Duration.ofSeconds(Long.MAX_VALUE)));
    assertTrue(String.valueOf(refused.getMessage()).contains("connectTimeout"));
  }

  @Test
  void aRandomNumberOutOfItsRangeEndsTheChannel() throws Exception {
    EngineHarness harness = EngineHarness.create(settings -> settings.random(() -> 1.0));
    ScriptedConnection connection = harness.openConnected();
    connection.breaks();
    harness.listen();
    assertEquals(Kind.APPLICATION, harness.listener.takeClosed().kind());
    harness.finish();
  }

  @Test
  void INV_34_everyStageCompletesThoughTheExecutorTakesNoMoreTasks() throws Exception {
    EngineHarness harness = EngineHarness.create();
    EventChannel channel = harness.open();
    ScriptedConnection connection = harness.webSocket.takeConnection().opens(OURS);
    harness.listen();
    List<CompletableFuture<Receipt>> stages = new ArrayList<>();
    stages.add(channel.send(Event.message("in hand")).toCompletableFuture());
    connection.takeSent();
    harness.executor.refuse();
    channel.close();
    stages.add(channel.send(Event.message("too late")).toCompletableFuture());
    assertFailed(DeliveryUnknownException.class, stages.get(0));
    assertFailed(ChannelClosedException.class, stages.get(1));
    assertEquals(ChannelState.CLOSED, channel.state());
    assertTrue(
        harness.errors.stream().allMatch(RejectedExecutionException.class::isInstance),
        () -> "" + harness.errors);
    harness.errors.clear();
    harness.finish();
  }

  @Test
  void INV_34_whatWaitedInTheRowOfCompletionsCompletesThoughTheExecutorEnds() throws Exception {
    EngineHarness harness = EngineHarness.create();
    EventChannel channel = harness.open();
    ScriptedConnection connection = harness.webSocket.takeConnection().opens(OURS);
    harness.listen();
    List<CompletableFuture<Receipt>> stages = new ArrayList<>();
    for (int seq = 1; seq <= 600; seq++) { // more than one turn of a shared thread
      stages.add(channel.send(Event.message("n")).toCompletableFuture());
      connection.takeSent();
      connection.acknowledges(seq);
    }
    stages.get(0).thenRun(harness.executor::refuse);
    try {
      harness.listen();
    } finally {
      channel.close();
    }
    for (CompletableFuture<Receipt> stage : stages) {
      assertTrue(stage.isDone(), "a stage that nobody will ever complete");
    }
    harness.errors.clear();
    harness.finish();
  }

  private static void assertFailed(
      Class<? extends Throwable> expected, CompletableFuture<Receipt> stage) {
    assertTrue(stage.isDone(), "expected a decided stage");
    assertEquals(
        expected, assertThrows(ExecutionException.class, stage::get).getCause().getClass());
  }
}
