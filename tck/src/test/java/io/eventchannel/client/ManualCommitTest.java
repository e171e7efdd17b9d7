package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.control;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.RecordingListener.Missed;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.tck.ScriptedTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The application says how far it has got, and nothing else is stored. */
class ManualCommitTest {
  private final EngineHarness harness = EngineHarness.create();
  private SavedPositions store = new SavedPositions("e-0");

  @AfterEach
  void nothingIsLeftOver() {
    harness.listener.reacting(call -> {});
    harness.finish();
  }

  private EventChannel open() {
    EventChannel channel =
        harness.client.open(
            ChannelRequest.builder(EngineHarness.URL).cursorStore(store).manualCommit().build(),
            harness.listener);
    harness.listen(); // loads
    return channel;
  }

  private ScriptedConnection connect() throws InterruptedException {
    ScriptedConnection connection = harness.webSocket.takeConnection().opens(OURS);
    harness.listen();
    return connection;
  }

  @Test
  void INV_23_withManualCommitTheStoredPositionIsWhatWasCommitted() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    connection.event(event("e-1", "1")).event(event("e-2", "2")).event(event("e-3", "3"));
    harness.listen();
    assertEquals(List.of(), store.saved(), "its calls returned, but nothing is committed");
    assertEquals("e-0", channel.lastEventId());

    channel.commit("e-2"); // the first, too
    assertEquals("e-2", channel.lastEventId());
    assertEquals(List.of(), store.saved(), "not on the caller's thread");
    harness.listen();
    assertEquals(List.of("e-2"), store.saved());

    channel.commit("e-1"); // back: repeats, and loses nothing
    harness.listen();
    assertEquals(List.of("e-2", "e-1"), store.saved());

