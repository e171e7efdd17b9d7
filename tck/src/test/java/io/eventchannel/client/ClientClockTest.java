package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.control;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.EventChannel;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.tck.VirtualScheduler;
import io.eventchannel.transport.Scheduler;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clocks that jump and devices that sleep, and what an hour of refusals looks like. */
class ClientClockTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration HEARTBEAT = Duration.ofSeconds(15); // of OURS
  private static final Duration DEADLINE = Duration.ofMillis(37_500);

  private EngineHarness harness = EngineHarness.create();

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  @Test
  void F22_aJumpOfTheWallClockChangesNothingWhileAChannelIsOpen() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    connection.event(event("e-1", "one"));
    for (Duration jump : List.of(DAY, HOUR.negated(), DAY.negated())) {
      harness.scheduler.jumpWallClock(jump);
      harness.scheduler.runDue();
      assertFalse(connection.isGivenUp());
      harness.scheduler.advance(HEARTBEAT);
      connection.event(control("position", "e-1", ""));
    }
    connection.event(event("e-2", "two"));
    harness.listen();
    assertEquals("one", harness.listener.takeEvent().data());
    assertEquals("two", harness.listener.takeEvent().data());
    harness.listener.assertExhausted();

    // Silence is still noticed when it is due, no sooner and no later.
    harness.scheduler.jumpWallClock(DAY);
    harness.scheduler.advance(DEADLINE.minusMillis(1));
    harness.scheduler.jumpWallClock(HOUR.negated());
    assertFalse(connection.isGivenUp());
    harness.scheduler.advance(Duration.ofMillis(1));
    assertTrue(connection.isGivenUp());
    harness.webSocket.takeConnection();
    harness.listen();
    harness.listener.takeConnectionLost();
  }

  @Test
  void F22_aJumpOfTheWallClockNeitherHastensNorDelaysAnAttempt() throws Exception {
    harness.open();
    harness.webSocket.takeConnection().breaks();
    Duration delay = harness.scheduler.nextDelay().orElseThrow();
    harness.scheduler.jumpWallClock(DAY);
    harness.scheduler.advance(delay.minusNanos(1));
    harness.webSocket.assertNoAttempt();
    harness.scheduler.jumpWallClock(HOUR.negated());
    harness.scheduler.advance(Duration.ofNanos(1));
    ScriptedConnection second = harness.webSocket.takeConnection();
    harness.scheduler.jumpWallClock(DAY);
    harness.scheduler.advance(Duration.ofSeconds(10).minusNanos(1));
    assertFalse(second.isGivenUp(), "within the connect timeout");
    second.opens(OURS);
    harness.listen();
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
  }

  @Test
  void F23_aClockThatRunsOnDuringSleepEndsTheConnectionAfterTheWake() throws Exception {
    SleepingDevice device = new SleepingDevice(true);
    ScriptedConnection connection = openOn(device);
    harness.scheduler.advance(HEARTBEAT);
    connection.activity();
    device.sleep(HOUR);
    // Timers stood still, so the first that looks is one that was set before; it need not wait
    // more.
    Duration awake = harness.scheduler.elapsed();
    while (!connection.isGivenUp()) {
      harness.passDelay();
    }
    awake = harness.scheduler.elapsed().minus(awake);
    assertTrue(awake.compareTo(DEADLINE.minus(HEARTBEAT)) <= 0, "noticed after " + awake);
    harness.scheduler.runDue();
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("e-1", second.request().lastEventId());
    assertEquals(2, harness.webSocket.attempts());
    harness.listen();
    assertEquals(Kind.HEARTBEAT_TIMEOUT, harness.listener.takeConnectionLost().reason().kind());
  }

  @Test
  void F23_aClockThatSleptKeepsTheConnectionUntilItsOwnDeadline() throws Exception {
    SleepingDevice device = new SleepingDevice(false);
    ScriptedConnection connection = openOn(device);
    harness.scheduler.advance(HEARTBEAT);
    connection.activity();
    device.sleep(HOUR);
    harness.scheduler.advance(DEADLINE.minusNanos(1));
    assertFalse(connection.isGivenUp());
    connection.event(event("e-2", "kept in a buffer meanwhile"));
    harness.scheduler.advance(DEADLINE.minusNanos(1));
    assertFalse(connection.isGivenUp());
    assertEquals(1, harness.webSocket.attempts());
    harness.listen();
    harness.listener.takeEvent();
    harness.listener.assertExhausted();
  }

  @Test
  void F23_aByteThatWaitedDuringSleepIsLifeOnAnyClock() throws Exception {
    SleepingDevice device = new SleepingDevice(true);
    ScriptedConnection connection = openOn(device);
    device.sleep(HOUR);
    connection.activity(); // read at the wake, before any timer runs
    harness.scheduler.advance(DEADLINE.minusNanos(1));
    assertFalse(connection.isGivenUp());
  }

  private ScriptedConnection openOn(SleepingDevice device) throws InterruptedException {
    harness = EngineHarness.create(settings -> settings.scheduler(device));
    device.clock = harness.scheduler;
    ScriptedConnection connection = harness.openConnected();
    connection.event(event("e-1", "one"));
    harness.listen();
    harness.listener.takeEvent();
    return connection;
  }

  @Test
  void F11_aMinuteOfRefusalsSeesFewAttemptsThatAreCappedAndSpread() throws Exception {
    List<List<Duration>> ofChannels = new ArrayList<>();
    for (int seed = 1; seed <= 2; seed++) {
      Random random = new Random(seed);
      harness = EngineHarness.create(settings -> settings.random(random::nextDouble));
      EventChannel channel = harness.open();
      List<Duration> delays = new ArrayList<>();
      while (harness.scheduler.elapsed().compareTo(Duration.ofMinutes(1)) < 0) {
        harness.webSocket.takeConnection().closes(refused());
        delays.add(harness.scheduler.nextDelay().orElseThrow());
        harness.passDelay();
      }
      for (Duration delay : delays) {
        assertTrue(delay.compareTo(Duration.ofMillis(100)) >= 0, delays.toString());
        assertTrue(delay.compareTo(Duration.ofSeconds(30)) <= 0, delays.toString());
      }
      assertTrue(delays.size() <= 20, delays.toString());
      ofChannels.add(delays);

      // Refused once more, and closed while it waits.
      harness.webSocket.takeConnection().closes(refused());
      channel.close();
      assertEquals(0, harness.scheduler.pendingTasks());
      harness.scheduler.advance(HOUR);
      harness.webSocket.assertNoAttempt();
      harness.listen();
      harness.finish();
    }
    for (Duration delay : ofChannels.get(0)) {
      assertFalse(ofChannels.get(1).contains(delay), ofChannels + " share " + delay);
    }
  }

  private static CloseReason refused() {
    ConnectException cause = new ConnectException("Connection refused");
    return CloseReason.of(Kind.NETWORK, cause.toString(), cause);
  }

  /**
   * The time of a device whose timers stand still while it sleeps. Its clock stands still with
   * them, as {@code System.nanoTime()} does on Android, or runs on, as {@code elapsedRealtimeNanos}
   * does.
   */
  private static final class SleepingDevice implements Scheduler {
    private final boolean runsOn;
    private VirtualScheduler clock;
    private long sleptNanos;

    SleepingDevice(boolean runsOn) {
      this.runsOn = runsOn;
    }

    void sleep(Duration time) {
      clock.deepSleep(time);
      sleptNanos += time.toNanos();
    }

    @Override
    public long nanoTime() {
      return clock.nanoTime() + (runsOn ? sleptNanos : 0);
    }

    @Override
    public long currentTimeMillis() {
      return clock.currentTimeMillis();
    }

    @Override
    public Cancellable schedule(Runnable task, long delayNanos) {
      return clock.schedule(task, delayNanos);
    }
  }
}
