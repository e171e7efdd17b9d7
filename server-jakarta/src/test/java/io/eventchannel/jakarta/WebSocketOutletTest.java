package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet.WriteResult;
import io.eventchannel.tck.VirtualScheduler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebSocketOutletTest {
  private final FakeSession container = new FakeSession();
  private static final String CLOSE_SEND_TIMEOUT =
      "org.apache.tomcat.websocket.ABNORMAL_SESSION_CLOSE_SEND_TIMEOUT";

  private final ContainerCalls calls = new ContainerCalls();
  private final Home home = new Home(calls, BodyRoom.forBodiesOf(0));
  private final VirtualScheduler timer = new VirtualScheduler();
  private final SendWatch watch = new SendWatch(timer);
  private final Random random = new Random(4);

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void aSendThatEndsInsideTheCallIsDone() throws Exception {
    Fixture f = open(60_000);
    container.insideSend = container::finish;
    assertEquals(WriteResult.DONE, f.outlet.write(text("a")));
    assertEquals(WriteResult.DONE, f.outlet.write(bytes("bc")));
    assertEquals("text a", next());
    assertEquals("binary 2", next());
    assertEquals(List.of(), f.engine.told);
  }

  @Test
  void WS_14_oneSendIsInFlightAndReadyComesWhenItEnds() throws Exception {
    Fixture f = open(60_000);
    assertEquals(WriteResult.PENDING, f.outlet.write(text("a")));
    assertThrows(IllegalStateException.class, () -> f.outlet.write(text("b")));
    assertThrows(IllegalStateException.class, f.outlet::ping);
    container.finish();
    container.finish(); // a container that says it twice is heard once
    assertEquals(List.of("ready"), f.engine.told);
    assertEquals(WriteResult.PENDING, f.outlet.write(text("b")));
    assertEquals("text a", next());
    assertEquals("text b", next());
  }

  @Test
  void aFailedSendIsTheEnd() throws Exception {
    Fixture f = open(60_000);
    assertEquals(WriteResult.PENDING, f.outlet.write(text("a")));
    container.fail(new IOException("reset"));
    assertEquals(List.of("closed NETWORK"), f.engine.told);
    assertEquals(WriteResult.DEAD, f.outlet.write(text("b")));
  }

  @Test
  void aSendThatFailsInsideTheCallIsDead() throws Exception {
    Fixture f = open(60_000);
    container.insideSend = () -> container.fail(new IOException("reset"));
    assertEquals(WriteResult.DEAD, f.outlet.write(text("a")));
    assertEquals(List.of("closed NETWORK"), f.engine.told);
  }

  @Test
  void aSendThatThrowsIsDead() throws Exception {
    Fixture f = open(60_000);
    container.insideSend =
        () -> {
          throw new IllegalStateException("closed");
        };
    assertEquals(WriteResult.DEAD, f.outlet.write(text("a")));
    assertEquals(List.of("closed NETWORK"), f.engine.told);
  }

  @Test
  void aPingThatBlocksDoesNotBlockTheEngine() throws Exception {
    Fixture f = open(60_000);
    CountDownLatch leave = new CountDownLatch(1);
    CountDownLatch ready = new CountDownLatch(1);
    f.engine.onReady = ready::countDown;
    container.insidePing = () -> await(leave);
    assertEquals(WriteResult.PENDING, f.outlet.ping());
    assertEquals("ping", next());
    assertEquals(List.of(), f.engine.told);
    leave.countDown();
    await(ready);
    assertEquals(WriteResult.PENDING, f.outlet.write(text("a")));
  }

  @Test
  void closeWaitsForTheSendInFlight() throws Exception {
    Fixture f = open(60_000);
    f.outlet.write(text("goodbye"));
    assertEquals("text goodbye", next());
    f.outlet.close(1001, "going away");
    f.outlet.close(4000, "slow");
    assertNull(container.calls.poll());
    assertEquals(WriteResult.PENDING, f.outlet.write(text("b")));
    container.finish();
    assertEquals("close 1001 going away", next());
  }

  @Test
  void aCloseThatWaitsTooLongForItsSendCutsTheSession() throws Exception {
    Fixture f = open(20);
    f.outlet.write(text("a"));
    f.outlet.close(4000, "slow consumer");
    assertEquals("text a", next());
    assertEquals("close 4000 slow consumer", next());
  }

  @Test
  void abortLetsThePeerComeBackAndIsTheOnlyClose() throws Exception {
    Fixture f = open(60_000);
    f.outlet.write(text("a"));
    f.outlet.abort();
    f.outlet.abort();
    f.outlet.close(1000, "late");
    assertEquals("text a", next());
    assertEquals("close 1001 connection given up", next());
    container.finish();
    assertTrue(home.connections.awaitNone(5_000));
    assertNull(container.calls.poll());
    assertEquals("closed LOCAL", f.engine.told.get(0));
  }

  @Test
  void onTomcatACloseThatCutsDoesNotWaitForASendAndAnyOtherDoes() throws Exception {
    Fixture stuck = open(60_000, onCredit());
    assertEquals(WriteResult.PENDING, stuck.outlet.write(bytes("k".repeat(100_000))));
    assertEquals("binary 100000", next());
    assertEquals(5_000L, container.properties.get(CLOSE_SEND_TIMEOUT));
    stuck.outlet.abort();
    assertEquals("close 1001 connection given up", next());
    assertEquals(1L, container.properties.get(CLOSE_SEND_TIMEOUT));

    container.properties.clear();
    Fixture orderly = open(60_000);
    orderly.outlet.close(1001, "going away");
    assertEquals("close 1001 going away", next());
    assertEquals(5_000L, container.properties.get(CLOSE_SEND_TIMEOUT));
  }

  @Test
  void refusingAMessageSaysWhichLimitAndIsToldAsSuch() throws Exception {
    Fixture f = open(60_000);
    f.outlet.refuse("message over the limit of 100 bytes");
    assertEquals("close 1009 message over the limit of 100 bytes", next());
    assertTrue(home.connections.awaitNone(5_000));
    assertEquals(List.of("closed LIMIT"), f.engine.told);
  }

  @Test
  void whatIsWrittenBehindACloseOfOursDoesNotEndItForAnotherReason() throws Exception {
    Fixture f = open(60_000, onCredit());
    f.outlet.refuse("message over the limit of 10 bytes");
    assertEquals(WriteResult.PENDING, f.outlet.write(text("too late")));
    assertEquals("close 1009 message over the limit of 10 bytes", next());
    f.outlet.closed(CloseReason.closeCode(1009, ""));
    assertEquals("closed LIMIT", f.engine.told.get(0));
  }

  @Test
  void theFirstEndCounts() throws Exception {
    Fixture f = open(60_000);
    f.outlet.closed(io.eventchannel.CloseReason.closeCode(1000, "bye"));
    f.outlet.lost(new IOException("late"));
    f.outlet.closed(io.eventchannel.CloseReason.closeCode(1006, ""));
    assertEquals(List.of("closed CLOSE_CODE"), f.engine.told);
    assertEquals(0, home.connections.size());
  }

  @Test
  void WS_07_aReasonIsCutAt123BytesBetweenCodePoints() {
    String ascii = "a".repeat(123);
    assertEquals(ascii, SessionClose.cut(ascii));
    assertEquals(ascii, SessionClose.cut(ascii + "b"));
    assertEquals("é".repeat(61), SessionClose.cut("é".repeat(100)));
    assertEquals("€".repeat(41), SessionClose.cut("€".repeat(42)));
    String faces = "\ud83d\ude00".repeat(40);
    assertEquals("\ud83d\ude00".repeat(30), SessionClose.cut(faces));
    assertEquals(120, SessionClose.cut(faces).getBytes(StandardCharsets.UTF_8).length);
    assertEquals("", SessionClose.cut(""));
  }

  @Test
  void whatTheCreditCoversIsSentByTheCallThatWaits() throws Exception {
    Fixture f = open(60_000, onCredit());
    assertEquals(WriteResult.DONE, f.outlet.write(text("a")));
    assertEquals(WriteResult.DONE, f.outlet.write(bytes("bc")));
    assertEquals("text at once a", next());
    assertEquals("binary at once 2", next());
    assertEquals(List.of(), f.engine.told);
  }

  @Test
  void withoutProofOfWhatThePeerHasReadTheCallThatWaitsIsNotMade() throws Exception {
    Fixture f = open(60_000, onCredit());
    container.insideSend = () -> {};
    for (int i = 0; i < 14; i++) {
      assertEquals(WriteResult.DONE, f.outlet.write(text("k".repeat(1024))));
    }
    int sent = 0;
    while (f.outlet.write(text("k".repeat(1024))) == WriteResult.DONE) {
      assertTrue(++sent < 100, "a peer that says nothing gets no credit for ever");
    }
    container.finish();
    f.outlet.pong(ByteBuffer.allocate(0)); // somebody else's question
    assertEquals(WriteResult.PENDING, f.outlet.write(text("still none")));
    container.finish();
    f.outlet.pong(container.lastPing);
    assertEquals(WriteResult.DONE, f.outlet.write(text("again")));
  }

  @Test
  void afterALargeSendThePeerIsAskedFromAThreadThatMayWait() throws Exception {
    Fixture f = open(60_000, onCredit());
    CountDownLatch ready = new CountDownLatch(1);
    f.engine.onReady = ready::countDown;
    assertEquals(WriteResult.PENDING, f.outlet.write(bytes("k".repeat(100_000))));
    assertEquals("binary 100000", next());
    Thread here = Thread.currentThread();
    container.insidePing = () -> assertTrue(Thread.currentThread() != here);
    container.finish();
    assertEquals("ping", next());
    await(ready);
    assertEquals(WriteResult.PENDING, f.outlet.write(text("not yet")));
    container.finish();
    f.outlet.pong(container.lastPing);
    assertEquals(WriteResult.DONE, f.outlet.write(text("now")));
  }

  @Test
  void peersThatDoNotTakeTheQuestionLeaveThreadsToTheOthers() throws Exception {
    CountDownLatch leave = new CountDownLatch(1);
    container.insidePing = () -> await(leave);
    for (int i = 0; i < 4; i++) {
      Fixture stuck = open(60_000, onCredit());
      stuck.outlet.write(bytes("k".repeat(100_000)));
      assertEquals("binary 100000", next());
      container.finish();
      assertEquals("ping", next());
    }
    Fixture next = open(60_000, onCredit());
    next.outlet.write(bytes("k".repeat(100_000)));
    container.finish();
    assertEquals(List.of("ready"), next.engine.told); // not asked this time
    leave.countDown();
  }

  @Test
  void aSessionWhoseCallWaitsGetsNoMoreCredit() throws Exception {
    Fixture slow = open(60_000, onCredit());
    assertEquals(WriteResult.DONE, slow.outlet.write(text("a")));
    lookWhileItWaits(slow, 1);
    assertEquals(WriteResult.PENDING, slow.outlet.write(text("c")));
    Fixture other = open(60_000, onCredit());
    assertEquals(WriteResult.DONE, other.outlet.write(text("d")));
  }

  @Test
  void S24_aCallThatIsSeenToWaitForTheThirdTimeIsEndedOnceItsConnectionIsCut() throws Exception {
    Fixture slow = open(60_000, onCredit());
    List<String> ends = new CopyOnWriteArrayList<>();
    container.insideSend =
        () -> {
          waitUntilInterrupted(ends);
          throw new IllegalStateException("interrupted");
        };
    Thread writer = new Thread(() -> ends.add("" + slow.outlet.write(text("waits"))), "writer");
    writer.start();
    awaitThatItWaits(writer);
    assertEquals("text at once waits", next());
    timer.advance(Duration.ofMillis(200));
    assertNull(container.calls.poll());
    timer.advance(Duration.ofMillis(100));
    writer.join();
    assertEquals(
        List.of("interrupted after close 1001 the connection takes nothing more", "PENDING"), ends);
    assertEquals(1L, container.properties.get(CLOSE_SEND_TIMEOUT));
  }

  @Test
  void anInterruptThatTheCallLeavesBehindIsTakenBackWithIt() throws Exception {
    Fixture slow = open(60_000, onCredit());
    List<String> ends = new CopyOnWriteArrayList<>();
    container.insideSend =
        () -> {
          while (!Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(TimeUnit.MINUTES.toNanos(1)); // leaves it as it is
          }
        };
    Thread writer =
        new Thread(
            () -> ends.add(slow.outlet.write(text("waits")) + " " + Thread.interrupted()),
            "writer");
    writer.start();
    awaitThatItWaits(writer);
    timer.advance(Duration.ofMillis(300));
    writer.join();
    assertEquals(List.of("DONE false"), ends);
  }

  @Test
  void onceManySmallFramesMadeACallWaitEachFrameCountsForAPacket() throws Exception {
    assertEquals(107, framesBeforeTheQuestion(open(60_000, onCredit())));
    Fixture early = open(60_000, onCredit());
    write(early, 100);
    Fixture few = open(60_000, onCredit());
    write(few, 20);
    endIts(few);
    assertEquals(107, framesBeforeTheQuestion(open(60_000, onCredit())));
    Fixture many = open(60_000, onCredit());
    write(many, 50);
    endIts(many);
    assertEquals(WriteResult.PENDING, early.outlet.write(text("of those before, too")));
    assertEquals(25, framesBeforeTheQuestion(open(60_000, onCredit())));
  }

  @Test
  void WS_08_anAnswerToACloseWaitsForTheSendsOfASessionThatIsSentMuch() throws Exception {
    Fixture f = open(60_000, onCredit());
    assertEquals(WriteResult.DONE, f.outlet.write(text("little")));
    f.outlet.ping();
    f.outlet.pong(container.lastPing);
    assertNull(container.properties.get(CLOSE_SEND_TIMEOUT)); // which would take memory
    framesBeforeTheQuestion(f);
    assertEquals(5_000L, container.properties.get(CLOSE_SEND_TIMEOUT));
  }

  /** Makes a call wait until it is ended. */
  private void endIts(Fixture f) throws InterruptedException {
    container.insideSend = () -> waitUntilInterrupted(new CopyOnWriteArrayList<>());
    Thread writer = new Thread(() -> f.outlet.write(text("waits")), "writer");
    writer.start();
    awaitThatItWaits(writer);
    timer.advance(Duration.ofMillis(300));
    writer.join();
    container.insideSend = () -> {};
  }

  private void write(Fixture f, int frames) {
    for (int i = 0; i < frames; i++) {
      assertEquals(WriteResult.DONE, f.outlet.write(text("k".repeat(225))));
    }
  }

  private int framesBeforeTheQuestion(Fixture f) {
    ByteBuffer before = container.lastPing;
    int frames = 0;
    for (; container.lastPing == before; frames++) {
      write(f, 1);
    }
    return frames;
  }

  private void waitUntilInterrupted(List<String> ends) {
    try {
      boolean never = new CountDownLatch(1).await(1, TimeUnit.MINUTES);
      ends.add("waited to the end: " + never);
    } catch (InterruptedException e) {
      ends.add("interrupted after " + container.calls.poll());
    }
  }

  private static void awaitThatItWaits(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aCallThatHasOnlyLostItsProcessorDoesNotCount() throws Exception {
    Fixture f = open(60_000, onCredit());
    container.insideSend = () -> timer.advance(Duration.ofSeconds(5)); // the thread runs meanwhile
    assertEquals(WriteResult.DONE, f.outlet.write(text("a")));
    assertEquals(WriteResult.DONE, f.outlet.write(text("b")));
  }

  @Test
  void S24_callsThatHaveWaitedForASecondInAllStopForAMinute() throws Exception {
    for (int i = 0; i < 11; i++) { // a little comes back meanwhile
      lookWhileItWaits(open(60_000, onCredit()), 1);
    }
    container.insideSend = () -> {};
    Fixture other = open(60_000, onCredit());
    assertEquals(WriteResult.PENDING, other.outlet.write(text("c")));
    container.finish();
    timer.advance(Duration.ofMinutes(1));
    assertEquals(WriteResult.DONE, other.outlet.write(text("d")));
  }

  @Test
  void theWatchSleepsWhenNothingWasSentForASecondAndWakesWithTheNextSend() throws Exception {
    Fixture f = open(60_000, onCredit());
    assertEquals(0, timer.pendingTasks());
    assertEquals(WriteResult.DONE, f.outlet.write(text("a")));
    assertEquals(1, timer.pendingTasks());
    timer.advance(Duration.ofMillis(900));
    assertEquals(WriteResult.DONE, f.outlet.write(text("b")));
    assertEquals(1, timer.pendingTasks());
    timer.advance(Duration.ofMillis(1_000));
    assertEquals(1, timer.pendingTasks());
    timer.advance(Duration.ofMillis(100));
    assertEquals(0, timer.pendingTasks());
    lookWhileItWaits(f, 1);
    assertEquals(WriteResult.PENDING, f.outlet.write(text("c")));
  }

  /** Lets a send wait while the watch takes so many looks. */
  private void lookWhileItWaits(Fixture f, int looks) throws InterruptedException {
    CountDownLatch leave = new CountDownLatch(1);
    container.insideSend = () -> await(leave);
    Thread writer = new Thread(() -> f.outlet.write(text("waits")), "writer");
    writer.start();
    awaitThatItWaits(writer);
    timer.advance(Duration.ofMillis(100L * looks));
    leave.countDown();
    writer.join();
    container.insideSend = () -> {};
  }

  @Test
  void S24_aPongThatAnswersNoPingOfOursProvesNothing() throws Exception {
    Fixture f = open(60_000, onCredit());
    container.insideSend = () -> {};
    int sent = 0;
    while (f.outlet.write(text("k".repeat(1024))) == WriteResult.DONE) {
      assertTrue(++sent < 100, "a peer that says nothing gets no credit for ever");
    }
    container.finish();
    for (long guess = 0; guess < 64 * 1024; guess++) { // that many bytes may have been written
      f.outlet.pong(ByteBuffer.allocate(Long.BYTES).putLong(guess).flip());
    }
    assertEquals(WriteResult.PENDING, f.outlet.write(text("still none")));
  }

  @Test
  void aHeartbeatsPingAsksToo() throws Exception {
    Fixture f = open(60_000, onCredit());
    for (int i = 0; i < 7; i++) {
      assertEquals(WriteResult.DONE, f.outlet.write(text("k".repeat(4000))));
    }
    Thread here = Thread.currentThread();
    container.insidePing = () -> assertSame(here, Thread.currentThread());
    assertEquals(WriteResult.DONE, f.outlet.ping());
    f.outlet.pong(container.lastPing); // the peer has left the older one unanswered
    assertEquals(WriteResult.DONE, f.outlet.write(text("k".repeat(8000))));
    assertEquals(List.of("pong"), f.engine.told); // and no ready, since it was not awaited
  }

  @Test
  void aPingThatTheCreditDoesNotCoverIsSentFromAThreadThatMayWait() throws Exception {
    Fixture f = open(60_000, onCredit());
    while (f.outlet.write(text("k".repeat(1024))) == WriteResult.DONE) {
      next();
    }
    container.finish();
    CountDownLatch ready = new CountDownLatch(1);
    f.engine.onReady = ready::countDown;
    Thread here = Thread.currentThread();
    container.insidePing = () -> assertNotSame(here, Thread.currentThread());
    assertEquals(WriteResult.PENDING, f.outlet.ping());
    await(ready);
    f.outlet.pong(container.lastPing);
    container.insidePing = () -> assertSame(here, Thread.currentThread());
    assertEquals(WriteResult.DONE, f.outlet.ping());
  }

  @Test
  void aPingOnCreditThatFailsIsToldByTheContainersClose() throws Exception {
    Fixture f = open(60_000, onCredit());
    container.insidePing =
        () -> {
          throw new IllegalStateException("closed");
        };
    assertEquals(WriteResult.PENDING, f.outlet.ping());
    assertEquals(List.of(), f.engine.told);
    f.outlet.closed(CloseReason.closeCode(4001, "bye"));
    assertEquals(List.of("closed CLOSE_CODE"), f.engine.told);
    assertEquals(WriteResult.DEAD, f.outlet.ping());
  }

  @Test
  void aSendOnCreditThatFailsIsToldByTheContainersClose() throws Exception {
    Fixture f = open(60_000, onCredit());
    container.insideSend =
        () -> {
          throw new IllegalStateException("closed");
        };
    assertEquals(WriteResult.PENDING, f.outlet.write(text("a")));
    assertEquals(List.of(), f.engine.told);
    f.outlet.closed(CloseReason.closeCode(4001, "bye"));
    assertEquals(List.of("closed CLOSE_CODE"), f.engine.told);
    assertEquals(WriteResult.DEAD, f.outlet.write(text("b")));
  }

  private Fixture open(long writeTimeoutMillis) throws InterruptedException {
    return open(writeTimeoutMillis, null);
  }

  private CreditedSends onCredit() {
    return new CreditedSends(container.session, new WriteCredit(random::nextLong), watch);
  }

  private Fixture open(long writeTimeoutMillis, @Nullable CreditedSends credited)
      throws InterruptedException {
    FakeAdmission engine = new FakeAdmission(WireFormat.JSON, writeTimeoutMillis);
    WebSocketOutlet outlet =
        new WebSocketOutlet(container.session, new WebSocketUpgrade(engine, home), credited);
    outlet.signals.bind(engine);
    String timeout = "send timeout " + 2 * writeTimeoutMillis;
    for (String call = next(); !timeout.equals(call); call = next()) {
      assertNotNull(call, "the send timeout is set");
    }
    return new Fixture(outlet, engine);
  }

  private String next() throws InterruptedException {
    return container.calls.poll(5, TimeUnit.SECONDS);
  }

  private static Batch text(String text) {
    return new Batch(WireFormat.JSON, text.getBytes(StandardCharsets.UTF_8), false);
  }

  private static Batch bytes(String text) {
    return new Batch(WireFormat.BYTES, text.getBytes(StandardCharsets.UTF_8), true);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(5, TimeUnit.SECONDS), "waited in vain");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private record Fixture(WebSocketOutlet outlet, FakeAdmission engine) {}
}