    connection.breaks();
    harness.passDelay();
    assertEquals(
        "e-3",
        harness.webSocket.takeConnection().request().lastEventId(),
        "a reconnect resumes after what was received");
    harness.listen();
  }

  @Test
  void INV_23_ofCommitsThatWaitTheLastAloneIsStored() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    for (int i = 1; i <= 100; i++) {
      connection.event(event("e-" + i, "x"));
    }
    harness.listen();
    for (int i = 1; i <= 100; i++) {
      channel.commit("e-" + i);
    }
    assertEquals(1, harness.executor.pending());
    harness.listen();
    assertEquals(List.of("e-100"), store.saved());
  }

  @Test
  void INV_29_aQuietChannelWhoseEventsAreCommittedMovesWithTheLog() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    connection.event(control("position", "e-5", ""));
    harness.listen();
    assertEquals("e-5", store.last(), "nothing was delivered, so nothing is skipped");

    connection.event(event("e-6", "6")).event(control("position", "e-7", ""));
    harness.listen();
    assertEquals("e-5", store.last(), "e-6 is not committed");
    connection.event(control("position", "e-8", ""));
    harness.listen();
    assertEquals("e-5", store.last());

    channel.commit("e-6");
    harness.listen();
    assertEquals("e-8", store.last(), "all is committed, and the position has moved meanwhile");
    connection.event(control("position", "e-9", ""));
    harness.listen();
    assertEquals("e-9", store.last());
    channel.commit("e-6");
    harness.listen();
    assertEquals("e-9", store.last(), "said again, it moves nothing back");
  }

  @Test
  void INV_29_INV_23_beforeAnyEventTheStoredPositionIsTheOneThatCommitsAll() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    channel.commit("e-0");
    connection.event(control("position", "e-5", ""));
    harness.listen();
    assertEquals("e-5", store.last());
    channel.commit("d-9"); // wants more to be repeated than was stored
    connection.event(control("position", "e-6", ""));
    harness.listen();
    assertEquals("d-9", store.last());
  }

  @Test
  void INV_29_INV_23_aHeartbeatTakesNothingAlongThatIsNotCommitted() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    connection.event(event("e-1", "1")).event(event("e-2", "2"));
    harness.listen();
    channel.commit("e-1");
    connection.event(control("position", "e-9", ""));
    harness.listen();
    assertEquals("e-1", store.last());

    connection.event(event("e-10", "10"));
    harness.listen();
    channel.commit("e-2");
    harness.listen();
    assertEquals("e-2", store.last(), "e-9 is behind it, but e-10 is not committed");
    connection.event(control("position", "e-11", ""));
    channel.commit("e-10"); // before the position had its turn
    harness.listen();
    assertEquals("e-11", store.last());
  }

  @Test
  void INV_23_aGapIsStoredByItselfOnlyWhileAllBeforeItIsCommitted() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    List<@Nullable String> duringGap = new ArrayList<>();
    harness.listener.reacting(
        call -> {
          if (call instanceof Missed) {
            duringGap.add(channel.lastEventId());
          }
        });
    connection.event(control("gap", "f-4", "{\"reason\":\"epoch\"}"));
    harness.listen();
    assertEquals("f-4", store.last());

    connection.event(event("f-5", "5")).event(control("gap", "g-1", "{\"reason\":\"epoch\"}"));
    connection.event(control("position", "g-2", ""));
    harness.listen();
    assertEquals("f-4", store.last(), "f-5 is not committed");
    channel.commit("f-5");
    harness.listen();
    assertEquals("f-5", store.last(), "the gap behind it is not");
    channel.commit("g-1");
    harness.listen();
    assertEquals("g-2", store.last());
    assertEquals(List.of("e-0", "f-4"), duringGap, "not before the call returned");
  }

  @Test
  void anEventWithoutAnIdNeedsNoCommit() throws Exception {
    open();
    ScriptedConnection connection = connect();
    connection.event(Event.message("sent directly")).event(control("position", "e-5", ""));
    harness.listen();
    assertEquals("e-5", store.last());
  }

  @Test
  void INV_23_anEventThatInheritsItsIdIsCommittedByItsIdToo() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    connection.event(event("e-1", "1"));
    harness.listen();
    channel.commit("e-1");
    connection.event(event("e-1", "inherits"), null).event(control("position", "e-5", ""));
    harness.listen();
    assertEquals("e-1", store.last());
    channel.commit("e-1");
    harness.listen();
    assertEquals("e-5", store.last());
  }

  @Test
  void aPositionThatIsTakenBackIsTakenOutOfTheStoreOnceAllIsCommitted() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    connection.event(event("e-1", "1")).position("");
    harness.listen();
    assertEquals(List.of(), store.saved());
    channel.commit("e-1");
    harness.listen();
    assertNull(store.last());
    assertEquals(1, store.saved().size());
    assertNull(channel.lastEventId());
  }

  @Test
  void INV_23_aCommitInsideTheCallAndOneAfterTheEndAreStored() throws Exception {
    EventChannel channel = open();
    ScriptedConnection connection = connect();
    harness.listener.reacting(
        call -> {
          if (call instanceof Received received) {
            call.channel().commit(String.valueOf(received.event().id()));
          }
        });
    connection.event(event("e-1", "1")).event(control("position", "e-2", ""));
    harness.listen();
    assertEquals("e-2", store.last());
    harness.listener.reacting(call -> {});
    connection.event(event("e-3", "3")).event(event("e-4", "4"));
    harness.listen();
    channel.commit("e-3");
    channel.close();
    harness.listen();
    assertEquals("e-3", store.last());
    harness.listener.skipTo(RecordingListener.Closed.class);
    channel.commit("e-4"); // a worker that was at it when the channel closed
    harness.listen();
    assertEquals("e-4", store.last());
    assertEquals("e-4", channel.lastEventId());
  }

  @Test
  void aStoreThatFailsIsReportedAndTheNextCommitIsStored() throws Exception {
    boolean[] broken = {true};
    List<@Nullable String> saved = new ArrayList<>();
    SavedPositions failing = store;
    EventChannel channel =
        harness.client.open(
            ChannelRequest.builder(EngineHarness.URL)
                .cursorStore(
                    new io.eventchannel.CursorStore() {
                      @Override
                      public @Nullable String load() {
                        return failing.load();
                      }

                      @Override
                      public void save(@Nullable String lastEventId) {
                        if (broken[0]) {
                          throw new AssertionError("the store's own");
                        }
                        saved.add(lastEventId);
                      }
                    })
                .manualCommit()
                .build(),
            harness.listener);
    harness.listen();
    connect().event(event("e-1", "1")).event(event("e-2", "2"));
    harness.listen();
    channel.commit("e-1");
    harness.listen();
    assertEquals("the store's own", harness.errors.get(0).getMessage());
    assertEquals(1, harness.errors.size());
    harness.errors.clear();
    broken[0] = false;
    channel.commit("e-2");
    harness.listen();
    assertEquals(List.of("e-2"), saved);
  }

  @Test
  void aCommitThatTheExecutorRefusesIsReported() throws Exception {
    EventChannel channel = open();
    connect().event(event("e-1", "1"));
    harness.listen();
    channel.close();
    harness.listen();
    harness.executor.refuse();
    channel.commit("e-1");
    assertEquals(1, harness.errors.size());
    assertEquals(RejectedExecutionException.class, harness.errors.get(0).getClass());
    assertEquals(List.of(), store.saved());
    harness.errors.clear();
  }

  @Test
  void anIdThatNoServerCouldBeToldIsRefused() throws Exception {
    EventChannel channel = open();
    for (String id : List.of("", "a\nb", "a\rb", "a\0b", "x".repeat(4097))) {
      assertThrows(IllegalArgumentException.class, () -> channel.commit(id));
    }
    assertEquals("e-0", channel.lastEventId());
    connect();
  }

  @Test
  void withoutManualCommitThereIsNothingToCommit() throws Exception {
    EventChannel channel = harness.open();
    connect().event(event("e-1", "1"));
    harness.listen();
    assertThrows(IllegalStateException.class, () -> channel.commit("e-0"));
    assertEquals("e-1", channel.lastEventId());
  }

  @Test
  @Timeout(60)
  void INV_23_manyThreadsCommitAndTheStoreIsCalledByOneAtATime() throws Exception {
    int events = 2_000;
    ExecutorService workers = Executors.newFixedThreadPool(4);
    ScriptedTransport transport = new ScriptedTransport("websocket");
    store = new SavedPositions(null);
    CountDownLatch done = new CountDownLatch(events);
    RecordingListener listener = RecordingListener.counting();
    listener.reacting(
        call -> {
          if (call instanceof Received received) {
            workers.execute(
                () -> {
                  call.channel().commit(String.valueOf(received.event().id()));
                  done.countDown();
                });
          }
        });
    ChannelClient client = ChannelClient.builder().transport(transport).build();
    EventChannel channel =
        client.open(
            ChannelRequest.builder(EngineHarness.URL).cursorStore(store).manualCommit().build(),
            listener);
    ScriptedConnection connection = transport.takeConnection().opens(OURS);
    for (int i = 1; i <= events; i++) {
      connection.event(event("e-" + i, "x"));
    }
    assertTrue(done.await(30, TimeUnit.SECONDS));
    client.close();
    listener.skipTo(RecordingListener.Closed.class);
    workers.shutdown();
    channel.commit("e-last"); // the client's own threads have ended, or are about to
    awaitLast("e-last");
    assertFalse(store.overlapped());
  }

  private void awaitLast(String position) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!position.equals(store.last())) {
      assertTrue(System.nanoTime() < deadline, () -> "stored " + store.last());
      Thread.onSpinWait();
    }
  }
}
