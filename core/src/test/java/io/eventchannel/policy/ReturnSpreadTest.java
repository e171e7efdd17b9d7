package io.eventchannel.policy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How two thousand clients come back that lost their connections together, by their decisions
 * alone: each attempt fails at once while the server is away, and the first one after that holds.
 * The numbers are those of ten such days, since a handful of clients in a bin would be mostly
 * noise.
 */
class ReturnSpreadTest {
  private static final int CLIENTS = 10 * 2_000;
  private static final int BIN_MILLIS = 100;

  // Of the fullest tenth of a second, against the mean of all from the first return to the last.
  private static final double MOST_ABOVE_MEAN = 3;

  // What a server of ours tells its streams, and over what time it spreads its goodbyes.
  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final int GOODBYE_MILLIS = 2_000;

  private static final CloseReason CUT = CloseReason.of(Kind.NETWORK, "cut");
  private static final CloseReason GOODBYE = CloseReason.closeCode(1001, "going away");

  private final ReconnectPolicy policy = ReconnectPolicy.standard();
  private final Random random = new Random(43);

  /** How a client lost its connection, and the retry hint then and at the attempts after it. */
  private record Loss(CloseReason reason, @Nullable Duration hint, @Nullable Duration laterHint) {}

  private static Loss streamCut() {
    return new Loss(CUT, RETRY, RETRY);
  }

  private static Loss socketCut() {
    return new Loss(CUT, null, null);
  }

  private Loss goodbye() {
    return new Loss(GOODBYE, Duration.ofMillis(1 + random.nextInt(GOODBYE_MILLIS)), null);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 60})
  void F43_streamsThatWereCutTogetherComeBackSpread(int secondsAway) {
    assertEven(returns(secondsAway, ReturnSpreadTest::streamCut));
  }

  @Test
  void F43_socketsThatWereCutTogetherComeBackSpreadToAServerThatWasAway() {
    assertEven(returns(60, ReturnSpreadTest::socketCut));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 60})
  void F43_clientsToWhomGoodbyeWasSaidComeBackSpread(int secondsAway) {
    assertEven(returns(secondsAway, this::goodbye));
  }

  /**
   * After a short absence the delays of some have grown and those of others have not, so a few come
   * late and the mean says little; but no tenth of a second sees a tenth of all.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 10, 20})
  void F43_afterAShortAbsenceNoMomentSeesMany(int secondsAway) {
    assertFullest(CLIENTS / 10, returns(secondsAway, ReturnSpreadTest::socketCut));
    assertFullest(CLIENTS / 10, returns(Math.max(4, secondsAway), ReturnSpreadTest::streamCut));
    assertFullest(CLIENTS / 10, returns(secondsAway, this::goodbye));
  }

  private static void assertEven(int[] bins) {
    assertFullest(MOST_ABOVE_MEAN * CLIENTS / bins.length, bins);
  }

  private static void assertFullest(double most, int[] bins) {
    int fullest = Arrays.stream(bins).max().orElseThrow();
    assertTrue(
        fullest <= most,
        () -> "expected at most " + most + " in " + BIN_MILLIS + " ms: " + Arrays.toString(bins));
  }

  /** How many come back in each tenth of a second, from the first to the last of them. */
  private int[] returns(int secondsAway, Supplier<Loss> losses) {
    long[] returns = new long[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
      returns[i] = millisOfReturn(losses.get(), secondsAway * 1_000_000_000L);
    }
    long first = Arrays.stream(returns).min().orElseThrow();
    long last = Arrays.stream(returns).max().orElseThrow();
    int[] bins = new int[(int) ((last - first) / BIN_MILLIS) + 1];
    for (long millis : returns) {
      bins[(int) ((millis - first) / BIN_MILLIS)]++;
    }
    return bins;
  }

  private long millisOfReturn(Loss loss, long awayNanos) {
    ConnectionLoss.Builder next =
        ConnectionLoss.builder("sse", loss.reason)
            .opened(true)
            .uptime(Duration.ofMinutes(10))
            .retryHint(loss.hint);
    long nanos = 0;
    while (true) {
      RetryDecision decision =
          policy.decide(next.everOpened(true).jitter(random.nextDouble()).build());
      nanos += decision.delay().toNanos();
      if (nanos >= awayNanos) {
        return nanos / 1_000_000;
      }
      next =
          ConnectionLoss.builder("sse", CUT)
              .failures(decision.failures())
              .previousDelay(decision.delay())
              .retryHint(loss.laterHint);
    }
  }
}
