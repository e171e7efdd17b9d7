package io.eventchannel.server;

import static io.eventchannel.server.Scene.up;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a listener does to its own thread and stack, and what must not notice. */
class CallbackIsolationTest {
  private final List<String> heard = new ArrayList<>();

  private Scene scene(EventChannelListener listener) {
    return new Scene(InMemoryEventLog.create(), f -> {}, e -> e.listener(listener));
  }

  private static FakeOutlet socket(Scene scene) {
    FakeOutlet socket = scene.webSocket("Sec-WebSocket-Protocol: eventchannel.v1.json");
    socket.taken();
    return socket;
  }

  @Test
  void S42_aListenerThatInterruptsItsThreadInterruptsNoOtherCall() {
    Scene scene =
        scene(
            new EventChannelListener() {
              @Override
              public void onOpen(EventChannel channel) {
                interrupted("open");
              }

              @Override
              public void onEvent(EventChannel channel, Event event) {
                interrupted(event.data());
                if (event.data().equals("1")) {
                  throw new IllegalStateException("the application's own");
                }
              }

              @Override
              public void onClosed(EventChannel channel, CloseReason reason) {
                interrupted("closed");
              }
            });
    FakeOutlet socket = socket(scene);
    socket.listener.received(up(1, "chat", "1"));
    socket.listener.received(up(2, "chat", "2"));
    scene.run();
    socket.listener.closed(CloseReason.closeCode(1000, ""));
    scene.run();

    assertFalse(Thread.interrupted(), "it stays with the thread of others");
    assertEquals(List.of("open false", "1 false", "2 false", "closed false"), heard);
  }

  private void interrupted(String call) {
    heard.add(call + " " + Thread.currentThread().isInterrupted());
    Thread.currentThread().interrupt();
  }

  @Test
  void S42_aStackThatOverflowsInACallbackRefusesThatEventAlone() {
    Scene scene =
        scene(
            new EventChannelListener() {
              @Override
              public void onEvent(EventChannel channel, Event event) {
                if (event.data().equals("bad")) {
                  overflow(0);
                }
                heard.add(event.data());
              }
            });
    FakeOutlet socket = socket(scene);
    FakeOutlet neighbour = socket(scene);
    socket.listener.received(up(1, "chat", "bad"));
    socket.listener.received(up(2, "chat", "good"));
    neighbour.listener.received(up(1, "chat", "next door"));
    scene.run();

    assertEquals(List.of("good", "next door"), heard);
    assertEquals(
        List.of(
            "eventchannel.refused {\"seq\":1,\"reason\":\"the application failed\"}",
            "eventchannel.ack {\"seq\":2}"),
        socket.taken());
    assertEquals(0, socket.closeCode + neighbour.closeCode);
  }

  private static int overflow(int depth) {
    return overflow(depth + 1) + 1;
  }

  @Test
  void S42_sendsOutOfCallbacksAndOutOfTheirAnswersDoNotNest() {
    int sends = 20_000;
    int[] answered = new int[1];
    long[] deepest = new long[1];
    Scene scene =
        scene(
            new EventChannelListener() {
              @Override
              public void onEvent(EventChannel channel, Event event) {
                sendAgain(channel, sends, answered, deepest);
              }
            });
    FakeOutlet socket = socket(scene);
    socket.listener.received(up(1, "chat", "go"));
    scene.run();

    assertEquals(sends, answered[0]);
    assertTrue(deepest[0] < 300, () -> "frames: " + deepest[0]);
    assertEquals(sends, socket.applicationEvents().size());
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
