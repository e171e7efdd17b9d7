package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.Credentials;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The codes of both applications, from one end of real sockets to the other. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class CloseCodesTest {
  private static final String REASON = "bye ü€😀";

  private final RecordingServer application = new RecordingServer();
  private final RecordingListener listener = new RecordingListener();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private FeedServer server;
  private ChannelClient client;

  @BeforeEach
  void start() {
    server =
        FeedServer.start(
            endpoint ->
                endpoint
                    .listener(application)
                    .heartbeat(Scenario.HEARTBEAT)
                    .linger(Duration.ofMillis(10)));
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private EventChannel open(String transport) throws InterruptedException {
    client =
        OkHttpChannels.newClient(new OkHttpClient())
            .transportPreference(TransportPreference.of(transport))
            .reconnectPolicy(Scenario.QUICK)
            .credentials(
                lastFailure -> {
                  asked.add(String.valueOf(lastFailure));
                  return CompletableFuture.completedFuture(Credentials.none());
                })
            .build();
    EventChannel channel =
        client.open("http://127.0.0.1:" + server.port() + FeedServer.PATH, listener);
    listener.takeOpen();
    return channel;
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 3000, 4001, 4999})
  void WS_04_theServerHearsTheCodeOfAClientOverWebSocket(int code) throws Exception {
    EventChannel channel = open(Transport.WEBSOCKET);
    // Once so much was sent Tomcat's answer to a close waits for a send that is in its way.
    server.publish("x".repeat(50_000));
    listener.takeEvent();
    channel.close(code, REASON);
    assertEquals(CloseReason.local(code, REASON), listener.takeClosed());
    assertEquals(CloseReason.closeCode(code, REASON), RecordingServer.next(application.closed));
    server.awaitConnections(0);
    listener.assertSilence();
    assertEquals(ChannelState.CLOSED, channel.state());
  }

  @ParameterizedTest
  @ValueSource(ints = {3000, 4001})
  void WS_04_theServerSeesAStreamThatEndedWhateverTheClientSaysOverSse(int code) throws Exception {
    EventChannel channel = open(Transport.SSE);
    channel.close(code, REASON);
    assertEquals(CloseReason.local(code, REASON), listener.takeClosed());
    CloseReason seen = RecordingServer.next(application.closed); // with the next heartbeat
    assertNotEquals(CloseReason.Kind.CLOSE_CODE, seen.kind());
    assertEquals(-1, seen.code());
    server.awaitConnections(0);
    listener.assertSilence();
    assertEquals(ChannelState.CLOSED, channel.state());
  }

  @ParameterizedTest
  @CsvSource({
    "websocket, 1000",
    "websocket, 3000",
    "websocket, 4500",
    "sse, 1000",
    "sse, 3000",
    "sse, 4500"
  })
  void WS_04_aClientThatIsSentAwayForGoodHearsWhy(String transport, int code) throws Exception {
    EventChannel channel = open(transport);
    RecordingServer.next(application.opened).close(code, REASON);
    assertEquals(CloseReason.closeCode(code, REASON), listener.takeClosed());
    assertEquals(ChannelState.CLOSED, channel.state());
    assertEquals(CloseReason.local(code, REASON), RecordingServer.next(application.closed));
    listener.assertSilence();
  }

  @ParameterizedTest
  @CsvSource({"websocket, 4001", "websocket, 4499", "sse, 4001", "sse, 4499"})
  void WS_04_aClientThatMayComeBackHearsWhyAndIsANewChannelOfTheServer(String transport, int code)
      throws Exception {
    open(transport);
    EventChannel first = RecordingServer.next(application.opened);
    first.close(code, REASON);
    assertEquals(CloseReason.closeCode(code, REASON), listener.takeConnectionLost().reason());
    assertEquals(CloseReason.local(code, REASON), RecordingServer.next(application.closed));
    listener.takeOpen();
    assertNotEquals(first.id(), RecordingServer.next(application.opened).id());
    assertEquals(ChannelState.CLOSED, first.state());
    assertEquals(List.of("null", "CLOSE_CODE " + code + " (" + REASON + ")"), asked, "credentials");
  }
}
