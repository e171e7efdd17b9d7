package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.ScriptedServer;
import io.eventchannel.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Handshake;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.ByteString;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The caller's client and executor are used as they are, and outlive what was made of them. */
class CallersClientTest {
  private static ChannelClient overWebSocket(OkHttpClient okHttp) {
    return OkHttpChannels.newClient(okHttp)
        .transportPreference(TransportPreference.webSocketOnly())
        .reconnectPolicy(OkHttpHarness.QUICK)
        .build();
  }

  @Test
  void overTlsThatSpeaksHttp2TheUpgradeStaysOnHttp11() throws Exception {
    HeldCertificate held =
        new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
    HandshakeCertificates certificates =
        new HandshakeCertificates.Builder()
            .heldCertificate(held)
            .addTrustedCertificate(held.certificate())
            .build();
    RecordingListener listener = new RecordingListener();
    List<Handshake> handshakes = new java.util.concurrent.CopyOnWriteArrayList<>();
    OkHttpClient okHttp =
        new OkHttpClient.Builder()
            .sslSocketFactory(certificates.sslSocketFactory(), certificates.trustManager())
            .protocols(Arrays.asList(Protocol.HTTP_2, Protocol.HTTP_1_1))
            .addNetworkInterceptor(
                chain -> {
                  handshakes.add(chain.connection().handshake());
                  return chain.proceed(chain.request());
                })
            .build();
    try (MockWebServer server = new MockWebServer()) {
      server.useHttps(certificates.sslSocketFactory());
      server.setProtocols(Arrays.asList(Protocol.HTTP_2, Protocol.HTTP_1_1));
      server.enqueue(new MockResponse.Builder().webSocketUpgrade(new Echo()).build());
      server.start();
      try (ChannelClient client = overWebSocket(okHttp)) {
        EventChannel channel = client.open(server.url("/feed").toString(), listener);
        listener.takeOpen();
        channel.send(Event.message("ü".repeat(100_000)));
        assertEquals("ü".repeat(100_000), listener.takeEvent().data());
        channel.close();
        listener.takeClosed();
      }
      assertEquals("HTTP/1.1", server.takeRequest().getVersion());
      assertEquals(1, handshakes.size());
    } finally {
      okHttp.connectionPool().evictAll();
    }
  }

  /** OkHttp's own server side, as another reader of our frames. */
  private static final class Echo extends WebSocketListener {
    @Override
    public void onMessage(WebSocket socket, String text) {
      socket.send(text);
    }

    @Override
    public void onMessage(WebSocket socket, ByteString bytes) {
      socket.send(bytes);
    }

    @Override
    public void onClosing(WebSocket socket, int code, String reason) {
      socket.close(code, reason);
    }

    @Override
    public void onFailure(WebSocket socket, Throwable cause, Response response) {}
  }

