package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.control;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.EventChannel;
import io.eventchannel.tck.ManualExecutor;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.tck.ScriptedTransport;
import io.eventchannel.tck.VirtualScheduler;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The codes with which an application closes a client's channel, and its server's. */
class ApplicationCloseTest {
  private final EngineHarness harness = EngineHarness.create();

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  private EventChannel channel() {
    return harness.open();
  }

  private ScriptedConnection opened(ScriptedTransport transport) throws InterruptedException {
    ScriptedConnection connection = transport.takeConnection();
    connection.opens(OURS).activity();
    harness.listen();
    harness.listener.takeOpen();
    return connection;
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 3000, 3999, 4000, 4001, 4499, 4500, 4999})
  void WS_04_theConnectionIsClosedWithTheCodeOfTheApplicationWhichEndsTheChannel(int code)
      throws Exception {
    EventChannel channel = channel();
    ScriptedConnection connection = opened(harness.webSocket);
    channel.close(code, "bye ü");
    channel.close(4321, "second");
    assertEquals(CloseReason.local(code, "bye ü"), connection.closedWith());
    assertFalse(connection.isCancelled());
    harness.listen();

    CloseReason told = harness.listener.takeClosed();
    assertEquals(CloseReason.Kind.LOCAL, told.kind());
    assertEquals(code, told.code());
    assertEquals("bye ü", told.text());
    assertEquals(ChannelState.CLOSED, channel.state());
    harness.scheduler.advance(Duration.ofDays(1));
    harness.webSocket.assertNoAttempt();
    harness.listener.assertExhausted();
  }

  @Test
  void WS_04_closeWithoutACodeIs1000WithoutAReason() throws Exception {
    EventChannel channel = channel();
    ScriptedConnection connection = opened(harness.webSocket);
    channel.close();
    harness.listen();
    assertEquals(CloseReason.local(1000, ""), connection.closedWith());
    assertEquals(CloseReason.local(1000, ""), harness.listener.takeClosed());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 999, 1001, 1005, 1006, 1015, 2999, 5000})
  void WS_04_anotherCodeIsRefusedAndTheChannelGoesOn(int code) throws Exception {
    EventChannel channel = channel();
    ScriptedConnection connection = opened(harness.webSocket);
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> channel.close(code, ""));
    assertEquals("close code: expected 1000 or 3000 to 4999, got " + code, refused.getMessage());
    assertThrows(IllegalArgumentException.class, () -> channel.close(4000, "€".repeat(42)));
    assertThrows(IllegalArgumentException.class, () -> channel.close(4000, "\uD83D"));
    assertNull(connection.closedWith());
    assertEquals(ChannelState.OPEN, channel.state());

    channel.close(4000, "");
    assertThrows(IllegalArgumentException.class, () -> channel.close(code, ""), "closed or not");
    harness.listen();
    assertEquals(4000, harness.listener.takeClosed().code());
  }

  @Test
  void WS_04_theListenerHearsTheCodeThoughThereIsNoConnection() throws Exception {
    EventChannel connecting = channel();
    ScriptedConnection attempt = harness.webSocket.takeConnection();
    connecting.close(3999, "early");
    assertTrue(attempt.isGivenUp());
    harness.listen();
    assertEquals(CloseReason.local(3999, "early"), harness.listener.takeClosed());

    EventChannel waiting = channel();
    opened(harness.webSocket).breaks();
    waiting.close(4000, "between");
    harness.listen();
    assertEquals(CloseReason.local(4000, "between"), harness.listener.takeClosed());
  }

  /** A transport may tell of a connection before it has returned it. */
  @Test
  void WS_04_aConnectionThatIsClosedBeforeItsTransportReturnedItIsClosedWithTheCode()
      throws Exception {
    VirtualScheduler scheduler = new VirtualScheduler();
    ManualExecutor executor = new ManualExecutor();
    RecordingListener listener = new RecordingListener(Duration.ZERO, Duration.ZERO);
    ScriptedTransport scripted = new ScriptedTransport(Transport.WEBSOCKET, Duration.ZERO);
    AtomicReference<EventChannel> channel = new AtomicReference<>();
    AtomicReference<ScriptedConnection> second = new AtomicReference<>();
    Transport eager =
        new Transport() {
          @Override
          public String name() {
            return scripted.name();
          }

          @Override
          public Connection connect(ConnectRequest request, ConnectionListener of) {
            Connection made = scripted.connect(request, of);
            if (channel.get() != null) {
              second.set((ScriptedConnection) made);
              second.get().opens(OURS);
              channel.get().close(4007, "at once");
            }
            return made;
          }

          @Override
          public void close() {
            scripted.close();
          }
        };
    try (ChannelClient client =
        ChannelClient.builder()
            .transport(eager)
            .scheduler(scheduler)
            .executor(executor)
            .random(() -> 0.5)
            .build()) {
      channel.set(client.open(EngineHarness.URL, listener));
      scripted.takeConnection().breaks();
      scheduler.advance(scheduler.nextDelay().orElseThrow());
      executor.runAll();
      assertEquals(CloseReason.local(4007, "at once"), second.get().closedWith());
      assertFalse(second.get().isCancelled());
      assertEquals(CloseReason.local(4007, "at once"), listener.takeClosed());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1000, false",
    "3000, false",
    "3999, false",
    "4000, true",
    "4001, true",
    "4499, true",
    "4500, false",
    "4999, false"
  })
  void WS_04_whatTheServersApplicationSaidIsHeardAndDecidesWhetherToComeBack(int code, boolean back)
      throws Exception {
    channel();
    ScriptedConnection socket = opened(harness.webSocket);
    socket.closes(CloseReason.closeCode(code, "why"));
    harness.listen();
    hears(CloseReason.closeCode(code, "why"), back);
  }

  @ParameterizedTest
  @CsvSource({"1000, false", "3000, false", "4001, true", "4499, true", "4500, false"})
  void WS_04_aGoodbyeOverSseSaysTheSame(int code, boolean back) throws Exception {
    channel();
    harness.webSocket.takeConnection().closes(CloseReason.httpStatus(400, "no upgrade here"));
    harness.listen();
    harness.listener.takeConnectionLost();
    harness.passDelay();
    ScriptedConnection stream = opened(harness.sse);
    stream.event(control("goodbye", "", "{\"code\":" + code + ",\"reason\":\"why\",\"delay\":0}"));
    stream.closes(CloseReason.of(CloseReason.Kind.END_OF_STREAM, "end"));
    harness.listen();
    hears(CloseReason.closeCode(code, "why"), back);
  }

  private void hears(CloseReason reason, boolean back) throws InterruptedException {
    if (back) {
      assertEquals(reason, harness.listener.takeConnectionLost().reason());
      assertTrue(harness.scheduler.pendingTasks() > 0, "an attempt to come");
    } else {
      assertEquals(reason, harness.listener.takeClosed());
      assertEquals(0, harness.scheduler.pendingTasks(), "no attempt to come");
    }
    harness.listener.assertExhausted();
  }
}
