package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.policy.HeartbeatPolicy;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How long silence is taken for life. */
class LivenessTest {
  private static final long HEARTBEAT_MILLIS = 10_000;
  private static final long DEADLINE = TimeUnit.SECONDS.toNanos(25); // 2.5 heartbeats

  // The clock of nanoseconds may be anywhere, and passes its largest number without a stop.
  private static final long BEGIN = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1);

  private final Liveness liveness = new Liveness(HeartbeatPolicy.standard());

  private static long after(long seconds) {
    return BEGIN + TimeUnit.SECONDS.toNanos(seconds);
  }

  @Test
  void INV_32_silenceRunsFromTheLastByte() {
    liveness.begin(BEGIN, HEARTBEAT_MILLIS, true, Liveness.UNBOUNDED);
    assertEquals(DEADLINE, liveness.remainingNanos(BEGIN));
    assertEquals(TimeUnit.SECONDS.toNanos(1), liveness.remainingNanos(after(24)));
    liveness.heard(after(24));
    assertEquals(DEADLINE, liveness.remainingNanos(after(24)));
    assertEquals(1, liveness.remainingNanos(after(49) - 1));
    assertEquals(0, liveness.remainingNanos(after(49)));
    assertEquals(0, liveness.remainingNanos(after(500)), "never below zero");
  }

  @Test
  void silenceIsNotJudgedWhileThisSideDoesNotRead() {
    liveness.begin(BEGIN, HEARTBEAT_MILLIS, true, Liveness.UNBOUNDED);
    liveness.suspend();
    assertEquals(Liveness.UNBOUNDED, liveness.remainingNanos(after(500)));
    liveness.heard(after(500)); // what had been read before
    assertEquals(Liveness.UNBOUNDED, liveness.remainingNanos(after(600)));
    liveness.resume(after(600));
    assertEquals(DEADLINE, liveness.remainingNanos(after(600)));
  }

  @Test
  void aConnectionThatOpensWhileNothingIsReadIsNotJudged() {
    liveness.begin(BEGIN, HEARTBEAT_MILLIS, false, Liveness.UNBOUNDED);
    assertEquals(Liveness.UNBOUNDED, liveness.remainingNanos(after(500)));
    liveness.begin(after(500), HEARTBEAT_MILLIS, true, Liveness.UNBOUNDED);
    assertEquals(DEADLINE, liveness.remainingNanos(after(500)), "the next one is");
  }

  @Test
  void theServersLatestIntervalHolds() {
    liveness.begin(BEGIN, -1, true, Liveness.UNBOUNDED);
    assertEquals(
        HeartbeatPolicy.standard().deadlineNanos(-1), liveness.remainingNanos(BEGIN), "assumed");
    liveness.heartbeat(HEARTBEAT_MILLIS);
    assertEquals(DEADLINE, liveness.remainingNanos(BEGIN));
  }

  @Test
  void whereNoIntervalIsAssumedSilenceOfAForeignServerIsNotJudged() {
    Liveness patient = new Liveness(HeartbeatPolicy.standard().withoutAssumedInterval());
    patient.begin(BEGIN, -1, true, Liveness.UNBOUNDED);
    assertEquals(Liveness.UNBOUNDED, patient.remainingNanos(after(100_000)));
  }

  @Test
  void aFirstByteThatIsOwedMustComeSooner() {
    liveness.begin(BEGIN, HEARTBEAT_MILLIS, true, TimeUnit.SECONDS.toNanos(5));
    assertTrue(liveness.awaitsFirstByte());
    assertEquals(TimeUnit.SECONDS.toNanos(1), liveness.remainingNanos(after(4)));
    assertEquals(0, liveness.remainingNanos(after(5)));
    liveness.heard(after(4));
    assertFalse(liveness.awaitsFirstByte());
    assertEquals(DEADLINE, liveness.remainingNanos(after(4)));
  }

  @Test
  void thePeerIsAskedOnceInEachSilence() {
    liveness.begin(BEGIN, HEARTBEAT_MILLIS, true, Liveness.UNBOUNDED);
    assertEquals(TimeUnit.SECONDS.toNanos(15), liveness.nextLookNanos(BEGIN, DEADLINE));
    assertFalse(liveness.isPingDue(after(15) - 1));
    assertTrue(liveness.isPingDue(after(15)));
    assertFalse(liveness.isPingDue(after(16)), "asked already");
    assertEquals(
        TimeUnit.SECONDS.toNanos(9),
        liveness.nextLookNanos(after(16), liveness.remainingNanos(after(16))));
    liveness.heard(after(17));
    assertFalse(liveness.isPingDue(after(18)));
    assertTrue(liveness.isPingDue(after(32)), "another silence");
  }
}
