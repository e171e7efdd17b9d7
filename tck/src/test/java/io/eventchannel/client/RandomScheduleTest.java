package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Receipt;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.transport.NetworkMonitor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * One channel under random schedules of everything that can happen to it, against a server that is
 * nothing but a log of numbered events. Connections that were given up go on speaking.
 */
class RandomScheduleTest {
  private static final int SCHEDULES = 100_000;
  private static final int STEPS = 60;

  @Test
  void INV_21_INV_22_INV_24_eachEventIsHeardOnceAndInOrderWhateverHappens(TestReporter reporter)
      throws Exception {
    long firstSeed = Long.getLong("seed", new Random().nextLong());
    reporter.publishEntry("seed", String.valueOf(firstSeed));
    int heard = 0;
    int resumed = 0;
    int probes = 0;
    int returns = 0;
    for (int i = 0; i < SCHEDULES; i++) {
      Schedule schedule = new Schedule(firstSeed + i);
      try {
        schedule.run();
      } catch (Throwable failed) {
        throw new AssertionError("schedule of -Dseed=" + (firstSeed + i), failed);
      }
      heard += schedule.heard.size();
      resumed += schedule.resumes;
      probes += schedule.probes;
      returns += schedule.returns;
    }
    // A schedule in which nothing happens proves nothing.
    assertTrue(heard > SCHEDULES, heard + " events heard");
    assertTrue(resumed > SCHEDULES / 2, resumed + " connections resumed");
    assertTrue(probes > SCHEDULES / 100, probes + " probes made");
    assertTrue(returns > SCHEDULES / 1000, returns + " ways back taken");
  }

  private static final class Schedule {
    private final Random random;
    private final List<NetworkMonitor.Listener> network = new ArrayList<>();
    private final EngineHarness harness =
        EngineHarness.lingering(
            settings ->
                settings
                    .inboundQueue(16, 1 << 20)
                    .networkMonitor(
                        listener -> {
                          network.add(listener);
                          return () -> {};
                        })
                    .credentials(this::credentials));
    private final List<Remote> remotes = new ArrayList<>();
    private final List<Integer> heard = new ArrayList<>();
    private final List<CompletableFuture<Receipt>> sent = new ArrayList<>();
    private final List<CompletableFuture<Credentials>> asked = new ArrayList<>();
    private int head;
    private int resumes;
    private int probes;
    private int returns;
    private boolean closed;

    /** The server's end of one connection, and how far it has read the log for it. */
    private static final class Remote {
      final ScriptedConnection connection;
      final boolean webSocket;
      final boolean probe;
      int cursor;
      boolean open;
      boolean ended;

      Remote(ScriptedConnection connection, boolean webSocket) {
        this.connection = connection;
        this.webSocket = webSocket;
        this.probe = connection.request().url().endsWith("probe=1");
        String position = connection.request().lastEventId();
        cursor = position.isEmpty() ? 0 : Integer.parseInt(position.substring(2));
      }

      boolean mayDeliver() {
        return !probe && !ended && !connection.isGivenUp();
      }
    }

