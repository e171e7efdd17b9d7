package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.control;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.tck.ScriptedTransport;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners that take their time, fail, or wait for what they caused themselves. */
@Timeout(60)
class BusyListenerTest {
  private final EngineHarness harness = EngineHarness.create();

  @Test
  void F28_aListenerThatBlocksHoldsUpNeitherHeartbeatNorReconnect() throws Exception {
    ScriptedConnection first = harness.openConnected();
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    harness.listener.reacting(
        call -> {
          if (call instanceof Received received && received.event().data().equals("1")) {
            inside.countDown();
            awaitLatch(release);
          }
        });
    first.event(event("e-1", "1"));
    Thread blocked = new Thread(harness::listen, "listener");
    blocked.start();
    awaitLatch(inside);

    for (int i = 0; i < 120; i++) { // an hour
      harness.scheduler.advance(Duration.ofSeconds(30));
      first.activity();
    }
    assertFalse(first.isGivenUp(), "a peer that is heard is alive");
    harness.scheduler.advance(Duration.ofMillis(37_500));
    assertTrue(first.isGivenUp(), "one that is silent is not, whatever the listener does");
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("e-1", second.request().lastEventId());
    second.opens(OURS).event(event("e-2", "2"));
    assertEquals(0, harness.executor.pending(), "the next call waits for the one before");

    release.countDown();
    blocked.join(10_000);
    assertFalse(blocked.isAlive());
    assertEquals("1", harness.listener.takeEvent().data());
    assertEquals(Kind.HEARTBEAT_TIMEOUT, harness.listener.takeConnectionLost().reason().kind());
    harness.listener.takeOpen();
    assertEquals("2", harness.listener.takeEvent().data());
    harness.finish();
  }

  @Test
  void F28_aListenerThatWaitsForItsOwnSendGetsItsAnswer() throws Exception {
    ScriptedTransport transport = new ScriptedTransport("websocket");
    RecordingListener listener = new RecordingListener();
    try (ChannelClient client = ChannelClient.builder().transport(transport).build()) {
      listener.reacting(
          call -> {
            if (call instanceof Received received && received.event().data().equals("ask")) {
              waitFor(received);
            }
          });
      client.open(EngineHarness.URL, listener);
      ScriptedConnection connection = transport.takeConnection().opens(OURS);
      connection.event(event("e-1", "ask")).event(event("e-2", "after"));
      connection.acknowledges(connection.takeSent().seq());
      listener.takeOpen();
      assertEquals("ask", listener.takeEvent().data());
      assertEquals("after", listener.takeEvent().data());
      assertEquals("answered", answer);
    }
  }

  private volatile String answer = "none";

  private void waitFor(Received call) {
    try {
      call.channel().send(Event.message("re")).toCompletableFuture().get(10, TimeUnit.SECONDS);
      answer = "answered";
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      answer = e.toString();
    }
  }

  @Test
  void F28_whateverACallbackThrowsTheNextOneFollowsAndTheConnectionStays() throws Exception {
    for (Throwable thrown : new Throwable[] {new IllegalStateException(), new AssertionError()}) {
      EngineHarness each = EngineHarness.create();
      each.listener.reacting(
          call -> {
            if (thrown instanceof Error error) {
              throw error;
            }
            throw (RuntimeException) thrown;
          });
      each.open();
      ScriptedConnection first = each.webSocket.takeConnection().opens(OURS);
      first.event(event("a-1", "1")).event(control("gap", "b-0", "{\"reason\":\"epoch\"}"));
      each.listen();
      assertFalse(first.isGivenUp());
      first.event(event("b-1", "2")).breaks();
      each.passDelay();
      ScriptedConnection second = each.webSocket.takeConnection();
      assertEquals("b-1", second.request().lastEventId());
      second.opens(OURS);
      each.listen();
      each.client.close();
      each.listen();

      each.listener.takeOpen();
      assertEquals("1", each.listener.takeEvent().data());
      each.listener.takeGap();
      assertEquals("2", each.listener.takeEvent().data());
      each.listener.takeConnectionLost();
      each.listener.takeOpen();
      each.listener.takeClosed();
      assertEquals(7, each.errors.size(), "each is reported");
      each.errors.clear();
      each.finish();
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
