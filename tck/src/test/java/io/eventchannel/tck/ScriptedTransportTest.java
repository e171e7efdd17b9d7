package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ScriptedTransportTest {
  private static final ConnectRequest REQUEST =
      new ConnectRequest("http://x/feed?secret=1", List.of(), null, "e-5", 1, 1);

  private final ScriptedTransport transport =
      new ScriptedTransport(Transport.SSE, Duration.ofMillis(20));
  private final Recorder engine = new Recorder();

  @Test
  void theEngineIsToldWhatTheScriptSaysInThatOrder() throws Exception {
    Connection connection = transport.connect(REQUEST, engine);
    ScriptedConnection script = transport.takeConnection();
    assertSame(script, connection);
    assertSame(REQUEST, script.request());
    assertEquals("sse", transport.name());
    script
        .opens(new ConnectionInfo(true, "c1", 1000))
        .event(Event.message("a").withId("e-6"))
        .event(Event.message("b"))
        .event(Event.message("c"), "")
        .position("e-9")
        .activity()
        .retryHint(500)
        .acknowledges(1)
        .refuses(2, "full")
        .closes(CloseReason.of(CloseReason.Kind.END_OF_STREAM, ""));
    assertEquals(
        List.of(
            "open c1",
            "a at e-6",
            "b at null",
            "c at ",
            "position e-9",
            "activity",
            "retry 500",
            "ack 1",
            "refused 2 full",
            "closed"),
        engine.calls);
    transport.assertExhausted();
  }

  @Test
  void whatTheEngineDoesIsRecorded() throws Exception {
    Connection connection = transport.connect(REQUEST, engine);
    ScriptedConnection script = transport.takeConnection().opens();
    connection.send(1, Event.message("up"));
    assertEquals(new ScriptedConnection.Sent(1, Event.message("up")), script.takeSent());
    connection.pauseReading();
    assertTrue(script.isPaused());
    connection.resumeReading();
    assertFalse(script.isPaused());
    assertFalse(script.isGivenUp());
    connection.close(1000, "");
    script.awaitGivenUp();
    assertTrue(script.isClosed());
    assertFalse(script.isCancelled());
    connection.cancel();
    assertTrue(script.isCancelled());
    assertEquals(List.of("open null", "closed"), engine.calls);
    transport.close();
    assertTrue(transport.isClosed());
    transport.assertExhausted();
  }

  @Test
  void WS_04_anEngineThatClosesWithWhatNobodyMaySayBreaksTheContract() throws Exception {
    Connection connection = transport.connect(REQUEST, engine);
    ScriptedConnection script = transport.takeConnection().opens();
    assertNull(script.closedWith());
    connection.close(4001, "bye");
    connection.close(1000, "second");
    assertEquals(CloseReason.local(4001, "bye"), script.closedWith());
    transport.assertExhausted();

    transport.connect(REQUEST, engine).close(1006, "");
    transport.connect(REQUEST, engine).close(1000, "x".repeat(124));
    assertEquals(2, transport.failures().size(), transport.failures()::toString);
    assertFailsWith(
        "close code: expected 1000 or 3000 to 4999, got 1006", transport::assertExhausted);
  }

  @Test
  void aLingeringConnectionSpeaksAfterItWasGivenUp() throws Exception {
    transport.lingering().connect(REQUEST, engine).cancel();
    ScriptedConnection script = transport.takeConnection();
    script.opens().event(Event.message("zombie"));
    assertFailsWith("to have ended", transport::assertExhausted);
    script.breaks();
    assertEquals(List.of("open null", "zombie at null", "closed"), engine.calls);
    transport.assertExhausted();
  }

  @Test
  void callsAreSerialEvenWhenTheEngineCancelsInsideOne() throws Exception {
    transport.connect(REQUEST, engine);
    ScriptedConnection script = transport.takeConnection();
    engine.reaction =
        call -> {
          if (call.startsWith("stop")) {
            script.cancel();
            assertEquals(List.of("open null", "stop at null"), engine.calls);
          }
        };
    script.opens().event(Event.message("stop"));
    assertEquals(List.of("open null", "stop at null", "closed"), engine.calls);
    assertThrows(IllegalStateException.class, script::activity);
    transport.assertExhausted();
  }

  @Test
  void aScriptThatBreaksTheOrderFails() throws Exception {
    transport.connect(REQUEST, engine);
    ScriptedConnection script = transport.takeConnection();
    assertThrows(IllegalStateException.class, () -> script.event(Event.message("early")));
    script.opens();
    assertThrows(IllegalStateException.class, script::opens);
    script.breaks();
    assertThrows(IllegalStateException.class, script::breaks);
    assertThrows(IllegalStateException.class, () -> script.position("e-1"));
    assertEquals(List.of("open null", "closed"), engine.calls);
  }

  @Test
  void anEngineThatThrowsBreaksTheContract() throws Exception {
    transport.connect(REQUEST, engine);
    engine.reaction =
        call -> {
          throw new IllegalStateException("of this test");
        };
    transport.takeConnection().opens().breaks();
    assertEquals(List.of("open null", "closed"), engine.calls);
    assertEquals(2, transport.failures().size());
    assertFailsWith("the engine's listener threw", transport::assertExhausted);
  }

  @Test
  void anEngineThatMiscountsOrConnectsTooLateBreaksTheContract() throws Exception {
    Connection connection = transport.connect(REQUEST, engine);
    connection.send(1, Event.message("1"));
    connection.send(3, Event.message("3"));
    assertEquals(List.of("send: expected sequence number 2, got 3"), transport.failures());
    transport.close();
    transport.connect(REQUEST, engine);
    assertEquals(2, transport.failures().size());
    assertFalse(transport.failures().get(1).contains("secret"), transport.failures()::toString);
    assertEquals(2, transport.attempts());
  }

  @Test
  void whatIsLeftOverFailsTheExhaustedCheck() throws Exception {
    Connection connection = transport.connect(REQUEST, engine);
    assertFailsWith("expected no attempt to connect by sse", transport::assertNoAttempt);
    assertFailsWith("expected no attempt to connect by sse", transport::assertExhausted);
    transport.takeConnection();
    assertFailsWith("expected the connection to have ended", transport::assertExhausted);
    connection.send(1, Event.message("up"));
    connection.close(1000, "");
    assertFailsWith("1 sent events were not taken", transport::assertExhausted);
  }

  @Test
  void whatTheEngineDoesNotDoFailsWithinThePatience() throws Exception {
    assertFailsWith("expected an attempt to connect by sse", transport::takeConnection);
    transport.connect(REQUEST, engine);
    ScriptedConnection script = transport.takeConnection();
    assertFailsWith("expected a sent event", script::takeSent);
    assertFailsWith("expected close or cancel", script::awaitGivenUp);
  }

  private static void assertFailsWith(String part, Executable executable) {
    AssertionError error = assertThrows(AssertionError.class, executable);
    assertTrue(error.getMessage().contains(part), error::getMessage);
  }

  private static final class Recorder implements ConnectionListener {
    final List<String> calls = new ArrayList<>();
    Consumer<String> reaction = call -> {};

    private void add(String call) {
      calls.add(call);
      reaction.accept(call);
    }

    @Override
    public void onOpen(ConnectionInfo info) {
      add("open " + info.channelId());
    }

    @Override
    public void onActivity() {
      add("activity");
    }

    @Override
    public void onEvent(Event event, String position) {
      add(event.data() + " at " + position);
    }

    @Override
    public void onPosition(String position) {
      add("position " + position);
    }

    @Override
    public void onRetryHint(long millis) {
      add("retry " + millis);
    }

    @Override
    public void onAcknowledged(long seq) {
      add("ack " + seq);
    }

    @Override
    public void onRefused(long seq, String reason) {
      add("refused " + seq + " " + reason);
    }

    @Override
    public void onClosed(ConnectionEnd end) {
      add("closed");
    }
  }
}
