package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.control;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.EventChannel;
import io.eventchannel.tck.RecordingListener.Call;
import io.eventchannel.tck.RecordingListener.Closed;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.RecordingListener.Missed;
import io.eventchannel.tck.RecordingListener.Opened;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.NetworkMonitor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A channel is closed by two threads in each state, inside each callback. A first connection leaves
 * one call of each kind in the queue, then the channel is brought into the state, then the calls
 * are made: so each callback meets each state. Afterwards everything that could go on does.
 */
class CloseTableTest {
  private static final int QUEUE = 8;

  /** Where the channel is when a callback closes it. */
  private enum Where {
    WAITING,
    WAITING_FOR_THE_LISTENER,
    PAUSED,
    CREDENTIALS_ASKED_FOR,
    CONNECTING,
    WAITING_FOR_HELLO,
    OPEN,
    OPEN_AND_NOT_READING,
    ENDED_BY_THE_SERVER
  }

  private enum Callback {
    ON_OPEN(Opened.class),
    ON_EVENT(Received.class),
    ON_GAP(Missed.class),
    ON_CONNECTION_LOST(ConnectionLost.class),
    ON_CLOSED(Closed.class);

    final Class<? extends Call> kind;

    Callback(Class<? extends Call> kind) {
      this.kind = kind;
    }
  }

  private final List<NetworkMonitor.Listener> network = new ArrayList<>();
  private final List<ScriptedConnection> connections = new ArrayList<>();
  private final List<CompletableFuture<Credentials>> asked = new ArrayList<>();
  private final List<Class<? extends Call>> heard = new ArrayList<>();
  private EngineHarness harness = EngineHarness.create();
  private boolean opened = true; // the latest connection
  private int attemptsBefore;

  private EventChannel bringTo(Where where) throws InterruptedException {
    harness =
        EngineHarness.lingering(
            settings -> {
              settings.inboundQueue(QUEUE, 1 << 20);
              settings.networkMonitor(
                  listener -> {
                    network.add(listener);
                    return () -> {};
                  });
              if (where == Where.CREDENTIALS_ASKED_FOR) {
                settings.credentials(
                    lastFailure -> {
                      asked.add(new CompletableFuture<>());
                      return asked.get(asked.size() - 1);
                    });
              }
            });
    EventChannel channel = harness.open();
    harness.listen();
    asked.forEach(first -> first.complete(Credentials.none()));
    ScriptedConnection first = take();
    first.opens(OURS).event(event("a-1", "1"));
    first.event(control("gap", "b-0", "{\"reason\":\"epoch\"}"));
    if (where == Where.ENDED_BY_THE_SERVER) {
      first.closes(CloseReason.closeCode(1000, "done"));
      return channel;
    }
    if (where == Where.WAITING_FOR_THE_LISTENER) {
      fill(first);
    }
    first.breaks();
    switch (where) {
      case WAITING, ENDED_BY_THE_SERVER -> {}
      case WAITING_FOR_THE_LISTENER -> harness.passDelay();
      case PAUSED -> harness.client.pause();
      case CREDENTIALS_ASKED_FOR -> harness.passDelay();
      case CONNECTING -> {
        takeNext();
        opened = false;
      }
      case WAITING_FOR_HELLO -> takeNext().opens(new ConnectionInfo(true, null, -1));
      case OPEN -> takeNext().opens(OURS).event(event("b-1", "2"));
      case OPEN_AND_NOT_READING -> fill(takeNext().opens(OURS));
    }
    return channel;
  }

  private ScriptedConnection take() throws InterruptedException {
    ScriptedConnection connection = harness.webSocket.takeConnection();
    connections.add(connection);
    return connection;
  }

  private ScriptedConnection takeNext() throws InterruptedException {
    harness.passDelay();
    return take();
  }

  private static void fill(ScriptedConnection connection) {
    for (int i = 1; i <= QUEUE; i++) {
      connection.event(event("b-" + i, "more"));
    }
    assertTrue(connection.isPaused());
  }

  /** What would go on if the channel were not closed for good. */
  private void everythingElseHappens() {
    asked.forEach(late -> late.complete(Credentials.none()));
    if (connections.size() > 1) { // which lingers: the first has ended long ago
      ScriptedConnection second = connections.get(1);
      if (!opened) {
        second.opens(OURS);
      }
      second.event(event("z-9", "too late")).position("z-10").retryHint(1).breaks();
    }
    network.get(0).onAvailable();
    network.get(0).onChanged();
    harness.client.pause();
    harness.client.resume();
    harness.scheduler.advance(Duration.ofDays(2));
    harness.listen();
  }

  private void closeByTwoThreads(EventChannel channel) {
    attemptsBefore = attempts();
    Thread other = new Thread(channel::close, "other");
    other.start();
    channel.close();
    try {
      other.join(10_000);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertFalse(other.isAlive(), "close() waits");
    assertTrue(
        channel.state() == ChannelState.CLOSING || channel.state() == ChannelState.CLOSED,
        () -> "" + channel.state());
  }

  private int attempts() {
    return harness.webSocket.attempts() + harness.sse.attempts();
  }

  private void assertNothingFollows() throws InterruptedException {
    assertEquals(0, harness.scheduler.pendingTasks(), "timers left");
    if (attemptsBefore > connections.size()) { // the listener had caught up
      take();
      opened = false;
    }
    everythingElseHappens();
    assertEquals(attemptsBefore, attempts(), "attempts");
    assertEquals(1, heard.stream().filter(Closed.class::equals).count(), () -> "" + heard);
    assertEquals(Closed.class, heard.get(heard.size() - 1));
    harness.finish();
    assertEquals(1, harness.listener.closes());
  }

  static List<Arguments> table() {
    List<Arguments> table = new ArrayList<>();
    for (Where where : Where.values()) {
      for (Callback callback : Callback.values()) {
        boolean comes =
            where == Where.ENDED_BY_THE_SERVER
                ? callback != Callback.ON_CONNECTION_LOST
                : callback != Callback.ON_CLOSED;
        if (comes) {
          table.add(Arguments.of(where, callback));
        }
      }
    }
    return table;
  }

  @ParameterizedTest
  @MethodSource("table")
  void F29_INV_30_closeInEachStateAndCallbackIsFollowedByOnClosedAlone(
      Where where, Callback callback) throws Exception {
    EventChannel channel = bringTo(where);
    harness.listener.reacting(
        call -> {
          heard.add(call.getClass().asSubclass(Call.class));
          if (callback.kind.isInstance(call)) {
            closeByTwoThreads(channel);
          }
        });
    harness.listen();
    if (callback != Callback.ON_CLOSED) {
      assertEquals(
          List.of(callback.kind, Closed.class), heard.subList(heard.size() - 2, heard.size()));
    }
    assertEquals(ChannelState.CLOSED, channel.state());
    assertNothingFollows();
  }

  @ParameterizedTest
  @EnumSource
  void F29_F30_INV_31_closeInEachStateTakesTheTimerBackAndFreesTheSocketAtOnce(Where where)
      throws Exception {
    EventChannel channel = bringTo(where);
    harness.listener.reacting(call -> heard.add(call.getClass().asSubclass(Call.class)));
    closeByTwoThreads(channel);
    assertEquals(0, harness.scheduler.pendingTasks(), "timers left");
    connections.forEach(connection -> assertTrue(connection.isGivenUp()));
    harness.listen();
    assertEquals(List.of(Closed.class), heard, "what waited for the listener is dropped");
    assertNothingFollows();
  }
}
