package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Receipt;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.RecordingListener.Missed;
import io.eventchannel.tck.RecordingListener.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.Okio;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that mean no good, or do not know better, and what they must not reach. */
class HostileServerTest {
  private static final String HELLO =
      "{\"event\":\"eventchannel.hello\",\"data\":\"{\\\"channel\\\":\\\"c-1\\\","
          + "\\\"heartbeat\\\":15000,\\\"ack\\\":0,\\\"binary\\\":true}\"}\n";

  private final AtomicReference<Throwable> escaped = new AtomicReference<>();
  private Thread.UncaughtExceptionHandler before;

  @BeforeEach
  void watchThreads() {
    before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, error) -> escaped.set(error));
  }

  @AfterEach
  void nothingEscaped() {
    Thread.setDefaultUncaughtExceptionHandler(before);
    assertNull(escaped.get(), "an exception that ended a thread");
  }

  @ParameterizedTest
  @ValueSource(strings = {"naïve", "a b", "<id>"})
  void S06_aChannelIdThatIsNoneNeitherBreaksAThreadNorGoesBack(String id) throws Exception {
    try (OkHttpHarness harness =
        OkHttpHarness.overSse(settings -> settings.connectTimeout(Duration.ofMillis(500)))) {
      harness.open();
      RawConnection first = harness.server.accept();
      first.acceptEventStream("EventChannel-Version: 1", "EventChannel-Id: " + id);
      first.write("data: x\n\n");
      harness.listener.takeOpen(); // by its first event
      harness.listener.takeEvent();
      first.reset();
      RawConnection second = harness.server.accept();
      assertEquals(Optional.empty(), second.readRequest().header("EventChannel-Id"));
    }
  }

  @Test
  void S06_anIdTooLongForAHeaderIsToldAsAGapAndNotSentBack() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse(s -> s.errorReporter((c, e) -> {}))) {
      harness.open();
      RawConnection first = harness.server.accept();
      first.acceptEventStream();
      first.write("id: " + "x".repeat(100_000) + "\ndata: one\n\ndata: two\n\n");
      harness.listener.takeOpen();
      harness.listener.takeEvents(2);
      first.reset();
      RawConnection second = harness.server.accept();
      assertEquals(Optional.empty(), second.acceptEventStream().header("Last-Event-ID"));
      second.write("id: 7\ndata: three\n\n");
      harness.listener.skipTo(Missed.class);
      assertEquals("three", harness.listener.takeEvent().data());
    }
  }

  @Test
  void aStreamThatThrowsWhatNobodyExpectsIsALostConnection() throws Exception {
    OkHttpClient okHttp =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain ->
                    broken(
                        chain.proceed(chain.request()),
                        () -> {
                          throw new IllegalStateException("the interceptor's own");
                        }))
            .build();
    try (OkHttpHarness harness = OkHttpHarness.overSse();
        ChannelClient client =
            ChannelClient.builder()
                .transport(OkHttpChannels.sse(okHttp))
                .reconnectPolicy(OkHttpHarness.QUICK)
                .build()) {
      client.open(harness.url(), harness.listener);
      harness.server.accept().acceptEventStream();
      ConnectionLost lost = harness.listener.skipTo(ConnectionLost.class);
      assertTrue(lost.reason().text().contains("the interceptor's own"), lost.toString());
      harness.server.accept(); // it tries again
    }
  }

  private static Response broken(Response response, Runnable failure) {
    ResponseBody body = response.body();
    BufferedSource source =
        Okio.buffer(
            new ForwardingSource(body.source()) {
              @Override
              public long read(Buffer sink, long byteCount) {
                failure.run();
                return -1;
              }
            });
    MediaType type = body.contentType();
    return response.newBuilder().body(ResponseBody.create(source, type, -1)).build();
  }

  /** Threads of a caller's, who keeps the errors that would end them. */
  private static final class CatchingThreads implements Executor, AutoCloseable {
    private final ExecutorService pool = Executors.newCachedThreadPool();
    private final BlockingQueue<Error> caught = new LinkedBlockingQueue<>();

    @Override
    public void execute(Runnable task) {
      pool.execute(
          () -> {
            try {
              task.run();
            } catch (Error error) {
              caught.add(error);
            }
          });
    }

    /** Takes the next error, which must come. */
    Error take() throws InterruptedException {
      Error next = caught.poll(10, TimeUnit.SECONDS);
      assertNotNull(next, "no error came");
      return next;
    }

    @Override
    public void close() {
      pool.shutdown();
    }
  }

  /** A client that runs out of memory where it reads the answer to a request of this method. */
  private static ChannelClient exhaustedBy(String method, Executor threads) {
    OkHttpClient okHttp =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain -> {
                  Response response = chain.proceed(chain.request());
                  return chain.request().method().equals(method)
                      ? broken(
                          response,
                          () -> {
                            throw new OutOfMemoryError("Java heap space");
                          })
                      : response;
                })
            .build();
    return ChannelClient.builder()
        .transport(OkHttpChannels.sse(okHttp, threads))
        .reconnectPolicy(OkHttpHarness.QUICK)
        .build();
  }

  @Test
  void F42_aStreamThatRunsOutOfMemoryIsALostConnectionAndTheErrorIsNotHidden() throws Exception {
    try (CatchingThreads threads = new CatchingThreads();
        OkHttpHarness harness = OkHttpHarness.overSse();
        ChannelClient client = exhaustedBy("GET", threads)) {
      client.open(harness.url(), harness.listener);
      harness.server.accept().acceptEventStream();
      ConnectionLost lost = harness.listener.skipTo(ConnectionLost.class);
      assertEquals(Kind.NETWORK, lost.reason().kind());
      assertTrue(lost.reason().text().contains("Java heap space"), lost.toString());
      assertInstanceOf(OutOfMemoryError.class, threads.take());
      harness.server.accept(); // it tries again
    }
  }

  @Test
  void F42_anAnswerToAPostThatRunsOutOfMemoryIsALostConnectionAndTheErrorIsNotHidden()
      throws Exception {
    try (CatchingThreads threads = new CatchingThreads();
        OkHttpHarness harness = OkHttpHarness.overSse();
        ChannelClient client = exhaustedBy("POST", threads)) {
      EventChannel channel = client.open(harness.url(), harness.listener);
      harness.server.accept().acceptEventStream("EventChannel-Version: 1", "EventChannel-Id: c-1");
      harness.listener.takeOpen();
      CompletableFuture<Receipt> sent = channel.send(Event.message("a")).toCompletableFuture();
      RawConnection post = harness.server.accept();
      post.readRequest();
      // Or the next stream comes over the connection of the POST.
      post.respond(
          200, "\n", "EventChannel-Version: 1", "EventChannel-Ack: 1", "Connection: close");
      ConnectionLost lost = harness.listener.takeConnectionLost();
      assertEquals(Kind.NETWORK, lost.reason().kind());
      assertTrue(lost.reason().text().contains("Java heap space"), lost.toString());
      assertInstanceOf(OutOfMemoryError.class, threads.take());
      assertFalse(sent.isDone());
      harness
          .server
          .accept()
          .acceptEventStream(
              "EventChannel-Version: 1", "EventChannel-Id: c-1", "EventChannel-Ack: 1");
      assertEquals(Receipt.ONCE, sent.get(10, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void S37_anEndlessBodyOfARefusalIsNotRead(boolean overSse) throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    try (OkHttpHarness harness =
        overSse ? OkHttpHarness.overSse() : OkHttpHarness.overWebSocket()) {
      harness.server.onEveryConnection(
          connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 403 Forbidden\r\nEventChannel-Version: 1\r\n\r\n");
            try {
              while (told.getCount() > 0) {
                connection.write("x".repeat(8192));
              }
            } catch (IOException hungUp) {
              return; // as it should
            }
          });
      harness.open();
      assertEquals(403, harness.listener.takeClosed().code());
      told.countDown();
    }
  }

  @Test
  void WS_12_theLimitOnATextFrameCountsBytesAndNotCharacters() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket(s -> s.maxEventBytes(10))) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket();
      connection.write(RawFrames.text("ü".repeat(5)));
      harness.listener.takeOpen();
      assertEquals("üüüüü", harness.listener.takeEvent().data());
      connection.write(RawFrames.text("ü".repeat(6)));
      assertEquals(Kind.LIMIT, harness.listener.takeClosed().kind());
    }
  }

  @Test
  void aServerThatGivesUpOnASlowListenerCostsAReconnectAndNoEvent() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket(s -> s.inboundQueue(2, 1 << 20))) {
      harness.listener.reacting(
          call -> {
            if (call instanceof Received received && received.event().data().equals("1")) {
              await(goOn);
            }
          });
      harness.open();
      RawConnection first = harness.server.accept();
      first.acceptWebSocket(
          "EventChannel-Version: 1", "Sec-WebSocket-Protocol: eventchannel.v1.bytes");
      first.write(RawFrames.binary(HELLO.getBytes(StandardCharsets.UTF_8)));
      for (int i = 1; i <= 50; i++) {
        first.write(RawFrames.binary(numbered(i)));
      }
      first.write(RawFrames.ping("are you there")); // no pong comes: its reader waits
      first.finish(); // so the server goes
      goOn.countDown();
      RawConnection second = harness.server.accept();
      String after =
          second
              .acceptWebSocket(
                  "EventChannel-Version: 1", "Sec-WebSocket-Protocol: eventchannel.v1.bytes")
              .header("Last-Event-ID")
              .orElseThrow();
      second.write(RawFrames.binary(HELLO.getBytes(StandardCharsets.UTF_8)));
      for (int i = Integer.parseInt(after.substring(2)) + 1; i <= 60; i++) {
        second.write(RawFrames.binary(numbered(i)));
      }
      for (int i = 1; i <= 60; i++) {
        Event next = harness.listener.skipTo(Received.class).event();
        assertEquals(Integer.toString(i), next.data());
      }
    }
  }

  private static byte[] numbered(int i) {
    return ("{\"id\":\"e-" + i + "\",\"data\":\"" + i + "\"}\n").getBytes(StandardCharsets.UTF_8);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void INV_30_closeLeavesNoThreadAndNoSocketBehind() throws Exception {
    Set<Thread> others = threads();
    try (OkHttpHarness harness = OkHttpHarness.create()) {
      harness.open();
      RawConnection webSocket = harness.server.accept();
      webSocket.acceptWebSocket();
      harness.listener.takeOpen();
      RawConnection stream;
      RawConnection refused;
      try (ChannelClient overSse =
          ChannelClient.builder()
              .transport(OkHttpChannels.sse(harness.okHttp))
              .reconnectPolicy(OkHttpHarness.QUICK)
              .build()) {
        overSse.open(harness.url(), harness.listener);
        stream = harness.server.accept();
        stream.acceptEventStream();
        harness.listener.takeOpen();
        overSse.open(harness.url(), harness.listener);
        refused = harness.server.accept(); // never answered
      }
      harness.client.close();
      assertEquals(Kind.LOCAL, harness.listener.takeClosed().kind());
      assertEquals(Kind.LOCAL, harness.listener.takeClosed().kind());
      assertEquals(Kind.LOCAL, harness.listener.takeClosed().kind());
      stream.awaitEnd();
      refused.awaitEnd();
      webSocket.close();
      for (Thread thread : threads()) {
        if (!others.contains(thread)) {
          thread.join(TimeUnit.SECONDS.toMillis(5));
          assertFalse(
              thread.isAlive(),
              () -> "left behind: " + thread + Arrays.toString(thread.getStackTrace()));
        }
      }
      assertFalse(harness.okHttp.dispatcher().executorService().isShutdown());
    }
  }

  /** All of ours, but the timer that all clients share, which ends when it has long been idle. */
  private static Set<Thread> threads() {
    Set<Thread> ours = new HashSet<>(Thread.getAllStackTraces().keySet());
    ours.removeIf(thread -> !thread.getName().startsWith("eventchannel-"));
    ours.removeIf(thread -> thread.getName().startsWith("eventchannel-shared-"));
    return ours;
  }

  @Test
  void INV_34_S37_aPostWhoseAnswerNeverEndsIsALostConnection() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      var channel = harness.open();
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream(
          "EventChannel-Version: 1", "EventChannel-Id: c-1", "EventChannel-Heartbeat: 15000");
      harness.listener.takeOpen();
      CompletableFuture<Receipt> sent = channel.send(Event.message("a")).toCompletableFuture();
      RawConnection post = harness.server.accept();
      post.readRequest();
      post.write("HTTP/1.1 200 OK\r\nEventChannel-Version: 1\r\nEventChannel-Ack: 1\r\n\r\n");
      post.write(" ".repeat(70_000));
      harness.listener.takeConnectionLost();
      assertFalse(sent.isDone());
      harness.server.accept().acceptEventStream("EventChannel-Version: 1", "EventChannel-Id: c-1");
      RawConnection again = harness.server.accept();
      again.readRequest();
      again.respond(204, "", "EventChannel-Version: 1", "EventChannel-Ack: 1");
      assertEquals(Receipt.ONCE, sent.get(10, TimeUnit.SECONDS));
    }
  }
}
