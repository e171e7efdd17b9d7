package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Receipt;
import io.eventchannel.tck.ScriptedConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Credentials that run out while a channel is open. */
class RenewalTest {
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private final List<@Nullable CloseReason> asked = new ArrayList<>();
  private EngineHarness harness = supplying(Duration.ofHours(1));

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  private EngineHarness supplying(Duration validity) {
    return EngineHarness.create(
        settings ->
            settings.credentials(
                lastFailure -> {
                  asked.add(lastFailure);
                  return CompletableFuture.completedFuture(
                      Credentials.header("Authorization", "token-" + asked.size())
                          .expiringIn(validity));
                }));
  }

  private ScriptedConnection openConnected() throws InterruptedException {
    harness.open();
    harness.listen();
    return opened();
  }

  private ScriptedConnection opened() throws InterruptedException {
    ScriptedConnection connection = harness.webSocket.takeConnection();
    connection.opens(OURS).position("e-0");
    harness.listen();
    harness.listener.takeOpen();
    return connection;
  }

  private void advance(ScriptedConnection alive, Duration time) {
    for (Duration left = time; !left.isZero(); ) {
      Duration step = left.compareTo(HEARTBEAT) < 0 ? left : HEARTBEAT;
      harness.scheduler.advance(step);
      left = left.minus(step);
      if (!alive.isGivenUp()) {
        alive.activity();
      }
    }
  }

  @Test
  void aConnectionIsMadeAnewBeforeItsCredentialsRunOutAndGoesOnWhereItWas() throws Exception {
    ScriptedConnection first = openConnected();
    first.event(event("e-1", "one"));
    advance(first, Duration.ofMinutes(60).minusSeconds(45).minusMillis(1)); // 30 s and the jitter
    assertFalse(first.isGivenUp());
    advance(first, Duration.ofMillis(1));
    assertTrue(first.isClosed());
    harness.scheduler.runDue();
    harness.listen();
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("e-1", second.request().lastEventId());
    assertEquals(
        List.of(Map.entry("Authorization", "token-2")), List.copyOf(second.request().headers()));
    second.opens(OURS).event(event("e-2", "two"));
    harness.listen();

    assertEquals("one", harness.listener.takeEvent().data());
    assertEquals(Kind.LOCAL, harness.listener.takeConnectionLost().reason().kind());
    harness.listener.takeOpen();
    assertEquals("two", harness.listener.takeEvent().data());
    assertEquals("credentials are about to run out", asked.get(1).text());
  }

  @Test
  void whatWasSentIsDecidedFirstUnlessTimeRunsOut() throws Exception {
    EventChannel channel = harness.open();
    harness.listen();
    ScriptedConnection first = opened();
    CompletableFuture<Receipt> taken = channel.send(Event.message("1")).toCompletableFuture();
    first.takeSent();
    advance(first, Duration.ofMinutes(60).minusSeconds(40));
    assertFalse(first.isGivenUp(), "an event is undecided");
    first.acknowledges(1);
    assertTrue(first.isClosed());
    harness.scheduler.runDue();
    harness.listen();
    taken.get();
    harness.listener.takeConnectionLost();

    ScriptedConnection second = opened();
    CompletableFuture<Receipt> late = channel.send(Event.message("2")).toCompletableFuture();
    second.takeSent();
    advance(second, Duration.ofMinutes(60).minusMillis(1));
    assertFalse(second.isGivenUp());
    advance(second, Duration.ofMillis(1));
    assertTrue(second.isClosed());
    harness.listen();
    harness.listener.takeConnectionLost();
    ScriptedConnection third = opened();
    assertEquals(2, third.takeSent().seq(), "sent again");
    third.acknowledges(2);
    harness.listen();
    late.get();
  }

  @Test
  void credentialsOfSecondsAreNoLoopOfConnections() throws Exception {
    harness.client.close();
    harness = supplying(Duration.ofMillis(1));
    ScriptedConnection first = openConnected();
    advance(first, Duration.ofMillis(9_999));
    assertFalse(first.isGivenUp());
    advance(first, Duration.ofMillis(1));
    assertTrue(first.isClosed());
    harness.listen();
    harness.listener.takeConnectionLost();
    opened();
  }

  @Test
  void aLostConnectionTakesItsRenewalAlong() throws Exception {
    ScriptedConnection first = openConnected();
    advance(first, Duration.ofMinutes(59));
    first.breaks();
    harness.scheduler.runDue();
    harness.listen();
    harness.listener.takeConnectionLost();
    ScriptedConnection second = opened();
    advance(second, Duration.ofMinutes(30));
    assertFalse(second.isGivenUp(), "its own hour is not over");
    assertEquals(2, asked.size());
  }

  @Test
  void aTimeThatIsNoneIsRefusedAndNoTextHoldsAValue() {
    Credentials credentials = Credentials.header("Authorization", "secret");
    for (Duration none : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
      assertThrows(IllegalArgumentException.class, () -> credentials.expiringIn(none));
    }
    assertEquals(
        "Credentials{[Authorization], expiring in PT1S}",
        credentials.expiringIn(Duration.ofSeconds(1)).toString());
  }
}
