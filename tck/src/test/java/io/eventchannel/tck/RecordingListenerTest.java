package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Gap;
import io.eventchannel.tck.RecordingListener.Closed;
import io.eventchannel.tck.RecordingListener.Received;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class RecordingListenerTest {
  private static final CloseReason REASON = CloseReason.of(CloseReason.Kind.LOCAL, "done");

  private final EventChannel channel = new StillChannel("one");
  private final RecordingListener listener =
      new RecordingListener(Duration.ofMillis(50), Duration.ofMillis(5));

  @Test
  void aTestReadsAsATranscript() throws Exception {
    Gap gap = new Gap(Gap.Reason.EVICTED, "e-1", "e-5");
    listener.onOpen(channel);
    listener.onEvent(channel, Event.message("1"));
    listener.onEvent(channel, Event.message("2"));
    listener.onGap(channel, gap);
    listener.onConnectionLost(channel, REASON, Duration.ofSeconds(1));
    listener.onOpen(channel);
    listener.onClosed(channel, REASON);

    assertSame(channel, listener.takeOpen());
    assertEquals(List.of(Event.message("1"), Event.message("2")), listener.takeEvents(2));
    assertEquals(gap, listener.takeGap());
    assertEquals(Duration.ofSeconds(1), listener.takeConnectionLost().retryDelay());
    assertSame(channel, listener.takeOpen());
    assertEquals(REASON, listener.takeClosed());
    listener.assertExhausted();
    listener.assertSilence();
    assertEquals(2, listener.opens());
    assertEquals(2, listener.events());
    assertEquals(1, listener.gaps());
    assertEquals(1, listener.connectionsLost());
    assertEquals(1, listener.closes());
  }

  @Test
  void aCallOfAnotherKindFailsTheTakeAndIsNamed() {
    listener.onEvent(channel, Event.message("surprise"));
    assertFailsWith("expected onOpen, but the next call was Received[", listener::takeOpen);
    listener.onOpen(channel);
    assertFailsWith("expected onEvent, but the next call was Opened[", listener::takeEvent);
    listener.onOpen(new StillChannel("two"));
    assertFailsWith("expected onGap, but", listener::takeGap);
    listener.onOpen(new StillChannel("three"));
    assertFailsWith("expected onConnectionLost, but", listener::takeConnectionLost);
    listener.onOpen(new StillChannel("four"));
    assertFailsWith("expected onClosed, but", listener::takeClosed);
  }

  @Test
  void aCallThatDoesNotComeFailsTheTake() {
    assertFailsWith("expected onOpen within PT0.05S, but nothing came", listener::takeOpen);
  }

  @Test
  void aCallThatWasNotTakenFailsTheExhaustedCheckAndTheSilence() {
    listener.onEvent(channel, Event.message("left over"));
    assertFailsWith("1 were not taken: Received[", listener::assertExhausted);
    assertFailsWith("expected silence, but got Received[", listener::assertSilence);
  }

  @Test
  void aTakeWaitsForACallOfAnotherThread() throws Exception {
    RecordingListener patient = new RecordingListener();
    Thread caller = new Thread(() -> patient.onEvent(channel, Event.message("late")));
    caller.start();
    assertEquals("late", patient.takeEvent().data());
    caller.join();
    patient.assertExhausted();
  }

  @Test
  void skipToDropsWhatComesBefore() throws Exception {
    listener.onEvent(channel, Event.message("1"));
    listener.onClosed(channel, REASON);
    assertEquals(REASON, listener.skipTo(Closed.class).reason());
    listener.assertExhausted();
  }

  @Test
  void aCallAfterOnClosedIsAFailureThatNoTakeHides() throws Exception {
    listener.onClosed(channel, REASON);
    listener.takeClosed();
    listener.onEvent(channel, Event.message("late"));
    String failure = "call after onClosed: Received[";
    assertFailsWith(failure, listener::takeEvent);
    assertFailsWith(failure, listener::assertExhausted);
    assertFailsWith(failure, listener::assertSilence);
    assertFailsWith(failure, () -> listener.awaitEvents(1, Duration.ofSeconds(1)));
    assertEquals(1, listener.failures().size());
  }

  @Test
  void aSecondOnClosedIsAFailure() {
    listener.onClosed(channel, REASON);
    listener.onClosed(channel, REASON);
    assertFailsWith("call after onClosed: Closed[", listener::assertExhausted);
  }

  @Test
  void aSecondOnOpenWithoutALossIsAFailure() {
    listener.onOpen(channel);
    listener.onOpen(channel);
    assertFailsWith("onOpen came again", listener::assertExhausted);
  }

  @Test
  void callsOfOneChannelOnTwoThreadsAtOnceAreAFailure() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    listener.reacting(
        call -> {
          if (call instanceof Received received && received.event().data().equals("first")) {
            inside.countDown();
            await(leave);
          }
        });
    Thread first = new Thread(() -> listener.onEvent(channel, Event.message("first")), "first");
    first.start();
    await(inside);
    listener.onEvent(channel, Event.message("second"));
    leave.countDown();
    first.join();
    assertFailsWith("concurrent calls: Received[", listener::assertExhausted);
    assertTrue(
        listener.failures().get(0).endsWith("on thread first"), listener.failures()::toString);
  }

  @Test
  void aCallInsideACallIsAFailure() {
    listener.reacting(
        call -> {
          if (call instanceof Received) {
            listener.onClosed(channel, REASON);
          }
        });
    listener.onEvent(channel, Event.message("outer"));
    assertFailsWith("concurrent calls: Closed[", listener::assertExhausted);
  }

  @Test
  void callsOfTwoChannelsMayOverlapAndCloseApart() throws Exception {
    EventChannel equalOther = new StillChannel("one");
    listener.reacting(
        call -> {
          if (call.channel() == channel && call instanceof Received) {
            listener.onEvent(equalOther, Event.message("inner"));
          }
        });
    listener.onEvent(channel, Event.message("outer"));
    listener.onClosed(channel, REASON);
    listener.onEvent(equalOther, Event.message("still open"));
    listener.takeEvents(2);
    listener.takeClosed();
    listener.takeEvent();
    listener.assertExhausted();
  }

  @Test
  void aReactionThatThrowsReachesTheCallerAndTheCallIsRecorded() throws Exception {
    RuntimeException thrown = new RuntimeException("of this test");
    listener.reacting(
        call -> {
          throw thrown;
        });
    assertSame(
        thrown,
        assertThrows(RuntimeException.class, () -> listener.onEvent(channel, Event.message("1"))));
    listener.reacting(call -> {});
    listener.onEvent(channel, Event.message("2"));
    listener.takeEvents(2);
    listener.assertExhausted();
  }

  @Test
  void aCountingRecorderKeepsNoEventsButAllElse() throws Exception {
    RecordingListener counting = RecordingListener.counting();
    for (int i = 0; i < RecordingListener.MAX_CALLS + 1; i++) {
      counting.onEvent(channel, Event.message("1"));
    }
    counting.onClosed(channel, REASON);
    counting.awaitEvents(RecordingListener.MAX_CALLS + 1, Duration.ofSeconds(1));
    assertEquals(RecordingListener.MAX_CALLS + 1, counting.events());
    counting.takeClosed();
    counting.assertExhausted();
  }

  @Test
  void aCountingRecorderHearsAnEventInTheSilence() throws Exception {
    CountDownLatch stop = new CountDownLatch(1);
    RecordingListener counting = RecordingListener.counting();
    Thread caller =
        new Thread(
            () -> {
              while (stop.getCount() > 0) {
                counting.onEvent(channel, Event.message("noise"));
              }
            });
    caller.start();
    try {
      assertFailsWith("events came", counting::assertSilence);
    } finally {
      stop.countDown();
      caller.join();
    }
  }

  @Test
  void moreUntakenCallsThanTheBoundAreAFailure() {
    Event event = Event.message("1");
    for (int i = 0; i < RecordingListener.MAX_CALLS; i++) {
      listener.onEvent(channel, event);
    }
    assertEquals(List.of(), listener.failures());
    listener.onEvent(channel, event);
    assertFailsWith("use RecordingListener.counting()", listener::assertExhausted);
  }

  @Test
  void waitingForEventsThatDoNotComeFails() {
    listener.onEvent(channel, Event.message("1"));
    assertFailsWith(
        "expected 2 events within PT0.001S, got 1",
        () -> listener.awaitEvents(2, Duration.ofMillis(1)));
  }

  private static void assertFailsWith(String part, Executable executable) {
    AtomicReference<String> message = new AtomicReference<>("");
    message.set(assertThrows(AssertionError.class, executable).getMessage());
    assertTrue(message.get().contains(part), () -> "expected \"" + part + "\" in: " + message);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }
}
