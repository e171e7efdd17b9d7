package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
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
