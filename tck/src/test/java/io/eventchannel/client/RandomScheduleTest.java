package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.tck.ScriptedConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * One channel under random schedules of everything that can happen to it, against a server that is
 * nothing but a log of numbered events. Connections that were given up go on speaking.
 */
class RandomScheduleTest {
  private static final int SCHEDULES = 20_000;
  private static final int STEPS = 60;

  @Test
  void INV_21_INV_22_INV_24_eachEventIsHeardOnceAndInOrderWhateverHappens() throws Exception {
    long firstSeed = Long.getLong("seed", new Random().nextLong());
    int heard = 0;
    int resumed = 0;
    for (int i = 0; i < SCHEDULES; i++) {
      Schedule schedule = new Schedule(firstSeed + i);
      try {
        schedule.run();
      } catch (Throwable failed) {
        throw new AssertionError("schedule of -Dseed=" + (firstSeed + i), failed);
      }
      heard += schedule.heard.size();
      resumed += schedule.resumes;
    }
    // A schedule in which nothing happens proves nothing.
    assertTrue(heard > SCHEDULES, heard + " events heard");
    assertTrue(resumed > SCHEDULES / 2, resumed + " connections resumed");
  }

  private static final class Schedule {
    private final Random random;
    private final EngineHarness harness = EngineHarness.lingering();
    private final List<Remote> remotes = new ArrayList<>();
    private final List<Integer> heard = new ArrayList<>();
    private final List<CompletableFuture<Void>> sent = new ArrayList<>();
    private int head;
    private int resumes;
    private boolean closed;

    /** The server's end of one connection, and how far it has read the log for it. */
    private static final class Remote {
      final ScriptedConnection connection;
      int cursor;
      boolean open;
      boolean ended;

      Remote(ScriptedConnection connection) {
        this.connection = connection;
        String position = connection.request().lastEventId();
        cursor = position.isEmpty() ? 0 : Integer.parseInt(position.substring(2));
      }
    }

    Schedule(long seed) {
      random = new Random(seed);
      harness.listener.reacting(
          call -> {
            if (call instanceof Received received) {
              heard.add(Integer.parseInt(received.event().data()));
            }
            if (random.nextInt(50) == 0) {
              throw new IllegalStateException("the listener's own");
            }
          });
    }

    void run() throws Exception {
      EventChannel channel = harness.open();
      for (int i = 0; i < STEPS; i++) {
        takeAttempts();
        step(channel);
      }
      if (!closed) {
        catchUp(channel);
      }
      channel.close();
      harness.client.close();
      harness.listen();
      takeAttempts();
      for (Remote remote : remotes) {
        if (!remote.ended) {
          assertTrue(remote.connection.isGivenUp(), "a connection was left behind");
          if (remote.open) {
            remote.connection.event(event("e-0", "0")); // nobody listens
          }
          remote.connection.breaks();
        }
      }
      harness.listen();
      check(channel);
    }

    private void takeAttempts() throws InterruptedException {
      int attempts = harness.webSocket.attempts() + harness.sse.attempts();
      List<Remote> current = new ArrayList<>();
      while (remotes.size() + current.size() < attempts) {
        Remote remote =
            new Remote(
                hasWebSocketAttempt()
                    ? harness.webSocket.takeConnection()
                    : harness.sse.takeConnection());
        if (remote.cursor > 0) {
          resumes++;
        }
        // One move of time can hold attempts over both transports, in either order; the last one
        // is the one that was not given up.
        (remote.connection.isGivenUp() ? remotes : current).add(remote);
      }
      remotes.addAll(current);
    }

    private boolean hasWebSocketAttempt() {
      try {
        harness.webSocket.assertNoAttempt();
        return false;
      } catch (AssertionError untaken) {
        return true;
      }
    }

    private void step(EventChannel channel) {
      Remote remote =
          remotes.get(
              random.nextInt(10) == 0 ? random.nextInt(remotes.size()) : remotes.size() - 1);
      switch (random.nextInt(16)) {
        case 0:
          harness.scheduler.advance(Duration.ofMillis(random.nextInt(60_000)));
          return;
        case 1:
        case 2:
          harness.scheduler.advance(Duration.ofMillis(random.nextInt(2_000)));
          return;
        case 3:
        case 4:
          harness.executor.runOne();
          return;
        case 5:
          harness.listen();
          return;
        case 6:
          sent.add(channel.send(Event.message("up")).toCompletableFuture());
          return;
        case 7:
          if (!remote.ended && random.nextInt(2) == 0) {
            remote.ended = true;
            remote.connection.closes(anyReason());
          }
          return;
        case 8:
          if (random.nextInt(60) == 0) {
            closed = true;
            channel.close();
          }
          return;
        default:
          speak(remote);
      }
    }

    private CloseReason anyReason() {
      switch (random.nextInt(5)) {
        case 0:
          return CloseReason.closeCode(1001, "away");
        case 1:
          return CloseReason.closeCode(4000, "slow");
        case 2:
          return CloseReason.of(CloseReason.Kind.END_OF_STREAM, "end");
        case 3:
          return CloseReason.httpStatus(503, "busy");
        default:
          return CloseReason.of(CloseReason.Kind.NETWORK, "cut");
      }
    }

    private void speak(Remote remote) {
      if (remote.ended) {
        return;
      }
      if (!remote.open) {
        remote.open = true;
        remote.connection.opens(OURS);
        return;
      }
      switch (random.nextInt(6)) {
        case 0:
          remote.connection.activity();
          return;
        case 1:
          remote.connection.acknowledges(random.nextInt(4));
          return;
        case 2:
          remote.connection.retryHint(random.nextInt(3_000));
          return;
        case 3:
          remote.connection.position("e-" + remote.cursor);
          return;
        default:
          if (remote.cursor == head) {
            head++;
          }
          remote.cursor++;
          remote.connection.event(event("e-" + remote.cursor, String.valueOf(remote.cursor)));
      }
    }

    /** Lets the channel come to rest on a good connection, and deliver all there is. */
    private void catchUp(EventChannel channel) throws InterruptedException {
      for (int i = 0; i < 50 && channel.state() != ChannelState.OPEN; i++) {
        takeAttempts();
        Remote last = remotes.get(remotes.size() - 1);
        if (channel.state() == ChannelState.CONNECTING && !last.open && !last.ended) {
          speak(last);
        } else {
          harness.listen();
          harness.passDelay();
        }
      }
      assertEquals(ChannelState.OPEN, channel.state());
      Remote last = remotes.get(remotes.size() - 1);
      while (last.cursor < head) {
        last.cursor++;
        last.connection.event(event("e-" + last.cursor, String.valueOf(last.cursor)));
      }
      harness.listen();
      assertEquals(head, heard.size(), "events heard");
    }

    private void check(EventChannel channel) {
      for (int i = 0; i < heard.size(); i++) {
        assertEquals(i + 1, heard.get(i), "heard " + heard);
      }
      assertEquals(ChannelState.CLOSED, channel.state());
      assertEquals(List.of(), harness.listener.failures());
      assertEquals(1, harness.listener.closes());
      assertEquals(0, harness.scheduler.pendingTasks(), "timers left");
      assertEquals(0, harness.executor.pending(), "tasks left");
      assertEquals(List.of(), harness.webSocket.failures());
      assertEquals(List.of(), harness.sse.failures());
      for (CompletableFuture<Void> stage : sent) {
        assertTrue(stage.isDone(), "a stage of send never completed");
      }
    }
  }
}
