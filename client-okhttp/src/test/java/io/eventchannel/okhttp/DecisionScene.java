package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.Credentials;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.RetryDecision;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RawRequest;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.tck.ScriptedServer;
import io.eventchannel.tck.VirtualScheduler;
import io.eventchannel.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.OkHttpClient;

/**
 * One channel on real sockets, whose delays and deadlines pass when the test says so. Jitter is
 * always one half, so the standard backoff is 550 ms after a first failure.
 */
final class DecisionScene implements AutoCloseable {
  /** What a channel does about a loss. */
  enum Decision {
    /** The channel ends. */
    STOP,
    /** It tries again without a delay. */
    AT_ONCE,
    /** It tries again over the same transport after the standard delay. */
    BACKOFF,
    /** It asks for credentials and tries at once; the second time it ends. */
    CREDENTIALS,
    /** It tries the other transport after the standard delay. */
    OVER,
    /** It tries again seven seconds later at the earliest. */
    AFTER_7_S,
    /** It tries again half a minute later at the earliest. */
    AFTER_30_S
  }

  static final Duration FIRST_BACKOFF = Duration.ofMillis(550);
  static final Duration STABLE = Duration.ofSeconds(10);
  static final int MOST_EVENT_BYTES = 1000;

  /** Tries again where the standard table ends the channel, and ends it where that tries again. */
  static final ReconnectPolicy INVERTED =
      loss ->
          ReconnectPolicy.standard().decide(loss).isRetry()
              ? RetryDecision.stop()
              : RetryDecision.retry(Duration.ZERO, 0);

  final VirtualScheduler scheduler = new VirtualScheduler();
  final RecordingListener listener = new RecordingListener();
  final ScriptedServer server;
  private final String transport;
  private final ChannelClient client;
  private final List<Integer> askedAfter = new CopyOnWriteArrayList<>();

  /** A client that prefers that transport and has the other one, too. */
  DecisionScene(String transport, ReconnectPolicy policy) throws IOException {
    this.transport = transport;
    server = new ScriptedServer();
    client =
        OkHttpChannels.newClient(new OkHttpClient())
            .transportPreference(
                transport.equals(Transport.SSE)
                    ? TransportPreference.sseFirst()
                    : TransportPreference.webSocketFirst())
            .reconnectPolicy(policy)
            .scheduler(scheduler)
            .random(() -> 0.5)
            .maxEventBytes(MOST_EVENT_BYTES)
            .credentials(
                lastFailure -> {
                  askedAfter.add(lastFailure == null ? -1 : lastFailure.code());
                  return CompletableFuture.completedFuture(Credentials.header("X-Token", "t"));
                })
            .build();
  }

  /** The codes of the losses after which credentials were asked for; -1 for the first attempt. */
  List<Integer> askedAfter() {
    return List.copyOf(askedAfter);
  }

  void open() {
    client.open(server.uri("/feed").toString(), listener);
  }

  /** Answers every request of the scene's transport by that script, and serves the other one. */
  void onEveryRequest(Answer answer) {
    server.onEveryConnection(
        c -> {
          RawRequest request = c.readRequest();
          if (isOfTransport(request)) {
            answer.give(c);
          } else {
            serve(c, request);
          }
        });
  }

  /** What a server says to a request that it has read. */
  interface Answer {
    void give(RawConnection connection) throws Exception;
  }

  private boolean isOfTransport(RawRequest request) {
    return request.header("Upgrade").isPresent() == transport.equals(Transport.WEBSOCKET);
  }

  private static void serve(RawConnection connection, RawRequest request) throws IOException {
    if (request.header("Upgrade").isPresent()) {
      String key = request.header("Sec-WebSocket-Key").orElseThrow();
      connection.write(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Accept: "
              + RawFrames.acceptKey(key)
              + "\r\n\r\n");
    } else {
      connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    }
    connection.awaitEnd();
  }

  /** Opens the channel and its first connection, of a foreign server, with a first event. */
  RawConnection openConnected() throws Exception {
    open();
    return connected();
  }

  /** Takes the next connection and lets it open, with a first event. */
  RawConnection connected() throws Exception {
    RawConnection connection = server.accept();
    if (transport.equals(Transport.SSE)) {
      connection.acceptEventStream();
      connection.write("data: first\n\n");
    } else {
      connection.acceptWebSocket();
      connection.write(RawFrames.text("first"));
    }
    listener.takeOpen();
    // A server of ours that told no position before has a gap for it.
    assertEquals("first", listener.skipTo(Received.class).event().data());
    return connection;
  }

  /** Lets the delay pass that was told. */
  void pass(ConnectionLost lost) {
    scheduler.advance(lost.retryDelay());
  }

  /** Checks what the listener is told of the loss that happened, and what the channel does next. */
  void expect(Decision decision) throws Exception {
    if (decision == Decision.STOP) {
      listener.takeClosed();
      return;
    }
    ConnectionLost lost = listener.takeConnectionLost();
    Duration delay = lost.retryDelay();
    switch (decision) {
      case AT_ONCE -> assertEquals(Duration.ZERO, delay, lost::toString);
      case BACKOFF -> assertEquals(FIRST_BACKOFF, delay, lost::toString);
      case AFTER_7_S -> assertEquals(Duration.ofMillis(7_550), delay, lost::toString);
      case AFTER_30_S -> assertTrue(delay.compareTo(Duration.ofSeconds(30)) > 0, lost::toString);
      case CREDENTIALS -> {
        assertEquals(Duration.ZERO, delay, lost::toString);
        pass(lost);
        CloseReason again = listener.takeClosed();
        assertEquals(lost.reason().code(), again.code());
        assertEquals(List.of(-1, again.code()), askedAfter());
      }
      case OVER -> {
        assertEquals(FIRST_BACKOFF, delay, lost::toString);
        pass(lost);
        expectOtherTransport();
      }
      default -> throw new AssertionError(decision);
    }
  }

  /** Checks what becomes of it where the policy is {@link #INVERTED}. */
  void expectInverse(Decision decision, boolean standardTableStops) throws Exception {
    if (!standardTableStops) {
      listener.takeClosed();
      return;
    }
    ConnectionLost lost = listener.takeConnectionLost();
    assertEquals(Duration.ZERO, lost.retryDelay(), lost::toString);
    if (decision == Decision.OVER) {
      pass(lost);
      expectOtherTransport();
    }
  }

  private void expectOtherTransport() throws Exception {
    String opened = listener.takeOpen().transport();
    assertTrue(opened != null && !opened.equals(transport), "opened over " + opened);
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
  }
}
