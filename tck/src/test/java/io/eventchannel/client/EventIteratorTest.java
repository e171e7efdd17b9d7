package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.control;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.CursorStore;
import io.eventchannel.Event;
import io.eventchannel.EventChannelException;
import io.eventchannel.Gap;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.tck.ScriptedTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A channel read by a thread that asks for each event; on the test's thread where it need not. */
@Timeout(60)
class EventIteratorTest {
  private static final Duration NOW = Duration.ZERO;

  private EngineHarness harness = EngineHarness.create();
  private final List<Gap> gaps = new ArrayList<>();
  private final SavedPositions store = new SavedPositions(null);

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  private EventIterator iterate() {
    return harness.client.iterate(ChannelRequest.of(EngineHarness.URL), gaps::add);
  }

  private EventIterator iterateStored() {
    EventIterator events =
        harness.client.iterate(
            ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(), gaps::add);
    harness.listen(); // loads
    return events;
  }

  private ScriptedConnection connect() throws InterruptedException {
    return harness.webSocket.takeConnection().opens(OURS);
  }

  @Test
  void INV_22_INV_24_aLoopGetsEachEventOnceAndInOrderOverTwoConnections() throws Exception {
    List<String> heard = new ArrayList<>();
    try (EventIterator events = iterate()) {
      ScriptedConnection first = connect();
      first.event(event("e-1", "1")).event(event("e-2", "2"));
      first.breaks();
      harness.passDelay();
      ScriptedConnection second = connect();
      assertEquals("e-2", second.request().lastEventId());
      second.event(event("e-3", "3")).closes(CloseReason.closeCode(1000, "done"));
      for (Event event : events) {
        heard.add(event.data());
      }
      assertThrows(NoSuchElementException.class, events::next);
      assertThrows(IllegalStateException.class, events::iterator, "a second pass");
    }
    assertEquals(List.of("1", "2", "3"), heard);
    assertEquals(0, harness.executor.pending(), "no thread of ours has anything to do");
  }

  @Test
  void INV_35_nothingIsTakenBeforeItIsAskedForSoAFullQueueStopsTheSocket() throws Exception {
    harness = EngineHarness.create(settings -> settings.inboundQueue(4, 1 << 20));
    try (EventIterator events = iterate()) {
      ScriptedConnection connection = connect();
      for (int i = 1; i <= 4; i++) {
        connection.event(event("e-" + i, "" + i));
      }
      assertTrue(connection.isPaused());
      assertEquals(0, harness.executor.pending());
      assertEquals("1", events.next().data());
      assertTrue(connection.isPaused());
      assertEquals("2", events.next().data());
      assertTrue(connection.isPaused(), "one that is not handled keeps its place");
      assertEquals("3", events.next().data());
      assertFalse(connection.isPaused());
    }
  }

  @Test
  void INV_23_anEventIsHandledWhenTheReaderComesBack() throws Exception {
    EventIterator events = iterateStored();
    ScriptedConnection connection = connect();
    connection.event(event("e-1", "1")).event(event("e-2", "2"));
    assertTrue(events.hasNext());
    assertTrue(events.hasNext());
    assertEquals("1", events.next().data());
    assertEquals(List.of(), store.saved());
    assertNull(events.channel().lastEventId());
    assertTrue(events.hasNext());
    assertEquals(List.of("e-1"), store.saved());
    assertEquals("2", events.next().data());
    assertNull(events.poll(NOW));
    assertEquals(List.of("e-1", "e-2"), store.saved(), "though no other event came");
    connection.event(control("position", "e-5", ""));
    assertNull(events.poll(NOW));
    assertNull(events.poll(NOW));
    assertEquals("e-5", store.last());
    events.close();
  }

  @Test
  void INV_23_closeDoesNotHandleWhatWasTakenLast() throws Exception {
    EventIterator events = iterateStored();
    connect().event(event("e-1", "1")).event(event("e-2", "2")).event(event("e-3", "3"));
    events.next();
    assertEquals("2", events.next().data());
    events.close();
    assertEquals(List.of("e-1"), store.saved());
    assertFalse(events.hasNext());
    assertThrows(NoSuchElementException.class, events::next);
    assertNull(events.poll(Duration.ofDays(1)));
    assertEquals(List.of("e-1"), store.saved());
    assertEquals(ChannelState.CLOSED, events.channel().state());
  }

