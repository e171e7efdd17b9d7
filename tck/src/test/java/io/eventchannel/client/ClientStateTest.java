package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.policy.ConnectionLoss;
import io.eventchannel.policy.RetryDecision;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The states of a client's channel, without a clock, a thread or a network. */
class ClientStateTest {
  private static final CloseReason CLOSED = CloseReason.of(Kind.LOCAL, "closed");
  private static final CloseReason CUT = CloseReason.of(Kind.NETWORK, "cut");

  private final List<ConnectionLoss> losses = new ArrayList<>();
  private RetryDecision decision = RetryDecision.retry(Duration.ofSeconds(3), 1);
  private final ClientState state =
      new ClientState(
          loss -> {
            losses.add(loss);
            return decision;
          },
          TransportPreference.of("websocket", "sse"),
          false);

  private ClientState.Step lose(CloseReason reason, long nanoTime) {
    return state.lost(ConnectionEnd.of(reason), nanoTime, () -> 0.5);
  }

  private ConnectionLoss lastLoss() {
    return losses.get(losses.size() - 1);
  }

  /** Brings the machine to a state by the shortest way. */
  private void reach(String wanted) {
    if (wanted.equals("NEW")) {
      return;
    }
    state.begin();
    switch (wanted) {
      case "OPEN" -> state.opened(0);
      case "WAITING" -> lose(CUT, 0);
      case "CLOSING" -> state.close(CLOSED);
      case "CLOSED" -> {
        state.close(CLOSED);
        state.closed();
      }
      default -> assertEquals("CONNECTING", wanted);
    }
  }

  @ParameterizedTest(name = "{0} + {1} -> {2}, {3}")
  @CsvSource({
    "NEW, begin, CONNECT, CONNECTING",
    "NEW, close, END, CLOSING",
    "CONNECTING, opened, -, OPEN",
    "CONNECTING, lost, WAIT, WAITING",
    "CONNECTING, lostForGood, END, CLOSING",
    "CONNECTING, delayOver, NOTHING, CONNECTING",
    "CONNECTING, close, END, CLOSING",
    "OPEN, opened, -, OPEN",
    "OPEN, lost, WAIT, WAITING",
    "OPEN, lostForGood, END, CLOSING",
    "OPEN, delayOver, NOTHING, OPEN",
    "OPEN, close, END, CLOSING",
    "WAITING, opened, -, WAITING",
    "WAITING, delayOver, CONNECT, CONNECTING",
    "WAITING, close, END, CLOSING",
    "CLOSING, begin, NOTHING, CLOSING",
    "CLOSING, opened, -, CLOSING",
    "CLOSING, delayOver, NOTHING, CLOSING",
    "CLOSING, close, NOTHING, CLOSING",
    "CLOSING, closed, -, CLOSED",
    "CLOSED, begin, NOTHING, CLOSED",
    "CLOSED, delayOver, NOTHING, CLOSED",
    "CLOSED, close, NOTHING, CLOSED",
  })
  void INV_20_eachEventInEachStateLeadsToOneStep(
      String from, String event, String step, ChannelState to) {
    reach(from);
    ClientState.Step taken =
        switch (event) {
          case "begin" -> state.begin();
          case "close" -> state.close(CLOSED);
          case "delayOver" -> state.delayOver();
          case "lost" -> lose(CUT, 0);
          case "lostForGood" -> {
            decision = RetryDecision.stop();
            yield lose(CUT, 0);
          }
          case "closed" -> {
            state.closed();
            yield null;
          }
          default -> {
            assertEquals(from.equals("CONNECTING"), state.opened(0), "whether that is news");
            yield null;
          }
        };
    assertEquals(step, taken == null ? "-" : taken.kind().name());
    assertEquals(to, state.state());
    assertEquals(to == ChannelState.CLOSING || to == ChannelState.CLOSED, state.isEnded());
  }

  @Test
  void INV_21_aGenerationIsCurrentFromItsAttemptToItsLossAndNeverAgain() {
    assertFalse(state.isCurrent(state.generation() + 1));
    state.begin();
    long first = state.generation();
    assertTrue(state.isCurrent(first));
    state.opened(0);
    assertTrue(state.isCurrent(first));
    lose(CUT, 0);
    assertFalse(state.isCurrent(first), "given up, though no other is there yet");
    state.delayOver();
    assertFalse(state.isCurrent(first));
    assertNotEquals(first, state.generation());
    state.close(CLOSED);
    assertFalse(state.isCurrent(state.generation()));
  }

  @Test
  void aLossTellsThePolicyWhatItMayKnow() {
    state.begin();
    state.opened(1_000);
    state.heard();
    state.retryHint(7_000);
    lose(CUT, 5_000_001_000L);
    assertTrue(lastLoss().opened());
    assertTrue(lastLoss().everOpened());
    assertEquals(Duration.ofSeconds(5), lastLoss().uptime());
    assertEquals(Duration.ofSeconds(7), lastLoss().retryHint());
    assertEquals(Duration.ZERO, lastLoss().previousDelay());
    assertEquals(0, lastLoss().failures());
    assertEquals(0.5, lastLoss().jitter());

    state.delayOver();
    lose(CUT, 9_000_000_000L);
    assertFalse(lastLoss().opened());
    assertTrue(lastLoss().everOpened());
    assertEquals(Duration.ZERO, lastLoss().uptime());
    assertEquals(Duration.ofSeconds(3), lastLoss().previousDelay());
    assertEquals(1, lastLoss().failures(), "what the policy counted");
    assertEquals(1, lastLoss().unopenedInARow());
    assertEquals(Duration.ofSeconds(7), lastLoss().retryHint(), "it holds for the channel's life");
  }

