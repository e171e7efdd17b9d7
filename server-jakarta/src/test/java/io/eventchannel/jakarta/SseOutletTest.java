package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet.WriteResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SseOutletTest {
  private final FakeAdmission engine = new FakeAdmission(WireFormat.SSE, 60_000);
  private final FakeResponse container = new FakeResponse();
  private final ContainerCalls calls = new ContainerCalls(0);
  private final Home home = new Home(calls, BodyRoom.forBodiesOf(0));
  private SseOutlet outlet;

  @BeforeEach
  void start() throws IOException {
    outlet = SseOutlet.start(engine, container.async, home);
  }

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void nothingIsWrittenBeforeTheContainersFirstCall() {
    assertEquals(List.of("timeout 0"), container.calls);
    assertEquals(List.of(), engine.told);
  }

  @Test
  void theEngineGetsTheOutletOnceItCanWriteAndTheHeadLeavesWithItsFirstWrite() throws IOException {
    container.readiness.add(false);
    container.writeListener.onWritePossible();
    assertEquals(List.of(), engine.told);
    container.writeListener.onWritePossible();
    assertEquals(List.of("timeout 0"), container.calls);
    assertEquals(List.of("open"), engine.told);
    assertEquals(WriteResult.DONE, outlet.write(batch("a")));
    assertEquals(List.of("timeout 0", "write a", "flush"), container.calls);
  }

  @Test
  void aBatchIsWrittenAndFlushedAndTheNextMayFollow() throws IOException {
    open();
    assertEquals(WriteResult.DONE, outlet.write(batch("a")));
    assertEquals(WriteResult.DONE, outlet.write(batch("b")));
    assertEquals(List.of("write a", "flush", "write b", "flush"), container.calls);
    assertEquals(List.of(), engine.told);
  }

  @Test
  void aWriteThatCannotBeFlushedYetIsFlushedLaterAndThenReady() throws IOException {
    open();
    container.readiness.add(false);
    assertEquals(WriteResult.PENDING, outlet.write(batch("a")));
    assertEquals(List.of("write a"), container.calls);
    container.writeListener.onWritePossible();
    assertEquals(List.of("write a", "flush"), container.calls);
    assertEquals(List.of("ready"), engine.told);
  }

  @Test
  void aFlushThatDoesNotFinishIsReadyOnceItHas() throws IOException {
    open();
    container.readiness.addAll(List.of(true, false));
    assertEquals(WriteResult.PENDING, outlet.write(batch("a")));
    container.readiness.add(false);
    container.writeListener.onWritePossible();
    assertEquals(List.of(), engine.told);
    container.writeListener.onWritePossible();
    container.writeListener.onWritePossible();
    assertEquals(List.of("ready"), engine.told);
    assertEquals(List.of("write a", "flush"), container.calls);
  }

  @Test
  void onWritePossibleFromInsideTheQuestionIsNotLost() throws IOException {
    open();
    container.insideIsReady = this::possible;
    container.readiness.add(false);
    assertEquals(WriteResult.PENDING, outlet.write(batch("a")));
    assertEquals(List.of("write a", "flush"), container.calls);
    assertEquals(List.of("ready"), engine.told);
    assertEquals(WriteResult.DONE, outlet.write(batch("b")));
  }

  @Test
  void anEngineThatWritesFromInsideReadyIsServed() throws IOException {
    open();
    engine.onReady = () -> assertEquals(WriteResult.DONE, outlet.write(batch("b")));
    container.readiness.add(false);
    assertEquals(WriteResult.PENDING, outlet.write(batch("a")));
    container.writeListener.onWritePossible();
    assertEquals(List.of("write a", "flush", "write b", "flush"), container.calls);
  }

  @Test
  void aSecondWriteBeforeReadyIsAMistake() throws IOException {
    open();
    container.readiness.add(false);
    outlet.write(batch("a"));
    assertThrows(IllegalStateException.class, () -> outlet.write(batch("b")));
    assertEquals(List.of("write a"), container.calls);
  }

  @Test
  void aFailedWriteOnlyMarksTheStreamDeadAndTheContainersErrorCompletesIt() throws IOException {
    open();
    container.failure = new IOException("reset");
    assertEquals(WriteResult.DEAD, outlet.write(batch("a")));
    outlet.abort(); // the engine cleans up, and must not complete what the container still unwinds
    assertEquals(List.of("closed NETWORK"), engine.told);
    assertEquals(List.of("write a"), container.calls);
    container.writeListener.onError(container.failure);
    container.asyncListener.onError(container.event(container.failure));
    container.asyncListener.onComplete(container.event(null));
    assertEquals(List.of("write a", "complete"), container.calls);
    assertEquals(List.of("closed NETWORK"), engine.told);
    assertEquals(WriteResult.DEAD, outlet.write(batch("b")));
    assertEquals(0, home.connections.size());
  }

  @Test
  void anythingThatARecycledResponseThrowsIsAFailedWrite() throws IOException {
    open();
    container.failure = new NullPointerException();
    assertEquals(WriteResult.DEAD, outlet.write(batch("a")));
    assertEquals(List.of("closed NETWORK"), engine.told);
  }

  @Test
  void theErrorCallbackWaitsForAWriterThatIsStillInside() throws Exception {
    open();
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    container.insideIsReady =
        () -> {
          inside.countDown();
          await(leave);
        };
    Thread writer = new Thread(() -> outlet.write(batch("a")));
    writer.start();
    await(inside);
    CountDownLatch returned = new CountDownLatch(1);
    Thread callback =
        new Thread(
            () -> {
              container.writeListener.onError(new IOException("reset"));
              returned.countDown();
            });
    callback.start();
    while (callback.getState() != Thread.State.BLOCKED) {
      assertTrue(callback.isAlive(), "the callback returned while the writer was inside");
      Thread.onSpinWait();
    }
    assertFalse(container.calls.contains("complete"));
    leave.countDown();
    await(returned);
    writer.join(5_000);
    callback.join(5_000);
    assertEquals(List.of("write a", "flush", "complete"), container.calls);
  }

  @Test
  void closeCompletesAtOnceWhenNothingIsPending() throws IOException {
    open();
    outlet.write(batch("goodbye"));
    outlet.close(1001, "going away");
    outlet.close(1001, "again");
    assertEquals(List.of("write goodbye", "flush", "complete"), container.calls);
    assertEquals(List.of("closed LOCAL"), engine.told);
    assertEquals(WriteResult.DEAD, outlet.write(batch("a")));
  }

  @Test
  void closeWaitsForThePendingWrite() throws IOException {
    open();
    container.readiness.add(false);
    outlet.write(batch("goodbye"));
    outlet.close(1001, "going away");
    assertEquals(List.of("write goodbye"), container.calls);
    container.writeListener.onWritePossible();
    assertEquals(List.of("write goodbye", "flush", "complete"), container.calls);
    assertEquals(List.of("closed LOCAL"), engine.told);
  }

  @Test
  void abortCompletesAStuckStreamOnceAndWritesNothingMore() throws IOException {
    open();
    container.readiness.add(false);
    outlet.write(batch("a"));
    outlet.abort();
    outlet.abort();
    container.writeListener.onWritePossible();
    assertEquals(List.of("write a", "complete"), container.calls);
    assertEquals(List.of("closed LOCAL"), engine.told);
  }

  @Test
  void aStreamThatEndsBeforeItOpenedGivesItsAdmissionBackOnce() throws IOException {
    container.asyncListener.onError(container.event(new IOException("reset")));
    container.asyncListener.onComplete(container.event(null));
    container.writeListener.onWritePossible();
    assertEquals(List.of("cancel"), engine.told);
    assertEquals(List.of("timeout 0", "complete"), container.calls);
    assertEquals(0, home.connections.size());
  }

  @Test
  void whatTheContainerSaysBeforeTheEngineHasAnsweredIsKept() {
    OutletSignals signals = new OutletSignals();
    signals.ready();
    signals.closed(io.eventchannel.CloseReason.of(io.eventchannel.CloseReason.Kind.NETWORK, ""));
    signals.closed(io.eventchannel.CloseReason.of(io.eventchannel.CloseReason.Kind.LOCAL, ""));
    signals.bind(engine);
    signals.closed(io.eventchannel.CloseReason.of(io.eventchannel.CloseReason.Kind.LOCAL, ""));
    assertEquals(List.of("ready", "closed NETWORK"), engine.told);
  }

  private void open() throws IOException {
    container.writeListener.onWritePossible();
    assertEquals(List.of("open"), engine.told);
    engine.told.clear();
    container.calls.clear();
  }

  private void possible() {
    try {
      container.writeListener.onWritePossible();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Batch batch(String text) {
    return new Batch(WireFormat.SSE, text.getBytes(StandardCharsets.UTF_8), false);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(5, TimeUnit.SECONDS), "waited in vain");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