  @Test
  void INV_23_INV_29_aReaderMayCommitByHand() throws Exception {
    EventIterator events =
        harness.client.iterate(
            ChannelRequest.builder(EngineHarness.URL).cursorStore(store).manualCommit().build(),
            gaps::add);
    harness.listen();
    ScriptedConnection connection = connect();
    connection.event(event("e-1", "1")).event(event("e-2", "2"));
    events.next();
    events.next();
    assertNull(events.poll(NOW));
    harness.listen();
    assertEquals(List.of(), store.saved());
    events.channel().commit("e-2");
    harness.listen();
    connection.event(control("position", "e-4", ""));
    assertNull(events.poll(NOW));
    assertNull(events.poll(NOW));
    harness.listen();
    assertEquals(List.of("e-2", "e-4"), store.saved());
    events.close();
  }

  @Test
  void INV_26_aGapIsToldOnTheReadingThreadBeforeTheNextEvent() throws Exception {
    List<String> calls = new ArrayList<>();
    Thread reader = Thread.currentThread();
    EventIterator events =
        harness.client.iterate(
            ChannelRequest.of(EngineHarness.URL),
            gap -> {
              assertSame(reader, Thread.currentThread());
              calls.add("gap to " + gap.resumedAt());
            });
    ScriptedConnection connection = connect();
    connection.event(event("a-1", "1"));
    connection.event(control("gap", "b-0", "{\"reason\":\"epoch\"}")).event(event("b-1", "2"));
    calls.add(events.next().data());
    assertEquals(List.of("1"), calls);
    calls.add(events.next().data());
    assertEquals(List.of("1", "gap to b-0", "2"), calls);
    events.close();
  }

  @Test
  void aGapWhoseCallThrowsIsHandledWhenTheReaderComesBack() throws Exception {
    EventIterator events =
        harness.client.iterate(
            ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(),
            gap -> {
              throw new IllegalStateException("the reader's own");
            });
    harness.listen();
    ScriptedConnection connection = connect();
    connection.event(control("gap", "b-0", "{\"reason\":\"epoch\"}")).event(event("b-1", "1"));
    assertEquals(
        "the reader's own", assertThrows(IllegalStateException.class, events::next).getMessage());
    assertEquals(List.of(), store.saved());
    assertEquals("1", events.next().data());
    assertEquals(List.of("b-0"), store.saved());
    events.close();
  }

  private enum End {
    NO_CONTENT(CloseReason.httpStatus(204, ""), true),
    NORMAL(CloseReason.closeCode(1000, "done"), true),
    UNAUTHORISED(CloseReason.httpStatus(404, ""), false),
    POLICY(CloseReason.closeCode(1008, "no"), false),
    LIMIT(CloseReason.of(Kind.LIMIT, "too long", new IllegalStateException("why")), false);

    final CloseReason reason;
    final boolean orderly;

    End(CloseReason reason, boolean orderly) {
      this.reason = reason;
      this.orderly = orderly;
    }
  }

  @ParameterizedTest
  @EnumSource
  void anOrderlyEndIsTheEndOfTheLoopAndAnyOtherIsThrown(End end) throws Exception {
    EventIterator events = iterateStored();
    connect().event(event("e-1", "1")).closes(end.reason);
    assertEquals("1", events.next().data());
    if (end.orderly) {
      assertFalse(events.hasNext());
      assertFalse(events.hasNext());
      assertNull(events.poll(Duration.ofDays(1)));
    } else {
      for (int i = 0; i < 2; i++) {
        ChannelClosedException ended = assertThrows(ChannelClosedException.class, events::hasNext);
        assertEquals(end.reason, ended.reason());
        assertSame(end.reason.cause(), ended.getCause());
      }
      assertThrows(ChannelClosedException.class, events::next);
      assertThrows(ChannelClosedException.class, () -> events.poll(NOW));
    }
    assertEquals("e-1", store.last(), "the reader came back");
    assertEquals(ChannelState.CLOSED, events.channel().state());
    events.close();
    assertFalse(events.hasNext(), "after close there is nothing to throw");
  }

