package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** In which order a loop serves those who have something to do. */
class LoopTest {
  private static final int BUSY = 2_000;

  private final Scene scene = new Scene();
  private final Loop loop = scene.feed.engine().loopFor(new CountingOutlet());
  private final List<String> served = new ArrayList<>();

  /** Subscriptions that have much to write: a turn of each, again and again. */
  private void keepBusy(Runnable during) {
    for (int i = 0; i < BUSY; i++) {
      int number = i;
      loop.enqueue(
          () -> {
            served.add("busy");
            if (number == 100) {
              during.run();
            }
          });
    }
  }

  @Test
  void whoWaitsForAnEventIsServedWithinAFewTurnsOfOthersHoweverManyThereAre() {
    FakeOutlet quiet = scene.sse("topic=quiet");
    quiet.beforeWrite = () -> served.add("quiet");
    keepBusy(() -> scene.publish("quiet", "1"));
    scene.run();

    int turns = served.indexOf("quiet") - 101;
    assertTrue(turns >= 0 && turns <= 16, () -> "turns of others before: " + turns);
    assertEquals(BUSY + 1, served.size(), "and nobody is left out");
  }

  @Test
  void whoWasServedAndSleepsAgainIsAwakeInTheTurnForWhichAnEventHadWokenItBefore() {
    FakeOutlet one = scene.sse("topic=a");
    FakeOutlet other = scene.sse("topic=a");
    scene.run();
    one.beforeWrite = other.listener::ready; // a turn of its own, before that of the event
    other.beforeWrite = one.listener::ready;
    scene.publish("a", "1");
    scene.publish("a", "2");
    scene.run();
    scene.publish("a", "3");
    scene.run();
    for (FakeOutlet each : List.of(one, other)) {
      assertEquals(3, each.applicationEvents().size());
      each.assertSound();
    }
  }

  @Test
  void whoStaysGetsEverythingWhileOthersOfTheSameTopicLeaveAndComeInTheMiddleOfAWake() {
    List<FakeOutlet> stay = new ArrayList<>();
    List<FakeOutlet> come = new ArrayList<>();
    ArrayDeque<FakeOutlet> leave = new ArrayDeque<>();
    for (int i = 0; i < 60; i++) {
      FakeOutlet outlet = scene.sse("topic=a");
      if (i % 3 == 0) {
        stay.add(outlet);
      } else {
        leave.add(outlet);
      }
    }
    stay.forEach(
        each ->
            each.beforeWrite =
                () -> {
                  for (int i = 0; i < 2 && !leave.isEmpty(); i++) {
                    leave.remove().listener.closed(CloseReason.of(Kind.NETWORK, "gone"));
                  }
                  if (come.size() < 20) {
                    Admission admission =
                        scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "topic=a"));
                    FakeOutlet another = new FakeOutlet(admission.format());
                    come.add(another);
                    another.listener = admission.open(another);
                  }
                });
    for (int i = 1; i <= 10; i++) {
      scene.publish("a", "" + i);
      scene.run();
    }
    assertEquals(40, scene.endpoint.connections());
    for (FakeOutlet each : stay) {
      assertEquals(10, each.applicationEvents().size());
    }
    for (FakeOutlet each : come) {
      assertEquals("10", each.applicationEvents().get(each.applicationEvents().size() - 1).data());
      each.assertSound();
    }
  }

  @Test
  void aLoopWithoutAThreadGoesOnWithTheNextSignal() {
    Queue<Runnable> passes = new ArrayDeque<>();
    AtomicBoolean refuses = new AtomicBoolean(true);
    LoopRunner scarce =
        pass -> {
          if (refuses.get()) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          passes.add(pass);
        };
    Loop starved = new Loop(scarce, false, scene.feed.engine().window(), each -> {}, null);
    starved.enqueue(() -> served.add("first"));
    assertEquals(List.of(), served);
    refuses.set(false);
    starved.enqueue(() -> served.add("second"));
    passes.remove().run();
    assertEquals(List.of("first", "second"), served);
  }

  @Test
  void whoHasMuchToWriteIsServedInTurnsWithThoseWhoWaitForEvents() {
    for (int i = 0; i < BUSY; i++) {
      scene.sse("topic=wanted").beforeWrite = () -> served.add("woken");
    }
    keepBusy(() -> {});
    scene.publish("wanted", "1");
    scene.run();

    for (int i = 0; i < served.size(); i += 100) {
      long busy = served.subList(i, i + 100).stream().filter("busy"::equals).count();
      assertTrue(busy >= 40 && busy <= 60, () -> busy + " of 100");
    }
    assertEquals(2 * BUSY, served.size());
  }
}
