package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.policy.HeartbeatPolicy;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.ScriptedServer;
import io.eventchannel.tck.VirtualScheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Silence on a real socket, by a clock that the test moves. */
class SseSilenceTest {
  private static final Duration DEADLINE = Duration.ofMillis(2500); // of heartbeats every second
  private static final Duration ALMOST = DEADLINE.minusMillis(1);

  private final VirtualScheduler scheduler = new VirtualScheduler();
  private final RecordingListener listener = new RecordingListener();
  // One permit for each time that the reader comes for more, so has told what came before.
  private final Semaphore reads = new Semaphore(0);
  private final OkHttpClient okHttp =
      new OkHttpClient.Builder()
          .addInterceptor(chain -> watched(chain.proceed(chain.request())))
          .build();
  private ScriptedServer server;
  private ChannelClient client;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedServer();
    client =
        ChannelClient.builder()
            .transport(OkHttpChannels.sse(okHttp))
            .scheduler(scheduler)
            .heartbeatPolicy(HeartbeatPolicy.standard().withAssumedInterval(Duration.ofSeconds(1)))
            .build();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  private Response watched(Response response) {
    ResponseBody body = response.body();
    Source source =
        new ForwardingSource(body.source()) {
          @Override
          public long read(Buffer sink, long byteCount) throws IOException {
            reads.release();
            return super.read(sink, byteCount);
          }
        };
    return response
        .newBuilder()
        .body(
            new ResponseBody() {
              private final BufferedSource buffered = Okio.buffer(source);

              @Override
              public MediaType contentType() {
                return body.contentType();
              }

              @Override
              public long contentLength() {
                return body.contentLength();
              }

              @Override
              public BufferedSource source() {
                return buffered;
              }
            })
        .build();
  }

  private void awaitRead() throws InterruptedException {
    assertTrue(reads.tryAcquire(10, TimeUnit.SECONDS), "the reader did not come for more");
  }

  private EventChannel open() {
    return client.open(server.uri("/feed").toString(), listener);
  }

  @Test
  void SSE_C_23_anyByteOfAStreamPutsTheDeadlineOffAndSilenceEndsIt() throws Exception {
    EventChannel channel = open();
    RawConnection connection = server.accept();
    connection.acceptEventStream();
    listener.takeOpen();
    awaitRead();
    for (String sign : new String[] {":", "\n", "da", "ta: a", "\n", "\n", "\r"}) {
      scheduler.advance(ALMOST);
      connection.write(sign);
      awaitRead();
    }
    assertEquals("a", listener.takeEvent().data());
    scheduler.advance(ALMOST);
    assertEquals(ChannelState.OPEN, channel.state());
    scheduler.advance(Duration.ofMillis(1));
    assertEquals(Kind.HEARTBEAT_TIMEOUT, listener.takeConnectionLost().reason().kind());
    connection.awaitEnd();
  }

  @Test
  void SSE_C_23_theWaitForAHeadIsBoundedToo() throws Exception {
    open();
    RawConnection silent = server.accept();
    silent.readRequest();
    scheduler.advance(Duration.ofSeconds(10));
    assertEquals(Kind.CONNECT_TIMEOUT, listener.takeConnectionLost().reason().kind());
    silent.awaitEnd();
  }

  @Test
  void SSE_C_24_aHeadThatComesWithinTheConnectTimeoutIsInTime() throws Exception {
    open();
    RawConnection slow = server.accept();
    slow.readRequest();
    scheduler.advance(Duration.ofSeconds(10).minusNanos(1));
    slow.write("HTTP/1.1 200 OK\r\n");
    slow.write("Content-Type: text/event-stream\r\n\r\ndata: a\n\n");
    listener.takeOpen();
    assertEquals("a", listener.takeEvent().data());
    listener.assertExhausted();
  }
}
