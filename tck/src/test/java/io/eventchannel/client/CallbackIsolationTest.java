package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.tck.ScriptedConnection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a listener does to its own thread and stack, and what must not notice. */
class CallbackIsolationTest {
  private final EngineHarness harness = EngineHarness.create();

  @Test
  void S42_aListenerThatInterruptsItsThreadInterruptsNoOtherCall() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    List<Boolean> found = new ArrayList<>();
    harness.listener.reacting(
        call -> {
          found.add(Thread.currentThread().isInterrupted());
          Thread.currentThread().interrupt();
          if (found.size() == 2) {
            throw new IllegalStateException("the listener's own");
          }
        });
    connection.event(event("e-1", "1")).event(event("e-2", "2")).event(event("e-3", "3"));
    harness.listen();
    assertFalse(Thread.interrupted(), "it stays with the thread of others");
    assertEquals(List.of(false, false, false), found);
    assertFalse(connection.isGivenUp());
    harness.listener.takeEvents(3);
    assertEquals(1, harness.errors.size());
    harness.errors.clear();
    harness.listener.reacting(call -> {});
    harness.finish();
  }

  @Test
  void S42_aStackThatOverflowsInACallbackEndsThatCallAlone() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    harness.listener.reacting(
        call -> {
          if (call instanceof Received received && received.event().data().equals("bad")) {
            overflow(0);
          }
        });
    connection.event(event("e-1", "bad")).event(event("e-2", "good"));
    harness.listen();
    assertEquals("bad", harness.listener.takeEvent().data());
    assertEquals("good", harness.listener.takeEvent().data());
    assertFalse(connection.isGivenUp());
    assertInstanceOf(StackOverflowError.class, harness.errors.remove(0));
    harness.finish();
  }

  private static int overflow(int depth) {
    return overflow(depth + 1) + 1;
  }

  @Test
  void S42_sendsOutOfCallbacksAndOutOfTheirAnswersDoNotNest() throws Exception {
    int sends = 20_000;
    int[] answered = new int[1];
    long[] deepest = new long[1];
    ScriptedConnection connection = harness.openConnected();
    harness.listener.reacting(
        call -> {
          if (call instanceof Received received) {
            sendAgain(received.channel(), sends, answered, deepest);
          }
        });
    connection.event(event("e-1", "go"));
    harness.listen();
    for (int i = 0; i < sends; i++) {
      connection.acknowledges(connection.takeSent().seq());
      harness.listen();
    }
    assertEquals(sends, answered[0]);
    assertTrue(deepest[0] < 300, () -> "frames: " + deepest[0]);
    harness.listener.takeEvent();
    harness.finish();
  }

  private static void sendAgain(EventChannel channel, int sends, int[] answered, long[] deepest) {
    deepest[0] = Math.max(deepest[0], StackWalker.getInstance().walk(frames -> frames.count()));
    var unused =
        channel
            .send(Event.message("" + answered[0]))
            .thenRun(
                () -> {
                  if (++answered[0] < sends) {
                    sendAgain(channel, sends, answered, deepest);
                  }
                });
  }
}