  @Test
  void theCallersDnsAndProxyLeadToTheServer() throws Exception {
    RecordingListener listener = new RecordingListener();
    try (ScriptedServer server = new ScriptedServer()) {
      OkHttpClient byName =
          new OkHttpClient.Builder()
              .dns(host -> List.of(InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1})))
              .build();
      try (ChannelClient client = overWebSocket(byName)) {
        client.open("ws://feed.test:" + server.port() + "/feed", listener);
        server.accept().acceptWebSocket().expectHeader("Host", "feed.test:" + server.port());
        listener.takeOpen();
      }
      OkHttpClient byProxy =
          new OkHttpClient.Builder()
              .proxy(new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", server.port())))
              .build();
      try (ChannelClient client = overWebSocket(byProxy)) {
        client.open("ws://feed.test/feed", listener);
        assertEquals("http://feed.test/feed", server.accept().acceptWebSocket().target());
      }
    }
  }

  @Test
  void connectionsRunOnTheCallersExecutorWhichStaysOpen() throws Exception {
    AtomicInteger tasks = new AtomicInteger();
    ExecutorService pool = Executors.newCachedThreadPool();
    Executor counting =
        task -> {
          tasks.incrementAndGet();
          pool.execute(task);
        };
    RecordingListener listener = new RecordingListener();
    OkHttpClient okHttp = new OkHttpClient();
    try (ScriptedServer server = new ScriptedServer()) {
      try (ChannelClient client =
          OkHttpChannels.newClient(okHttp, counting)
              .transportPreference(TransportPreference.webSocketOnly())
              .build()) {
        for (int i = 1; i <= 70; i++) { // more than OkHttp's own dispatcher lets run
          EventChannel channel = client.open(server.uri("/feed").toString(), listener);
          RawConnection peer = server.accept();
          peer.acceptWebSocket();
          listener.takeOpen();
          int before = tasks.get();
          assertTrue(before >= i, before + " tasks for " + i + " connections");
          channel.send(Event.message("hi"));
          assertEquals("hi", peer.readFrame().text());
          assertTrue(tasks.get() > before, "written elsewhere");
        }
      }
      try (ChannelClient client =
          OkHttpChannels.newClient(okHttp, counting)
              .transportPreference(TransportPreference.sseOnly())
              .build()) {
        int before = tasks.get();
        client.open(server.uri("/feed").toString(), new RecordingListener());
        server.accept().acceptEventStream();
        assertTrue(tasks.get() > before, "read elsewhere");
      }
    }
    assertFalse(pool.isShutdown());
    pool.shutdown();
    assertTrue(pool.awaitTermination(10, TimeUnit.SECONDS), "a connection's thread is left");
  }

  @Test
  void aTaskThatTheCallersExecutorRefusesIsNoServerThatWasTooSlow() throws Exception {
    ExecutorService pool = Executors.newCachedThreadPool();
    AtomicBoolean busy = new AtomicBoolean();
    Executor refusing =
        task -> {
          if (busy.getAndSet(false)) {
            throw new RejectedExecutionException("busy");
          }
          pool.execute(task);
        };
    for (String over : List.of(Transport.SSE, Transport.WEBSOCKET)) {
      RecordingListener listener = new RecordingListener();
      busy.set(true);
      try (ScriptedServer server = new ScriptedServer();
          ChannelClient client =
              OkHttpChannels.newClient(new OkHttpClient(), refusing)
                  .transportPreference(TransportPreference.of(over))
                  .reconnectPolicy(OkHttpHarness.QUICK)
                  .build()) {
        client.open(server.uri("/feed").toString(), listener);
        assertEquals(Kind.NETWORK, listener.takeConnectionLost().reason().kind());
        RawConnection peer = server.accept();
        if (over.equals(Transport.SSE)) {
          peer.acceptEventStream();
        } else {
          peer.acceptWebSocket();
        }
        listener.takeOpen();
      }
    }
    pool.shutdown();
  }

  @Test
  void onVirtualThreadsPausedConnectionsHoldNoCarrier() throws Exception {
    Executor virtual = virtualThreads();
    int connections = 4 * Runtime.getRuntime().availableProcessors();
    CountDownLatch goOn = new CountDownLatch(1);
    RecordingListener quick = new RecordingListener();
    OkHttpClient okHttp = new OkHttpClient();
    try (ScriptedServer server = new ScriptedServer()) {
      try (ChannelClient client =
          OkHttpChannels.newClient(okHttp, virtual)
              .transportPreference(TransportPreference.webSocketOnly())
              .inboundQueue(1, 1 << 20)
              .build()) {
        for (int i = 0; i < connections; i++) {
          RecordingListener stuck =
              new RecordingListener()
                  .reacting(
                      call -> {
                        if (call instanceof RecordingListener.Received) {
                          await(goOn);
                        }
                      });
          client.open(server.uri("/feed").toString(), stuck);
          RawConnection peer = server.accept();
          peer.acceptWebSocket();
          for (int event = 0; event < 10; event++) {
            peer.write(RawFrames.text("x"));
          }
        }
        client.open(server.uri("/feed").toString(), quick);
        RawConnection peer = server.accept();
        peer.acceptWebSocket();
        quick.takeOpen();
        peer.write(RawFrames.text("through"));
        assertEquals("through", quick.takeEvent().data());
        goOn.countDown();
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Those of Java 21 and newer. */
  private static Executor virtualThreads() throws ReflectiveOperationException {
    Assumptions.assumeTrue(Runtime.version().feature() >= 21, "no virtual threads before Java 21");
    return (Executor) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
  }
}