    Schedule(long seed) {
      random = new Random(seed);
      harness.listener.reacting(
          call -> {
            if (call instanceof Received received) {
              heard.add(Integer.parseInt(received.event().data()));
            }
            if (call instanceof ConnectionLost lost
                && lost.reason().text().endsWith("passes again")) {
              returns++;
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
        assertTrue(
            remotes.stream().filter(Remote::mayDeliver).count() <= 1,
            "two connections that deliver");
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
      while (remotes.size() < attempts) {
        boolean webSocket = hasWebSocketAttempt();
        Remote remote =
            new Remote(
                webSocket ? harness.webSocket.takeConnection() : harness.sse.takeConnection(),
                webSocket);
        if (remote.probe) {
          probes++;
          assertEquals("", remote.connection.request().lastEventId(), "a probe asks for events");
        } else if (remote.cursor > 0) {
          resumes++;
        }
        remotes.add(remote);
      }
    }

    private boolean hasWebSocketAttempt() {
      try {
        harness.webSocket.assertNoAttempt();
        return false;
      } catch (AssertionError untaken) {
        return true;
      }
    }

    private void step(EventChannel channel) throws InterruptedException {
      if (remotes.isEmpty()) { // no attempt is made before it is authorised
        harness.listen();
        answerCredentials();
        return;
      }
      Remote remote =
          remotes.get(
              random.nextInt(10) == 0 ? random.nextInt(remotes.size()) : remotes.size() - 1);
      switch (random.nextInt(20)) {
        case 16:
          answerCredentials();
          return;
        case 17:
          disturb();
          return;
        case 18:
          if (random.nextInt(4) == 0) {
            letALongTimePass();
          }
          return;
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
            remote.connection.closes(anyReason(remote));
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

    /** At once, later, never within the connect timeout, or not at all. */
    private CompletionStage<Credentials> credentials(@Nullable CloseReason lastFailure) {
      if (random.nextInt(8) > 0) {
        return CompletableFuture.completedFuture(anyCredentials());
      }
      CompletableFuture<Credentials> later = new CompletableFuture<>();
      asked.add(later);
      return later;
    }

    private Credentials anyCredentials() {
      Credentials credentials = Credentials.header("Authorization", "token");
      return random.nextInt(4) > 0
          ? credentials
          : credentials.expiringIn(Duration.ofMillis(1 + random.nextInt(100_000)));
    }

    private void answerCredentials() {
      if (!asked.isEmpty()) {
        CompletableFuture<Credentials> one = asked.get(random.nextInt(asked.size()));
        if (random.nextInt(3) == 0) {
          one.completeExceptionally(new IOException("no network"));
        } else {
          one.complete(anyCredentials());
        }
      }
    }

    private void disturb() {
      switch (random.nextInt(8)) {
        case 0:
          harness.client.pause();
          return;
        case 1:
          network.get(0).onChanged();
          return;
        case 2:
          network.get(0).onAvailable();
          return;
        default:
          harness.client.resume();
      }
    }

    /** Minutes in which the newest stream and the newest probe show that they live. */
    private void letALongTimePass() throws InterruptedException {
      for (int i = 0; i < 30; i++) {
        harness.scheduler.advance(Duration.ofSeconds(14));
        harness.listen();
        takeAttempts();
        for (Remote remote : remotes) {
          if (!remote.ended && !remote.connection.isGivenUp()) {
            if (!remote.open) {
              speak(remote);
            }
            remote.connection.activity();
          }
        }
      }
    }

    private CloseReason anyReason(Remote remote) {
      switch (random.nextInt(remote.webSocket && !remote.open ? 8 : 5)) {
        case 5:
        case 6:
        case 7:
          return CloseReason.httpStatus(404, "no upgrades here");
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
      if (remote.probe) {
        remote.connection.activity();
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
      harness.client.resume();
      for (int i = 0; i < 50 && channel.state() != ChannelState.OPEN; i++) {
        asked.forEach(one -> one.complete(Credentials.none()));
        harness.listen();
        takeAttempts();
        Remote last = newest();
        if (channel.state() == ChannelState.CONNECTING && last != null && !last.ended) {
          speak(last);
        } else if (channel.state() == ChannelState.WAITING) {
          harness.passDelay();
        }
      }
      assertEquals(ChannelState.OPEN, channel.state());
      Remote last = Objects.requireNonNull(newest());
      while (last.cursor < head) {
        last.cursor++;
        last.connection.event(event("e-" + last.cursor, String.valueOf(last.cursor)));
      }
      harness.listen();
      assertEquals(head, heard.size(), "events heard");
    }

    /** The newest connection that was not given up and is no probe. */
    private @Nullable Remote newest() {
      Remote newest = null;
      for (Remote remote : remotes) {
        newest = remote.probe || remote.connection.isGivenUp() ? newest : remote;
      }
      return newest;
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
      for (CompletableFuture<Receipt> stage : sent) {
        assertTrue(stage.isDone(), "a stage of send never completed");
      }
    }
  }
}
