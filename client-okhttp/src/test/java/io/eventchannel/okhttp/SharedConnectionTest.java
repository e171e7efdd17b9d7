package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.policy.HeartbeatPolicy;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.FaultProxy;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.RecordingListener.Opened;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.transport.NetworkMonitor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockResponseBody;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams over HTTP/2, which share one connection, on a path that dies without a word. */
class SharedConnectionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final CountDownLatch over = new CountDownLatch(1);
  private final MockWebServer server = new MockWebServer();
  private final List<NetworkMonitor.Listener> network = new ArrayList<>();
  private FaultProxy path;
  private ChannelClient client;

  /** Says one event and holds the stream open. */
  private final class Stream implements MockResponseBody {
    @Override
    public long getContentLength() {
      return -1;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.writeUtf8("data: hi\n\n").flush();
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @BeforeEach
  void connect() throws IOException {
    server.setProtocols(Collections.singletonList(Protocol.H2_PRIOR_KNOWLEDGE));
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            return new MockResponse.Builder()
                .setHeader("Content-Type", "text/event-stream")
                .body(new Stream())
                .build();
          }
        });
    server.start();
    path = new FaultProxy(server.getPort());
    client =
        OkHttpChannels.newClient(
                new OkHttpClient.Builder()
                    .protocols(Collections.singletonList(Protocol.H2_PRIOR_KNOWLEDGE))
                    .build())
            .transportPreference(TransportPreference.sseOnly())
            .reconnectPolicy(OkHttpHarness.QUICK)
            .heartbeatPolicy(HeartbeatPolicy.standard().withAssumedInterval(Duration.ofSeconds(1)))
            .networkMonitor(
                listener -> {
                  network.add(listener);
                  return () -> {};
                })
            .build();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    over.countDown();
    path.close();
    server.close();
  }

  private RecordingListener open() throws InterruptedException {
    RecordingListener listener = new RecordingListener();
    client.open(path.uri("/feed").toString(), listener);
    listener.takeOpen();
    assertEquals("hi", listener.takeEvent().data());
    return listener;
  }

  @Test
  void F04_streamsOfADeadConnectionComeBackOverAnotherOne() throws Exception {
    RecordingListener one = open();
    RecordingListener other = open();
    assertEquals(1, path.accepted(), "both streams are on one connection");
    path.blackHoleAll();
    for (RecordingListener listener : List.of(one, other)) {
      assertEquals(Kind.HEARTBEAT_TIMEOUT, listener.takeConnectionLost().reason().kind());
    }
    path.awaitAccepted(2, PATIENCE);
    for (RecordingListener listener : List.of(one, other)) {
      listener.skipTo(Opened.class);
      assertEquals("hi", listener.skipTo(Received.class).event().data());
    }
  }

  @Test
  void onAnotherNetworkStreamsBeginOnAnotherConnection() throws Exception {
    RecordingListener listener = open();
    path.blackHoleAll();
    network.get(0).onChanged();
    assertEquals("the network changed", listener.takeConnectionLost().reason().text());
    listener.takeOpen();
    assertTrue(path.accepted() >= 2);
  }
}
