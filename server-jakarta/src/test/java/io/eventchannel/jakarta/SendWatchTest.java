package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.eventchannel.tck.VirtualScheduler;
import io.eventchannel.transport.Scheduler;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class SendWatchTest {
  private final VirtualScheduler timer = new VirtualScheduler();
  private boolean full;

  @Test
  void looksThatCouldNotBeginAreBegunByTheNextSend() {
    SendWatch watch = new SendWatch(new FullAtTimes());
    CreditedSends session =
        new CreditedSends(new FakeSession().session, new WriteCredit(() -> 1), watch);
    full = true;
    assertThrows(OutOfMemoryError.class, () -> watch.begin(session));
    full = false;
    watch.begin(session).done();
    watch.begin(session).done();
    assertEquals(1, timer.pendingTasks());
    timer.advance(Duration.ofSeconds(2)); // the send that failed is not taken for one under way
    assertEquals(0, timer.pendingTasks());
  }

  /** Has no room for a task, if told so. */
  private final class FullAtTimes implements Scheduler {
    @Override
    public long nanoTime() {
      return timer.nanoTime();
    }

    @Override
    public long currentTimeMillis() {
      return timer.currentTimeMillis();
    }

    @Override
    public Cancellable schedule(Runnable task, long delayNanos) {
      if (full) {
        throw new OutOfMemoryError("no room for a task");
      }
      return timer.schedule(task, delayNanos);
    }
  }
}
