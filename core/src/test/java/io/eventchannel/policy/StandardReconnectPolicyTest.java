package io.eventchannel.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import java.time.Duration;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class StandardReconnectPolicyTest {
  private static final Duration STABLE = Duration.ofSeconds(10);

  private final ReconnectPolicy policy = ReconnectPolicy.standard();

  private static ConnectionLoss.Builder loss(CloseReason reason) {
    return ConnectionLoss.builder("sse", reason).jitter(0.5);
  }

  private static ConnectionLoss.Builder loss(Kind kind) {
    return loss(CloseReason.of(kind, ""));
  }

  private static ConnectionLoss.Builder status(int status) {
    return loss(CloseReason.httpStatus(status, ""));
  }

  private static ConnectionLoss.Builder closed(int code) {
    return loss(CloseReason.closeCode(code, ""));
  }

  private static ConnectionLoss.Builder stable(ConnectionLoss.Builder loss) {
    return loss.opened(true).everOpened(true).uptime(STABLE);
  }

  private void assertStops(ConnectionLoss.Builder loss) {
    RetryDecision decision = policy.decide(loss.build());
    assertFalse(decision.isRetry(), () -> loss.build() + ": " + decision);
  }

  private void assertBacksOff(ConnectionLoss.Builder loss) {
    RetryDecision decision = policy.decide(loss.failures(2).build());
    assertTrue(decision.isRetry(), () -> loss.build() + ": " + decision);
    assertEquals(Duration.ofMillis(2_050), decision.delay());
    assertEquals(3, decision.failures());
    assertFalse(decision.freshCredentials());
  }

  private void assertRetriesAtOnce(ConnectionLoss.Builder loss) {
    RetryDecision decision = policy.decide(loss.build());
    assertTrue(decision.isRetry(), () -> loss.build() + ": " + decision);
    assertEquals(Duration.ZERO, decision.delay(), () -> loss.build().toString());
  }

  @Test
  void everyKindHasARow() {
    for (Kind kind : EnumSet.allOf(Kind.class)) {
      policy.decide(loss(kind).build());
    }
  }

  @Test
  void SSE_C_19_networkFailuresAndSilenceAreTriedAgain() {
    for (Kind kind :
        EnumSet.of(
            Kind.NETWORK,
            Kind.END_OF_STREAM,
            Kind.CONNECT_TIMEOUT,
            Kind.HEARTBEAT_TIMEOUT,
            Kind.WRITE_TIMEOUT,
            Kind.BAD_HANDSHAKE,
            Kind.PROTOCOL)) {
      assertBacksOff(loss(kind));
      assertBacksOff(loss(kind).everOpened(true));
    }
  }

  @Test
  void limitsLocalEndsAndFailuresOfTheApplicationAreFinal() {
    for (Kind kind : EnumSet.of(Kind.LIMIT, Kind.LOCAL, Kind.APPLICATION)) {
      assertStops(stable(loss(kind)));
    }
  }

  @Test
  void F45_onlyStatusesThatPassAreTriedAgain() {
    for (int status = 100; status <= 699; status++) {
      boolean passes =
          status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
      if (passes) {
        assertBacksOff(status(status));
        assertBacksOff(status(status).everOpened(true));
      } else if (status != 401 && status != 407) {
        assertStops(status(status));
        if (status < 200 || status > 299 || status == 204) {
          assertStops(status(status).everOpened(true));
        } else {
          assertBacksOff(status(status).everOpened(true));
        }
      }
    }
  }

  @Test
  void F45_anotherContentTypeStopsAChannelThatWasNeverOpenAndIsAFailedAttemptLater() {
    for (int status : new int[] {200, 201, 206}) {
      assertStops(loss(CloseReason.contentType(status, "text/html")));
      assertBacksOff(loss(CloseReason.contentType(status, "text/html")).everOpened(true));
    }
    assertStops(loss(CloseReason.contentType(204, "")).everOpened(true));
  }

  @Test
  void SSE_C_21_refusalsOfTheRequestAreFinal() {
    for (int status : new int[] {400, 403, 404, 409, 410, 413, 415, 426, 451}) {
      assertStops(status(status));
      assertStops(status(status).everOpened(true).failures(3));
    }
    for (int status : new int[] {401, 407}) {
      RetryDecision once = policy.decide(status(status).failures(4).build());
      assertTrue(once.isRetry());
      assertTrue(once.freshCredentials());
      assertEquals(Duration.ZERO, once.delay());
      assertEquals(4, once.failures(), "asking for credentials is no failure of the network");
      assertStops(status(status).credentialsRefreshed(true));
    }
  }

  @Test
  void SSE_C_21_whatHeldAConnectionForLongIsAskedForAgainThoughItWasFresh() {
    for (int status : new int[] {401, 407}) {
      RetryDecision again =
          policy.decide(stable(status(status)).credentialsRefreshed(true).failures(4).build());
      assertTrue(again.isRetry());
      assertTrue(again.freshCredentials());
      assertEquals(Duration.ZERO, again.delay());
      assertEquals(0, again.failures(), "the connection was stable");

      ConnectionLoss.Builder almost =
          status(status).opened(true).everOpened(true).uptime(STABLE.minusNanos(1));
      assertTrue(policy.decide(almost.build()).freshCredentials());
      assertStops(almost.credentialsRefreshed(true));
      assertStops(status(status).everOpened(true).credentialsRefreshed(true));
      ReconnectPolicy sooner =
          ReconnectPolicy.standard(Backoff.standard().withResetAfter(Duration.ofMillis(10)));
      assertTrue(sooner.decide(almost.uptime(Duration.ofMillis(10)).build()).isRetry());
    }
  }

  @Test
  void SSE_C_22_retryAfterIsTheLeastDelay() {
    for (int status : new int[] {408, 425, 429, 500, 502, 503, 504}) {
      for (int failures : new int[] {0, 1, 5, 1_000}) {
        for (double jitter : new double[] {0, 0.5, Math.nextDown(1.0)}) {
          for (long seconds : new long[] {0, 1, 7, 120, 3_600}) {
            Duration retryAfter = Duration.ofSeconds(seconds);
            ConnectionLoss loss =
                status(status).failures(failures).jitter(jitter).retryAfter(retryAfter).build();
            Duration delay = policy.decide(loss).delay();
            assertTrue(delay.compareTo(retryAfter) >= 0, () -> loss + ": " + delay);
            Duration most = retryAfter.plusSeconds(30);
            assertTrue(delay.compareTo(most) <= 0, () -> loss + ": " + delay);
          }
        }
      }
    }
  }

  @Test
  void SSE_C_22_retryAfterOfAClockThatIsOffIsLoweredToAnHour() {
    Duration delay =
        policy.decide(status(503).jitter(0).retryAfter(Duration.ofDays(40_000)).build()).delay();
    assertEquals(Duration.ofHours(1).plusMillis(100), delay);
  }

  @Test
  void WS_17_reconnectsByCause() {
    for (int code : new int[] {1000, 1002, 1003, 1007, 1008, 1009, 1010}) {
      assertStops(stable(closed(code)));
    }
    for (int code : new int[] {1001, 1005, 1006, 1011, 1012, 1013, 1014}) {
      assertBacksOff(closed(code));
    }
    for (int code = 3000; code <= 3999; code++) {
      assertStops(stable(closed(code)));
    }
    for (int code = 4000; code <= 4499; code++) {
      if (code != 4001) {
        assertBacksOff(closed(code));
      }
    }
    for (int code = 4500; code <= 4999; code++) {
      assertStops(stable(closed(code)));
    }
  }

  @Test
  void closeCodesThatMustNotBeOnTheWireBackOffLikeABrokenProtocol() {
    for (int code : new int[] {0, 999, 1004, 1015, 1016, 2999, 5000}) {
      assertBacksOff(closed(code));
    }
  }

  @Test
  void closeCode4001AsksForFreshCredentialsEachTimeAndNeverEndsTheChannel() {
    RetryDecision afterLongLife = policy.decide(stable(closed(4001)).build());
    assertTrue(afterLongLife.isRetry());
    assertTrue(afterLongLife.freshCredentials());
    assertEquals(Duration.ZERO, afterLongLife.delay());

    RetryDecision afterShortLife = policy.decide(closed(4001).opened(true).build());
    assertTrue(afterShortLife.freshCredentials());
    assertTrue(afterShortLife.delay().compareTo(Duration.ofMillis(100)) >= 0);

    // As from one server after the other, each of which is told who may do less.
    RetryDecision again =
        policy.decide(closed(4001).opened(true).credentialsRefreshed(true).build());
    assertTrue(again.freshCredentials());
    assertTrue(again.delay().compareTo(Duration.ofMillis(100)) >= 0);
    assertTrue(policy.decide(stable(closed(4001)).credentialsRefreshed(true).build()).isRetry());
  }

  @Test
  void firstAttemptAfterAStableConnectionIsAtOnceAndTheNextOnesBackOff() {
    for (Kind kind :
        EnumSet.of(Kind.NETWORK, Kind.END_OF_STREAM, Kind.HEARTBEAT_TIMEOUT, Kind.WRITE_TIMEOUT)) {
      assertRetriesAtOnce(stable(loss(kind)).failures(7));
    }
    assertRetriesAtOnce(stable(closed(1006)).failures(7));
    assertRetriesAtOnce(stable(closed(4000)).failures(7));

    int failures = policy.decide(stable(loss(Kind.NETWORK)).failures(7).build()).failures();
    long[] delays = {550, 1_050, 2_050, 4_050, 8_050, 15_050, 15_050};
    for (long delay : delays) {
      RetryDecision decision = policy.decide(loss(Kind.NETWORK).failures(failures).build());
      assertEquals(Duration.ofMillis(delay), decision.delay());
      failures = decision.failures();
    }
  }

  @Test
  void serversThatAskForAPauseGetItAlsoAfterAStableConnection() {
    Duration hint = Duration.ofSeconds(2);
    assertEquals(
        Duration.ofSeconds(3).minusMillis(500),
        policy.decide(stable(loss(Kind.END_OF_STREAM)).retryHint(hint).build()).delay());
    assertRetriesAtOnce(stable(loss(Kind.END_OF_STREAM)).retryHint(Duration.ZERO));
    for (int code : new int[] {1001, 1011, 1012, 1013, 1014}) {
      RetryDecision decision = policy.decide(stable(closed(code)).failures(9).build());
      assertEquals(Duration.ofMillis(550), decision.delay());
      assertEquals(1, decision.failures());
    }
  }

  @Test
  void SSE_C_20_backoffGrowsToItsCapAndIsResetByAStableConnection() {
    int failures = 0;
    Duration before = Duration.ZERO;
    for (int attempt = 0; attempt < 50; attempt++) {
      RetryDecision decision =
          policy.decide(loss(Kind.NETWORK).failures(failures).jitter(Math.nextDown(1.0)).build());
      assertTrue(decision.delay().compareTo(before) >= 0);
      assertTrue(decision.delay().compareTo(Duration.ofSeconds(30)) <= 0);
      before = decision.delay();
      failures = decision.failures();
    }
    assertEquals(30_000, before.toMillis(), 1);
    assertRetriesAtOnce(stable(loss(Kind.NETWORK)).failures(failures));
  }

  @Test
  void F13_connectionsThatDieTenMillisecondsAfterOpeningBackOffToTheCap() {
    int failures = 0;
    long elapsedMillis = 0;
    int attempts = 0;
    while (elapsedMillis < 600_000) {
      ConnectionLoss loss =
          loss(Kind.END_OF_STREAM)
              .opened(true)
              .everOpened(true)
              .uptime(Duration.ofMillis(10))
              .failures(failures)
              .build();
      RetryDecision decision = policy.decide(loss);
      failures = decision.failures();
      elapsedMillis += 10 + decision.delay().toMillis();
      attempts++;
    }
    assertTrue(attempts <= 46, "in ten minutes of flapping: " + attempts + " attempts");
  }

  @Test
  void INV_33_onlyTimeMakesAConnectionStable() {
    ConnectionLoss.Builder almost =
        loss(Kind.NETWORK).opened(true).everOpened(true).uptime(STABLE.minusNanos(1));
    assertBacksOff(almost);
    assertRetriesAtOnce(almost.uptime(STABLE));
    ReconnectPolicy sooner =
        ReconnectPolicy.standard(Backoff.standard().withResetAfter(Duration.ofMillis(10)));
    assertEquals(
        Duration.ZERO, sooner.decide(almost.uptime(Duration.ofMillis(10)).build()).delay());
  }

  @Test
  void countOfFailuresDoesNotOverflow() {
    RetryDecision decision = policy.decide(loss(Kind.NETWORK).failures(Integer.MAX_VALUE).build());
    assertEquals(Integer.MAX_VALUE, decision.failures());
    assertEquals(Duration.ofMillis(15_050), decision.delay());
  }

  @Test
  void neverStops() {
    assertFalse(ReconnectPolicy.never().decide(stable(loss(Kind.NETWORK)).build()).isRetry());
  }
}