  @Test
  void F12_aHandshakeWithoutAByteAfterItIsNoOpenConnection() {
    state.begin();
    state.opened(0);
    lose(CUT, 20_000_000_000L);
    assertFalse(lastLoss().opened());
    assertEquals(1, lastLoss().unopenedInARow());
  }

  @Test
  void aGoodbyeExplainsThePlainEndOfItsConnectionOnly() {
    state.begin();
    state.goodbye(1001, "drain", 1_500);
    ClientState.Step step = lose(CloseReason.of(Kind.END_OF_STREAM, "end"), 0);
    assertEquals(CloseReason.closeCode(1001, "drain"), step.reason());
    assertEquals(Duration.ofMillis(1_500), lastLoss().retryHint());
    assertEquals(CloseReason.closeCode(1001, "drain"), state.toldToProvider());

    state.delayOver();
    assertSame(CUT, lose(CUT, 0).reason(), "the next connection heard no goodbye");
    assertNull(lastLoss().retryHint());

    state.delayOver();
    state.goodbye(1001, "drain", -1);
    CloseReason limit = CloseReason.of(Kind.LIMIT, "too long");
    assertSame(limit, lose(limit, 0).reason(), "what this side found is no plain end");
  }

  @Test
  void credentialsCountAsFreshUntilAConnectionHolds() {
    decision = RetryDecision.retry(Duration.ZERO, 0).withFreshCredentials();
    CloseReason refusal = CloseReason.httpStatus(401, "");
    state.begin();
    lose(refusal, 0);
    assertFalse(lastLoss().credentialsRefreshed());
    decision = RetryDecision.retry(Duration.ZERO, 0);
    state.delayOver();
    lose(CUT, 0); // proves nothing about them
    state.delayOver();
    lose(refusal, 0);
    assertTrue(lastLoss().credentialsRefreshed());
    state.delayOver();
    state.opened(0);
    state.heard();
    lose(CUT, 0);
    state.delayOver();
    lose(refusal, 0);
    assertFalse(lastLoss().credentialsRefreshed());
  }

  @Test
  void aRefusalIsToldToTheProviderUntilItHasSuppliedSomethingSince() {
    state.begin();
    state.askingForCredentials();
    assertNull(state.toldToProvider());
    state.authorised();
    CloseReason refusal = CloseReason.httpStatus(401, "");
    decision = RetryDecision.retry(Duration.ZERO, 0).withFreshCredentials();
    lose(refusal, 0);
    assertSame(refusal, state.toldToProvider());

    decision = RetryDecision.retry(Duration.ZERO, 0);
    for (int i = 0; i < 2; i++) {
      state.delayOver();
      state.askingForCredentials();
      lose(CUT, 0); // on the way to whoever issues them, most likely
      assertSame(refusal, state.toldToProvider(), "there are no others yet");
    }

    state.supplied(CUT); // an answer to what was told before
    assertSame(refusal, state.toldToProvider());
    state.supplied(refusal); // though too late for its attempt
    assertSame(CUT, state.toldToProvider());

    state.delayOver();
    decision = RetryDecision.retry(Duration.ZERO, 0).withFreshCredentials();
    lose(refusal, 0);
    state.supplied(refusal);
    assertNull(state.toldToProvider(), "it speaks of what is not in use any more");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAttemptThatGotNoCredentialsSpeaksAgainstNoTransport(boolean asks) {
    CloseReason late = CloseReason.of(Kind.CONNECT_TIMEOUT, "late");
    state.begin();
    for (int i = 0; i < 3; i++) {
      state.askingForCredentials();
      lose(late, 0);
      assertEquals(0, lastLoss().unopenedInARow());
      assertEquals("websocket", state.transport());
      state.delayOver();
    }
    if (asks) {
      state.askingForCredentials();
      state.authorised();
    }
    lose(late, 0);
    assertEquals(1, lastLoss().unopenedInARow());
    assertEquals("sse", state.transport());
  }

  @Test
  void whatTheApplicationsCodeThrowsEndsTheChannel() {
    ClientState broken =
        new ClientState(
            loss -> {
              throw new IllegalStateException("the policy's own");
            },
            TransportPreference.of("websocket"),
            false);
    broken.begin();
    ClientState.Step step = broken.lost(ConnectionEnd.of(CUT), 0, () -> 0.5);
    assertEquals(ClientState.Step.Kind.END, step.kind());
    assertEquals(Kind.APPLICATION, step.reason().kind());

    state.begin();
    step = state.lost(ConnectionEnd.of(CUT), 0, () -> Double.NaN);
    assertEquals(ClientState.Step.Kind.END, step.kind());
    assertEquals(Kind.APPLICATION, step.reason().kind());
  }

  @Test
  void twoAttemptsInARowThatNeverOpenMoveToTheOtherTransport() {
    state.begin();
    assertEquals("websocket", state.transport());
    lose(CUT, 0);
    assertEquals("websocket", state.transport());
    assertNull(state.openedOver());
    state.delayOver();
    lose(CUT, 0);
    assertEquals("sse", state.transport());
    state.delayOver();
    state.opened(0);
    assertEquals("sse", state.openedOver());
  }
}
