package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.control;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.tck.ScriptedConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What the rules of Reactive Streams do not say of a channel: its queue, position, gaps and end.
 */
class FlowEventsTest {
  private EngineHarness harness = EngineHarness.create();
  private final SavedPositions store = new SavedPositions(null);
  private final Signals signals = new Signals();

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  /** Writes down what it is told, and does as the test says. */
  private static final class Signals implements Flow.Subscriber<Event> {
    final List<String> told = new ArrayList<>();
    Flow.@Nullable Subscription subscription;
    @Nullable Throwable error;
    Consumer<Flow.Subscription> onSubscribe = subscription -> {};
    Consumer<Flow.Subscription> onNext = subscription -> {};

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      onSubscribe.accept(given);
    }

    @Override
    public void onNext(Event event) {
      told.add(event.data());
      onNext.accept(subscription);
    }

    @Override
    public void onError(Throwable failure) {
      told.add("error");
      error = failure;
    }

    @Override
    public void onComplete() {
      told.add("complete");
    }

    void gap(Gap gap) {
      told.add("gap to " + gap.resumedAt());
    }
  }

  private void subscribe() {
    FlowEvents.publisher(
            harness.client,
            ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(),
            signals::gap)
        .subscribe(signals);
    harness.listen(); // loads
  }

  private ScriptedConnection connect() throws InterruptedException {
    return harness.webSocket.takeConnection().opens(OURS);
  }

  private void request(long n) {
    signals.subscription.request(n);
    harness.listen();
  }

  @Test
  void INV_35_beyondDemandOneEventIsTakenAndAFullQueueStopsTheSocket() throws Exception {
    harness = EngineHarness.create(settings -> settings.inboundQueue(4, 1 << 20));
    subscribe();
    ScriptedConnection connection = connect();
    harness.listen();
    for (int i = 1; i <= 4; i++) {
      connection.event(event("e-" + i, "" + i));
    }
    harness.listen();
    assertTrue(connection.isPaused());
    assertEquals(List.of(), signals.told);
    request(1);
    assertEquals(List.of("1"), signals.told);
    assertTrue(connection.isPaused());
    request(2);
    assertEquals(List.of("1", "2", "3"), signals.told);
    assertFalse(connection.isPaused());
    connection.event(event("e-5", "5"));
    request(Long.MAX_VALUE);
    request(Long.MAX_VALUE);
    assertEquals(List.of("1", "2", "3", "4", "5"), signals.told);
  }

  @Test
  void INV_22_INV_24_reconnectsAreNotSeenAndEachEventComesOnce() throws Exception {
    signals.onSubscribe = subscription -> subscription.request(10);
    subscribe();
    connect().event(event("e-1", "1")).event(event("e-2", "2")).breaks();
    harness.passDelay();
    ScriptedConnection second = connect();
    assertEquals("e-2", second.request().lastEventId());
    second.event(event("e-3", "3")).closes(CloseReason.closeCode(1000, "done"));
    harness.listen();
    assertEquals(List.of("1", "2", "3", "complete"), signals.told);
  }

  @Test
  void INV_26_aGapIsToldBeforeTheNextEventAndNeedsNoDemand() throws Exception {
    subscribe();
    ScriptedConnection connection = connect();
    connection.event(control("gap", "b-0", "{\"reason\":\"epoch\"}")).event(event("b-1", "1"));
    harness.listen();
    assertEquals(List.of("gap to b-0"), signals.told);
    assertEquals("b-0", store.last());
    request(1);
    assertEquals(List.of("gap to b-0", "1"), signals.told);
  }

  @Test
  void INV_23_anEventIsHandledWhenOnNextReturned() throws Exception {
    signals.onNext =
        subscription -> {
          if (signals.told.size() == 2) {
            assertEquals("e-1", store.last());
            subscription.cancel();
          }
        };
    subscribe();
    connect().event(event("e-1", "1")).event(event("e-2", "2")).event(event("e-3", "3"));
    harness.listen();
    assertEquals(List.of(), store.saved(), "taken from the queue, but not asked for");
    request(10);
    assertEquals(List.of("1", "2"), signals.told, "nothing after cancel");
    assertEquals(List.of("e-1", "e-2"), store.saved());
  }

  @Test
  void INV_23_anEventThatWasNotAskedForIsNotHandledByCancel() throws Exception {
    subscribe();
    ScriptedConnection connection = connect();
    connection.event(event("e-1", "1")).event(event("e-2", "2"));
    request(1);
    signals.subscription.cancel();
    assertTrue(connection.isClosed(), "at once");
    harness.listen();
    assertEquals(List.of("e-1"), store.saved());
    assertEquals(List.of("1"), signals.told);
    request(5);
    request(-5);
    assertEquals(List.of("1"), signals.told);
  }

  @Test
  void INV_30_cancelInsideOnSubscribeOpensNothing() {
    signals.onSubscribe = Flow.Subscription::cancel;
    subscribe();
    harness.webSocket.assertNoAttempt();
    assertEquals(List.of(), signals.told);
  }

  @Test
  void INV_30_closingTheClientCompletesTheStreamWithoutDemand() throws Exception {
    subscribe();
    ScriptedConnection connection = connect();
    connection.event(control("gap", "b-0", "{\"reason\":\"epoch\"}")).event(event("b-1", "1"));
    harness.client.close();
    harness.listen();
    assertEquals(List.of("complete"), signals.told);
    assertTrue(connection.isClosed());
  }

  @Test
  void anEndThatIsNotOrderlyIsAnErrorThatSaysWhy() throws Exception {
    CloseReason reason = CloseReason.httpStatus(404, "no such feed");
    subscribe();
    connect().event(event("e-1", "1")).closes(reason);
    harness.listen();
    assertEquals(List.of(), signals.told, "the event comes first");
    request(1);
    assertEquals(List.of("1", "error"), signals.told);
    assertEquals(reason, ((ChannelClosedException) signals.error).reason());
    assertEquals("e-1", store.last());
  }

  @Test
  void aWrongDemandEndsTheStreamAndItsChannel() throws Exception {
    subscribe();
    ScriptedConnection connection = connect();
    connection.event(event("e-1", "1"));
    request(0);
    assertEquals(List.of("error"), signals.told);
    assertEquals(IllegalArgumentException.class, signals.error.getClass());
    assertTrue(connection.isClosed());
    request(1);
    assertEquals(List.of("error"), signals.told);
    assertEquals(List.of(), store.saved());
  }

  @Test
  void aWrongDemandInsideOnSubscribeIsToldAfterIt() {
    signals.onSubscribe =
        subscription -> {
          subscription.request(-1);
          signals.told.add("subscribed");
        };
    subscribe();
    assertEquals(List.of("subscribed", "error"), signals.told);
    harness.webSocket.assertNoAttempt();
  }

  @Test
  void aGapCallThatThrowsEndsTheStreamAndTheGapIsNotHandled() throws Exception {
    IllegalStateException thrown = new IllegalStateException("the application's own");
    FlowEvents.publisher(
            harness.client,
            ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(),
            gap -> {
              throw thrown;
            })
        .subscribe(signals);
    harness.listen();
    ScriptedConnection connection = connect();
    connection.event(control("gap", "b-0", "{\"reason\":\"epoch\"}")).event(event("b-1", "1"));
    request(1);
    assertEquals(thrown, signals.error);
    assertEquals(List.of("error"), signals.told);
    assertEquals(List.of(), store.saved());
    assertTrue(connection.isClosed());
  }

  @Test
  void aSubscriberThatThrowsIsReportedAndItsChannelClosed() throws Exception {
    signals.onNext =
        subscription -> {
          throw new IllegalStateException("the subscriber's own");
        };
    subscribe();
    ScriptedConnection connection = connect();
    connection.event(event("e-1", "1")).event(event("e-2", "2"));
    request(2);
    assertEquals(List.of("1"), signals.told);
    assertTrue(connection.isClosed());
    assertEquals("the subscriber's own", harness.errors.get(0).getMessage());
    assertEquals(List.of(), store.saved());
    harness.errors.clear();
  }

  @Test
  void aSubscriberToAClosedClientIsToldSo() {
    harness.client.close();
    subscribe();
    assertEquals(List.of("error"), signals.told);
    assertEquals(IllegalStateException.class, signals.error.getClass());
  }

  @Test
  void anExecutorThatRefusesEndsTheStreamWhereThatIsFoundOut() throws Exception {
    subscribe();
    ScriptedConnection connection = connect();
    harness.listen();
    harness.executor.refuse();
    connection.event(event("e-1", "1"));
    assertEquals(List.of("error"), signals.told);
    assertEquals(RejectedExecutionException.class, signals.error.getClass());
    assertTrue(connection.isClosed());
    harness.errors.clear();
  }

  @Test
  void eachSubscriberHasAChannelOfItsOwn() throws Exception {
    Flow.Publisher<Event> publisher =
        FlowEvents.publisher(harness.client, ChannelRequest.of(EngineHarness.URL), signals::gap);
    Signals other = new Signals();
    publisher.subscribe(signals);
    publisher.subscribe(other);
    harness.listen();
    connect().event(event("e-1", "1"));
    connect().event(event("e-1", "another's"));
    other.subscription.request(1);
    request(1);
    assertEquals(List.of("1"), signals.told);
    assertEquals(List.of("another's"), other.told);
  }

  @Test
  void aRequestWithManualCommitIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            FlowEvents.publisher(
                harness.client,
                ChannelRequest.builder(EngineHarness.URL).manualCommit().build(),
                signals::gap));
  }
}