  @Test
  void aGoodbyeForGoodIsAnOrderlyEnd() throws Exception {
    EventIterator events = iterate();
    ScriptedConnection connection = connect();
    connection.event(control("goodbye", null, "{\"code\":1000,\"reason\":\"sold out\"}"));
    connection.closes(CloseReason.of(Kind.END_OF_STREAM, "end"));
    assertFalse(events.hasNext());
    events.close();
  }

  @Test
  void INV_30_closeWakesAReaderThatWaits() throws Exception {
    EventIterator events = iterate();
    connect();
    FutureTask<Boolean> waiting = waitIn(events::hasNext);
    events.close();
    assertFalse(waiting.get(10, TimeUnit.SECONDS));
    events.close();
    assertEquals(ChannelState.CLOSED, events.channel().state());
  }

  @Test
  void INV_30_closingTheClientEndsAChannelThatNobodyReads() throws Exception {
    EventIterator idle = iterate();
    EventIterator abandoned = iterate();
    connect().event(event("e-1", "1"));
    connect().event(event("e-1", "1"));
    idle.next();
    harness.client.close();
    assertEquals(ChannelState.CLOSED, idle.channel().state());
    assertEquals(ChannelState.CLOSED, abandoned.channel().state());
    assertFalse(idle.hasNext());
    assertFalse(abandoned.hasNext());
    assertThrows(IllegalStateException.class, this::iterate);
  }

  @Test
  void INV_30_closeInsideTheGapCallEndsTheLoop() throws Exception {
    EventIterator[] self = new EventIterator[1];
    self[0] = harness.client.iterate(ChannelRequest.of(EngineHarness.URL), gap -> self[0].close());
    ScriptedConnection connection = connect();
    connection.event(control("gap", "b-0", "{\"reason\":\"epoch\"}")).event(event("b-1", "1"));
    assertFalse(self[0].hasNext());
    assertEquals(ChannelState.CLOSED, self[0].channel().state());
  }

  @Test
  void anInterruptedReaderKeepsItsFlagAndLosesNothing() throws Exception {
    EventIterator events = iterate();
    ScriptedConnection connection = connect();
    boolean[] flag = new boolean[1];
    FutureTask<Boolean> waiting =
        waitIn(
            () -> {
              try {
                return events.hasNext();
              } finally {
                flag[0] = Thread.currentThread().isInterrupted();
              }
            });
    reader.interrupt();
    ExecutionException ended =
        assertThrows(ExecutionException.class, () -> waiting.get(10, TimeUnit.SECONDS));
    assertEquals(EventChannelException.class, ended.getCause().getClass());
    assertTrue(flag[0]);

    Thread.currentThread().interrupt();
    try {
      EventChannelException interrupted =
          assertThrows(EventChannelException.class, events::hasNext);
      assertInstanceOf(InterruptedException.class, interrupted.getCause());
      assertThrows(EventChannelException.class, () -> events.poll(Duration.ofDays(1)));
      connection.event(event("e-1", "1"));
      assertEquals("1", events.next().data(), "what is there is returned");
    } finally {
      assertTrue(Thread.interrupted());
    }
    events.close();
  }

  @Test
  void pollWaitsForItsTimeAndLeavesNoTimer() throws Exception {
    EventIterator events = iterate();
    ScriptedConnection connection = connect().activity();
    int timers = harness.scheduler.pendingTasks();
    FutureTask<Event> inVain = waitIn(() -> events.poll(Duration.ofSeconds(3)));
    harness.scheduler.awaitPendingTasks(timers + 1, Duration.ofSeconds(10));
    harness.scheduler.advance(Duration.ofMillis(2_999));
    assertFalse(inVain.isDone());
    harness.scheduler.advance(Duration.ofMillis(1));
    assertNull(inVain.get(10, TimeUnit.SECONDS));

    FutureTask<Event> inTime = waitIn(() -> events.poll(Duration.ofSeconds(Long.MAX_VALUE)));
    connection.event(event("e-1", "1"));
    assertEquals("1", inTime.get(10, TimeUnit.SECONDS).data());
    assertNull(events.poll(Duration.ofSeconds(-1)));
    assertEquals(timers, harness.scheduler.pendingTasks());
    events.close();
  }

