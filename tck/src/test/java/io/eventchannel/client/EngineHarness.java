package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.tck.ManualExecutor;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.tck.ScriptedTransport;
import io.eventchannel.tck.VirtualScheduler;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A client whose network, time and threads are the test's: it connects by scripted transports, its
 * timers run when time is moved, its listeners when {@link #listen} says so. Nothing here waits.
 */
final class EngineHarness {
  static final String URL = "https://example.com/feed";
  static final ConnectionInfo OURS = new ConnectionInfo(true, "channel-1", 15_000);

  final VirtualScheduler scheduler = new VirtualScheduler();
  final ManualExecutor executor = new ManualExecutor();
  final ScriptedTransport webSocket;
  final ScriptedTransport sse;
  final RecordingListener listener = new RecordingListener(Duration.ZERO, Duration.ZERO);
  final List<Throwable> errors = new ArrayList<>();
  final ChannelClient client;

  private EngineHarness(
      ScriptedTransport webSocket,
      ScriptedTransport sse,
      Consumer<ChannelClient.Builder> settings) {
    this.webSocket = webSocket;
    this.sse = sse;
    ChannelClient.Builder builder =
        ChannelClient.builder()
            .transport(webSocket)
            .transport(sse)
            .scheduler(scheduler)
            .executor(executor)
            .random(() -> 0.5)
            .errorReporter((channel, error) -> errors.add(error));
    settings.accept(builder);
    client = builder.build();
  }

  /** A client with both transports, whose connections end when they are given up. */
  static EngineHarness create() {
    return create(settings -> {});
  }

  static EngineHarness create(Consumer<ChannelClient.Builder> settings) {
    return new EngineHarness(transport(Transport.WEBSOCKET), transport(Transport.SSE), settings);
  }

  /** A client whose connections can still speak after they are given up. */
  static EngineHarness lingering() {
    return lingering(settings -> {});
  }

  static EngineHarness lingering(Consumer<ChannelClient.Builder> settings) {
    return new EngineHarness(
        transport(Transport.WEBSOCKET).lingering(), transport(Transport.SSE).lingering(), settings);
  }

  private static ScriptedTransport transport(String name) {
    return new ScriptedTransport(name, Duration.ZERO);
  }

  EventChannel open() {
    return client.open(URL, listener);
  }

  /** Opens a channel and its first connection, by WebSocket, with a server of ours. */
  ScriptedConnection openConnected() throws InterruptedException {
    open();
    ScriptedConnection connection = webSocket.takeConnection();
    connection.opens(OURS).activity();
    listen();
    listener.takeOpen();
    return connection;
  }

  /** Makes all calls of listeners, and completes all stages, that are due. */
  void listen() {
    executor.runAll();
  }

  /** Lets the delay before the next attempt pass. */
  void passDelay() {
    scheduler.advance(scheduler.nextDelay().orElseThrow());
  }

  static Event event(String id, String data) {
    return Event.message(data).withId(id);
  }

  static Event control(String type, String id, String json) {
    return Event.of("eventchannel." + type, json).withId(id);
  }

  /** Closes everything and checks that nothing is left over. */
  void finish() {
    client.close();
    listen();
    webSocket.assertExhausted();
    sse.assertExhausted();
    assertEquals(0, scheduler.pendingTasks(), "timers left");
    assertEquals(0, executor.pending(), "tasks left");
    assertEquals(List.of(), listener.failures());
    assertEquals(List.of(), errors);
  }
}
