package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.tck.ManualExecutor;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.tck.ScriptedTransport;
import io.eventchannel.tck.VirtualScheduler;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** A process that runs out of threads, descriptors or memory in one place. */
class ExhaustionTest {
  private static final String NO_THREAD = "unable to create native thread";

  private final VirtualScheduler scheduler = new VirtualScheduler();
  private final ManualExecutor threads = new ManualExecutor();
  private final ScriptedTransport network =
      new ScriptedTransport(Transport.WEBSOCKET, Duration.ZERO);
  private final RecordingListener listener = new RecordingListener(Duration.ZERO, Duration.ZERO);
  private final List<Throwable> errors = new ArrayList<>();
  private boolean exhausted;

  private ChannelClient client() {
    Transport transport =
        new Transport() {
          @Override
          public String name() {
            return network.name();
          }

          @Override
          public Connection connect(ConnectRequest request, ConnectionListener ofIt) {
            exhaust();
            return network.connect(request, ofIt);
          }

          @Override
          public void close() {
            network.close();
          }
        };
    return ChannelClient.builder()
        .transport(transport)
        .scheduler(scheduler)
        .executor(
            task -> {
              exhaust();
              threads.execute(task);
            })
        .random(() -> 0.5)
        .errorReporter((channel, error) -> errors.add(error))
        .build();
  }

  private void exhaust() {
    if (exhausted) {
      throw new OutOfMemoryError(NO_THREAD);
    }
  }

  @Test
  void F42_aListenerThatCouldGetNoThreadIsCalledOnceThereAreThreadsAgain() throws Exception {
    try (ChannelClient client = client()) {
      client.open(EngineHarness.URL, listener);
      ScriptedConnection connection = network.takeConnection();
      exhausted = true;
      connection.opens(OURS).event(event("e-1", "one"));
      connection.event(event("e-2", "two"));
      scheduler.advance(Duration.ofSeconds(1));
      assertTrue(errors.size() <= 11, "no spin: " + errors.size());
      assertInstanceOf(OutOfMemoryError.class, errors.get(0));
      exhausted = false;
      scheduler.advance(Duration.ofSeconds(1));
      threads.runAll();
      listener.takeOpen();
      assertEquals("one", listener.takeEvent().data());
      assertEquals("two", listener.takeEvent().data());
    }
    threads.runAll();
  }

  @Test
  void F42_anAttemptThatCouldGetNoThreadIsAFailedOneAndTriedAgainWithBackoff() throws Exception {
    try (ChannelClient client = client()) {
      exhausted = true;
      client.open(EngineHarness.URL, listener);
      exhausted = false;
      scheduler.advance(Duration.ofMillis(100)); // for the listener's thread
      threads.runAll();
      RecordingListener.ConnectionLost lost = listener.takeConnectionLost();
      assertEquals(Kind.NETWORK, lost.reason().kind());
      assertTrue(lost.reason().text().endsWith(NO_THREAD), lost.reason().text());
      scheduler.advance(lost.retryDelay());
      network.takeConnection().opens(OURS);
      threads.runAll();
      listener.takeOpen();
    }
    threads.runAll();
  }

  @Test
  void F42_aSubscriberThatCouldGetNoThreadIsToldOnceThereAreThreadsAgain() throws Exception {
    List<String> told = new ArrayList<>();
    try (ChannelClient client = client()) {
      FlowEvents.publisher(client, ChannelRequest.of(EngineHarness.URL), gap -> {})
          .subscribe(
              new Flow.Subscriber<Event>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                  subscription.request(10);
                }

                @Override
                public void onNext(Event event) {
                  told.add(event.data());
                }

                @Override
                public void onError(Throwable failure) {
                  told.add("error");
                }

                @Override
                public void onComplete() {
                  told.add("complete");
                }
              });
      threads.runAll();
      exhausted = true;
      network.takeConnection().opens(OURS).event(event("e-1", "one"));
      scheduler.advance(Duration.ofSeconds(1));
      assertTrue(errors.size() <= 11, "no spin: " + errors.size());
      assertInstanceOf(OutOfMemoryError.class, errors.get(0));
      exhausted = false;
      scheduler.advance(Duration.ofSeconds(1));
      threads.runAll();
      assertEquals(List.of("one"), told);
    }
    threads.runAll();
    assertEquals(List.of("one", "complete"), told);
  }

  @Test
  void F42_aCommitThatCouldGetNoThreadIsReportedAndTheNextOneIsStored() throws Exception {
    SavedPositions store = new SavedPositions(null);
    try (ChannelClient client = client()) {
      EventChannel channel =
          client.open(
              ChannelRequest.builder(EngineHarness.URL).cursorStore(store).manualCommit().build(),
              listener);
      threads.runAll();
      network.takeConnection().opens(OURS).event(event("e-1", "1")).event(event("e-2", "2"));
      threads.runAll();
      exhausted = true;
      channel.commit("e-1");
      exhausted = false;
      assertEquals(1, errors.size());
      channel.commit("e-2");
      threads.runAll();
      assertEquals("e-2", store.last());
    }
    threads.runAll();
  }

  @Test
  void F42_aListenerThatRunsOutOfMemoryHarmsNeitherItsChannelNorOthers() throws Exception {
    RecordingListener greedy =
        new RecordingListener(Duration.ZERO, Duration.ZERO)
            .reacting(
                call -> {
                  throw new OutOfMemoryError("Java heap space");
                });
    try (ChannelClient client = client()) {
      client.open(EngineHarness.URL, greedy);
      ScriptedConnection first = network.takeConnection();
      client.open(EngineHarness.URL, listener);
      ScriptedConnection second = network.takeConnection();
      first.opens(OURS).event(event("e-1", "one"));
      second.opens(OURS).event(event("e-1", "one"));
      first.event(event("e-2", "two"));
      threads.runAll();
      greedy.takeOpen();
      assertEquals(
          List.of("one", "two"), greedy.takeEvents(2).stream().map(e -> e.data()).toList());
      listener.takeOpen();
      assertEquals("one", listener.takeEvent().data());
      assertEquals(3, errors.size());
    }
    threads.runAll();
  }
}
