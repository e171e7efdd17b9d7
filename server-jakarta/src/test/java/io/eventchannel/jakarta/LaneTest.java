package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LaneTest {
  private final ContainerCalls calls = new ContainerCalls(0);
  private final IoThread thread = new IoThread();
  private final Lane lane = new Lane(thread, calls);

  @AfterEach
  void close() {
    thread.close();
    calls.close();
  }

  @Test
  void tasksRunOnTheThreadInTheirOrder() throws Exception {
    List<Integer> ran = Collections.synchronizedList(new ArrayList<>());
    List<Integer> expected = new ArrayList<>();
    CountDownLatch last = new CountDownLatch(1_000);
    for (int i = 0; i < 1_000; i++) {
      int number = i;
      expected.add(number);
      lane.execute(
          () -> {
            assertTrue(lane.isCurrent());
            ran.add(number);
            last.countDown();
          });
    }
    assertTrue(last.await(5, TimeUnit.SECONDS));
    assertEquals(expected, ran);
  }

  @Test
  void aTaskThatComesAgainAndAgainLeavesTheThreadToOthers() throws Exception {
    CountDownLatch other = new CountDownLatch(1);
    AtomicInteger turns = new AtomicInteger();
    Runnable again =
        new Runnable() {
          @Override
          public void run() {
            if (turns.incrementAndGet() == 1) {
              // As the container does: what is there goes before it looks at its connections.
              thread.execute(other::countDown);
            }
            if (other.getCount() > 0) {
              lane.execute(this);
            }
          }
        };
    lane.execute(again);
    assertTrue(other.await(5, TimeUnit.SECONDS), "after " + turns + " turns");
  }

  @Test
  void aTaskThatFailsDoesNotStopThoseBehindIt() throws Exception {
    CountDownLatch behind = new CountDownLatch(1);
    thread.call(
        () -> {
          lane.execute(
              () -> {
                throw new IllegalStateException("a defect that the test wants");
              });
          lane.execute(behind::countDown);
        });
    assertTrue(behind.await(5, TimeUnit.SECONDS));
  }

  @Test
  void whatIsLeftWhenTheThreadHasEndedRunsElsewhereToItsEnd() throws Exception {
    CountDownLatch all = new CountDownLatch(100);
    thread.call(
        () -> {
          for (int i = 0; i < 100; i++) {
            lane.execute(all::countDown);
          }
          thread.close();
        });
    assertTrue(all.await(5, TimeUnit.SECONDS), all.getCount() + " were lost");
    CountDownLatch late = new CountDownLatch(1);
    lane.execute(late::countDown);
    assertTrue(late.await(5, TimeUnit.SECONDS));
  }
}
