package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.control;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.eventchannel.CursorStore;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.ScriptedConnection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the IDs that a server sends. */
class PositionTranscriptTest {
  private EngineHarness harness = EngineHarness.create();

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  @Test
  void INV_25_idsThatRepeatFallOrHaveNoOrderAreDeliveredAsTheyComeAndTheLastIsResumedFrom()
      throws Exception {
    List<String> ids = List.of("e-5", "e-3", "e-5", "e-5", "0", "zzz", "e-4", "a", "f-1", "e-2");
    ScriptedConnection first = harness.openConnected();
    ids.forEach(id -> first.event(event(id, "first " + id)));
    first.breaks();
    harness.passDelay();
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("e-2", second.request().lastEventId());
    second.opens(OURS);
    // A server that repeats itself is believed: what keeps events single is not on this side.
    ids.forEach(id -> second.event(event(id, "second " + id)));
    harness.listen();

    List<String> expected = new ArrayList<>();
    ids.forEach(id -> expected.add("first " + id));
    ids.forEach(id -> expected.add("second " + id));
    List<String> heard = new ArrayList<>();
    harness.listener.takeEvents(ids.size()).forEach(event -> heard.add(event.data()));
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
    harness.listener.takeEvents(ids.size()).forEach(event -> heard.add(event.data()));
    assertEquals(expected, heard);
    harness.listener.assertExhausted();
  }

  @Test
  void INV_25_aConnectionGivenUpIsReadNoMoreThoughItsIdsAreNew() throws Exception {
    harness = EngineHarness.lingering();
    ScriptedConnection zombie = harness.openConnected();
    zombie.event(event("e-1", "1"));
    harness.scheduler.advance(java.time.Duration.ofMillis(37_500));
    ScriptedConnection second = harness.webSocket.takeConnection().opens(OURS);
    zombie.event(event("e-2", "of the zombie")).position("e-9");
    second.breaks();
    zombie.event(event("e-3", "of the zombie")).breaks();
    harness.passDelay();
    ScriptedConnection third = harness.webSocket.takeConnection().opens(OURS);
    assertEquals("e-1", third.request().lastEventId());
    third.event(event("e-2", "2"));
    harness.listen();
    assertEquals("1", harness.listener.takeEvent().data());
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
    assertEquals("2", harness.listener.takeEvent().data());
    harness.listener.assertExhausted();
    third.breaks();
  }

  @Test
  void INV_29_heartbeatsTakeAQuietChannelAlongInItsStoreAndItsNextConnection() throws Exception {
    SavedPositions store = new SavedPositions("e-1");
    EventChannel channel =
        harness.client.open(
            ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(), harness.listener);
    harness.listen();
    ScriptedConnection connection = harness.webSocket.takeConnection().opens(OURS);
    for (int i = 2; i <= 1_000; i++) { // a busy feed, a quiet topic
      connection.event(control("position", "e-" + i, ""));
    }
    harness.listen();
    assertEquals("e-1000", store.last());
    assertEquals("e-1000", channel.lastEventId());
    connection.breaks();
    harness.passDelay();
    assertEquals("e-1000", harness.webSocket.takeConnection().request().lastEventId());
    harness.listen();
    harness.listener.takeOpen();
    harness.listener.takeConnectionLost();
    harness.listener.assertExhausted();
  }

  @Test
  void INV_29_INV_23_aPositionNeverOvertakesTheEventsBeforeIt() throws Exception {
    SavedPositions store = new SavedPositions(null);
    List<String> whenHeard = new ArrayList<>();
    harness.client.open(
        ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(), harness.listener);
    harness.listen();
    harness.listener.reacting(
        call -> {
          if (call instanceof RecordingListener.Received received) {
            whenHeard.add(received.event().id() + " with " + store.last());
          }
        });
    ScriptedConnection connection = harness.webSocket.takeConnection().opens(OURS);
    connection.event(event("e-1", "1")).event(control("position", "e-5", ""));
    connection.event(event("e-6", "6")).event(control("position", "e-9", ""));
    harness.listen();
    assertEquals(List.of("e-1 with null", "e-6 with e-5"), whenHeard);
    assertEquals(List.of("e-1", "e-5", "e-6", "e-9"), store.saved());
  }

  @Test
  void INV_23_aStoreInMemoryLetsALaterChannelGoOn() throws Exception {
    CursorStore store = CursorStore.inMemory();
    assertNull(store.load());
    ChannelRequest request = ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build();
    EventChannel first = harness.client.open(request, harness.listener);
    harness.listen();
    ScriptedConnection connection = harness.webSocket.takeConnection().opens(OURS);
    connection.event(event("e-1", "1"));
    harness.listen();
    connection.event(event("e-2", "received, and not handled"));
    first.close();
    harness.listen();
    assertEquals("e-1", store.load());

    harness.client.open(request, new RecordingListener());
    harness.listen();
    assertEquals("e-1", harness.webSocket.takeConnection().request().lastEventId());
  }

  @Test
  void INV_27_anEventWithoutAnIdOfItsOwnMovesNeitherPosition() throws Exception {
    SavedPositions store = new SavedPositions(null);
    harness.client.open(
        ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(), harness.listener);
    harness.listen();
    ScriptedConnection connection = harness.webSocket.takeConnection().opens(OURS);
    connection.event(event("e-1", "1")).event(Event.message("none")).event(event("e-1", "x"), null);
    harness.listen();
    assertEquals(List.of("e-1"), store.saved());
    connection.breaks();
    harness.passDelay();
    assertEquals("e-1", harness.webSocket.takeConnection().request().lastEventId());
    harness.listen();
  }
}
