package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.OutboxFullException;
import io.eventchannel.Receipt;
import io.eventchannel.codec.ControlData;
import io.eventchannel.tck.ScriptedConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Sends, acknowledgements, refusals, lost connections, deadlines, interrupts and the end of the
 * channel in a random order, against a model of what must become of each send. The senders are
 * threads; one step follows the other.
 */
class BlockingSendScheduleTest {
  private static final int SCHEDULES = Integer.getInteger("schedules", 300);
  private static final int STEPS = 60;

  @Test
  void WS_13_whoWaitsIsLetInByTheOrderOfTheCallsWhateverHappens(TestReporter reporter)
      throws Exception {
    long firstSeed = Long.getLong("seed", new Random().nextLong());
    reporter.publishEntry("seed", String.valueOf(firstSeed));
    int letIn = 0;
    int late = 0;
    for (int i = 0; i < SCHEDULES; i++) {
      Schedule schedule = new Schedule(firstSeed + i);
      try {
        schedule.run();
      } catch (Throwable failed) {
        throw new AssertionError("schedule of -Dseed=" + (firstSeed + i), failed);
      }
      letIn += schedule.letIn;
      late += schedule.late;
    }
    // A schedule in which nobody waits proves nothing.
    assertTrue(letIn > SCHEDULES, letIn + " were let in");
    assertTrue(late > SCHEDULES, late + " gave up");
  }

  /** A send as the model sees it. */
  private static final class Send {
    final Event event;
    final Duration began;
    int weight;
    final SenderThread thread;
    boolean skipped;

    Send(Event event, Duration began, SenderThread thread) {
      this.event = event;
      this.began = began;
      this.weight = event.weight();
      this.thread = thread;
    }
  }

  private static final class Schedule {
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final Random random;
    private final int maxCount;
    private final int maxBytes;
    private final EngineHarness harness;
    private final EventChannel channel;
    private ScriptedConnection connection;
    private int number;

    // The model: what has its place in the outbox, by number, of which the first is this one;
    // and who waits.
    private final List<Send> inside = new ArrayList<>();
    private final ArrayDeque<Send> line = new ArrayDeque<>();
    private long firstSeq = 1;
    private int seen; // how many of those inside the connection was handed
    private int letIn;
    private int late;

    Schedule(long seed) throws InterruptedException {
      random = new Random(seed);
      maxCount = 1 + random.nextInt(6);
      maxBytes = 1_500 + random.nextInt(4_000);
      harness = EngineHarness.create(settings -> settings.outbox(maxCount, maxBytes));
      channel =
          harness.client.open(
              ChannelRequest.builder(EngineHarness.URL).blockWhenFull(DEADLINE).build(),
              harness.listener);
      connection = harness.webSocket.takeConnection().opens(EngineHarness.OURS).activity();
    }

    void run() throws Exception {
      for (int i = 0; i < STEPS; i++) {
        step();
        connection.activity();
        look();
      }
      channel.close();
      for (Send send : line) {
        assertEquals(ChannelClosedException.class, failure(send.thread.returned()));
      }
      assertTrue(channel.send(Event.message("late")).toCompletableFuture().isDone());
      harness.listen();
      harness.finish();
    }

    private void step() throws Exception {
      switch (random.nextInt(10)) {
        case 0:
        case 1:
        case 2:
        case 3:
          send(Event.message(number++ + "-".repeat(random.nextInt(900))));
          return;
        case 4:
        case 5:
          acknowledge(random.nextInt(inside.size() + 1));
          return;
        case 6:
          refuse();
          return;
        case 7:
          pass(Duration.ofMillis(random.nextInt(3_000)));
          return;
        case 8:
          interrupt();
          return;
        default:
          if (random.nextInt(3) == 0) {
            reconnect();
          }
      }
    }

    private void send(Event event) throws Exception {
      Duration now = harness.scheduler.elapsed();
      if (event.weight() > maxBytes) {
        assertEquals(OutboxFullException.class, failure(channel.send(event)));
      } else if (line.isEmpty() && fits(event)) {
        SenderThread sender = new SenderThread(channel, event);
        sender.start();
        sender.returned();
        inside.add(new Send(event, now, sender));
      } else {
        line.add(new Send(event, now, SenderThread.waiting(harness, channel, event)));
      }
    }

    private boolean fits(Event event) {
      int bytes = inside.stream().mapToInt(send -> send.weight).sum();
      return inside.size() < maxCount && bytes + event.weight() <= maxBytes;
    }

    private void letIn() {
      while (!line.isEmpty() && fits(line.peek().event)) {
        inside.add(line.remove());
        letIn++;
      }
    }

    private void acknowledge(int count) {
      connection.acknowledges(firstSeq + count - 1);
      inside.subList(0, count).clear();
      firstSeq += count;
      seen -= count;
      letIn();
    }

    private void refuse() {
      if (inside.isEmpty()) {
        return;
      }
      int index = random.nextInt(inside.size());
      connection.refuses(firstSeq + index, "not that one");
      inside.get(index).weight = Event.of(ControlData.SKIP, "").weight();
      inside.get(index).skipped = true;
      letIn();
    }

    private void pass(Duration time) throws Exception {
      harness.scheduler.advance(time);
      timePassed();
    }

    /** By the order of the deadlines, since who gives up may let in who is behind. */
    private void timePassed() throws Exception {
      Duration now = harness.scheduler.elapsed();
      while (!line.isEmpty() && line.peek().began.plus(DEADLINE).compareTo(now) <= 0) {
        Send first = line.remove();
        assertEquals(OutboxFullException.class, failure(first.thread.returned()));
        late++;
        letIn();
      }
    }

    private void interrupt() throws Exception {
      int skip = line.isEmpty() ? 0 : random.nextInt(line.size());
      Iterator<Send> all = line.iterator();
      for (int i = 0; all.hasNext(); i++) {
        Send send = all.next();
        if (i == skip) {
          send.thread.interrupt();
          assertEquals(OutboxFullException.class, failure(send.thread.returned()));
          assertTrue(send.thread.isInterruptedAfterwards());
          all.remove();
          letIn();
          return;
        }
      }
    }

    private void reconnect() throws Exception {
      harness.client.pause();
      seen = 0;
      if (random.nextBoolean()) {
        pass(Duration.ofMillis(random.nextInt(6_000)));
      }
      harness.client.resume();
      connection =
          harness
              .webSocket
              .takeConnection()
              .opens(EngineHarness.OURS.withAcknowledged(firstSeq - 1))
              .activity(); // without it, this way would seem not to work
    }

    /** What the connection was handed, and who has returned, is what the model says. */
    private void look() throws Exception {
      for (; seen < inside.size(); seen++) {
        Send send = inside.get(seen);
        ScriptedConnection.Sent got = connection.takeSent();
        assertEquals(firstSeq + seen, got.seq());
        assertEquals(send.skipped ? ControlData.SKIP : "message", got.event().type());
        assertTrue(send.skipped || got.event().equals(send.event), () -> "got " + got);
      }
      for (Send send : inside) {
        send.thread.returned();
      }
      for (Send send : line) {
        assertFalse(send.thread.hasReturned(), () -> send.thread.getName());
      }
    }

    private static Class<?> failure(CompletionStage<Receipt> stage) {
      assertTrue(stage.toCompletableFuture().isDone(), "expected a decided stage");
      return assertThrows(CompletionException.class, stage.toCompletableFuture()::join)
          .getCause()
          .getClass();
    }
  }
}