  @Test
  void aSecondReaderAndOneInsideTheGapCallAreTold() throws Exception {
    EventIterator[] self = new EventIterator[1];
    self[0] =
        harness.client.iterate(ChannelRequest.of(EngineHarness.URL), gap -> self[0].hasNext());
    ScriptedConnection connection = connect();
    FutureTask<Boolean> waiting = waitIn(self[0]::hasNext);
    assertThrows(IllegalStateException.class, self[0]::hasNext);
    assertThrows(IllegalStateException.class, () -> self[0].poll(NOW));
    connection.event(event("e-1", "1"));
    assertTrue(waiting.get(10, TimeUnit.SECONDS));
    assertEquals("1", self[0].next().data(), "another thread may go on");
    connection.event(control("gap", "b-0", "{\"reason\":\"epoch\"}"));
    assertThrows(IllegalStateException.class, self[0]::hasNext);
    self[0].close();
  }

  @Test
  void aStoreThatCannotLoadIsThrown() throws Exception {
    CursorStore broken =
        new CursorStore() {
          @Override
          public String load() {
            throw new IllegalStateException("disk");
          }

          @Override
          public void save(String lastEventId) {}
        };
    EventIterator events =
        harness.client.iterate(
            ChannelRequest.builder(EngineHarness.URL).cursorStore(broken).build(), gaps::add);
    harness.listen();
    ChannelClosedException ended = assertThrows(ChannelClosedException.class, events::hasNext);
    assertEquals("disk", String.valueOf(ended.getCause().getMessage()));
    events.close();
  }

  private enum Closer {
    ITERATOR,
    CHANNEL,
    CLIENT
  }

  @ParameterizedTest
  @EnumSource
  void INV_30_F29_whoeverClosesWhileSomebodyReadsTheLoopEndsAndNothingIsLeft(Closer closer)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      for (int round = 0; round < 300; round++) {
        race(threads, closer);
      }
    } finally {
      threads.shutdown();
    }
  }

  private static void race(ExecutorService threads, Closer closer) throws Exception {
    ScriptedTransport transport = new ScriptedTransport("websocket");
    ChannelClient client = ChannelClient.builder().transport(transport).build();
    EventIterator events = client.iterate(ChannelRequest.of(EngineHarness.URL), gap -> {});
    ScriptedConnection connection = transport.takeConnection().opens(OURS);
    CyclicBarrier start = new CyclicBarrier(3);
    Future<Integer> reading =
        threads.submit(
            () -> {
              start.await(10, TimeUnit.SECONDS);
              int next = 1;
              for (Event event : events) {
                assertEquals(next++, Integer.parseInt(event.data()));
              }
              return next;
            });
    Future<?> closing =
        threads.submit(
            () -> {
              start.await(10, TimeUnit.SECONDS);
              switch (closer) {
                case ITERATOR -> events.close();
                case CHANNEL -> events.channel().close();
                case CLIENT -> client.close();
              }
              return null;
            });
    start.await(10, TimeUnit.SECONDS);
    for (int i = 1; i < 10 && !connection.isGivenUp(); i++) {
      try {
        connection.event(Event.message("" + i).withId("e-" + i));
      } catch (IllegalStateException ended) {
        break; // closed since
      }
    }
    reading.get(10, TimeUnit.SECONDS);
    closing.get(10, TimeUnit.SECONDS);
    assertFalse(events.hasNext());
    client.close();
    awaitClosed(events);
    transport.assertExhausted();
  }

  private static void awaitClosed(EventIterator events) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (events.channel().state() != ChannelState.CLOSED) {
      assertTrue(System.nanoTime() < deadline, "the channel is not closed");
      Thread.onSpinWait();
    }
  }

  private Thread reader = Thread.currentThread();

  /** Lets another thread read until it waits. */
  private <T> FutureTask<T> waitIn(Callable<T> reading) {
    FutureTask<T> task = new FutureTask<>(reading);
    reader = new Thread(task, "reader");
    reader.setDaemon(true);
    reader.start();
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (reader.getState() != Thread.State.WAITING) {
      assertTrue(System.nanoTime() < deadline, () -> "the reader is " + reader.getState());
      Thread.onSpinWait();
    }
    return task;
  }
}
