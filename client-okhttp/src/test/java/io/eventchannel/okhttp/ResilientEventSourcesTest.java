package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.RetryDecision;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawRequest;
import io.eventchannel.tck.ScriptedServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The factory in place of okhttp-sse's: the same listener, and a stream that comes back. */
class ResilientEventSourcesTest {
  private final OkHttpClient okHttp = new OkHttpClient();
  private final EventSource.Factory made =
      ResilientEventSources.createFactory(okHttp, OkHttpHarness.QUICK);
  private final List<EventSource> sources = new ArrayList<>();
  private final EventSource.Factory factory =
      (request, listener) -> {
        EventSource source = made.newEventSource(request, listener);
        sources.add(source);
        return source;
      };
  private final Recorder recorder = new Recorder();
  private ScriptedServer server;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedServer();
  }

  @AfterEach
  void stop() throws Exception {
    sources.forEach(EventSource::cancel); // or they would look for their server for ever
    server.close();
  }

  private Request request() {
    return new Request.Builder()
        .url(server.uri("/stream").toString())
        .header("Authorization", "me")
        .build();
  }

  @Test
  void aStreamThatIsCutComesBackAndResumesWithoutAWordToTheListener() throws Exception {
    Request request = request();
    EventSource source = factory.newEventSource(request, recorder);
    assertEquals(request, source.request());
    RawConnection first = server.accept();
    first.acceptEventStream("X-Server: one").expectHeader("Authorization", "me");
    first.write("data: no id\n\nid: 1\nevent: tick\ndata: a\n\n");
    assertEquals("open 200 one", recorder.take());
    assertEquals("event null null no id", recorder.take());
    assertEquals("event 1 tick a", recorder.take());
    first.reset();
    RawConnection second = server.accept();
    second
        .acceptEventStream()
        .expectHeader("Last-Event-ID", "1")
        .expectHeader("Authorization", "me");
    second.write("data: b\n\n");
    assertEquals("event 1 null b", recorder.take());
    source.cancel();
    assertEquals("failure java.io.IOException: canceled 200", recorder.take());
    second.awaitEnd();
    source.cancel();
    assertTrue(recorder.calls.isEmpty());
  }

  @Test
  void aFinalAnswerIsAFailureWithItsResponse() throws Exception {
    factory.newEventSource(request(), recorder);
    RawConnection connection = server.accept();
    connection.readRequest();
    connection.respond(403, "no");
    assertEquals("failure null 403", recorder.take());
  }

  @Test
  void SSE_C_07_status204ClosesForGood() throws Exception {
    factory.newEventSource(request(), recorder);
    RawConnection first = server.accept();
    first.acceptEventStream();
    assertEquals("open 200 null", recorder.take());
    first.close();
    RawConnection second = server.accept();
    second.readRequest();
    second.respond(204, "");
    assertEquals("closed", recorder.take());
    assertEquals(2, server.connectionCount());
  }

  @Test
  void theRequestsLastEventIdIsWhereItBegins() throws Exception {
    EventSource source =
        factory.newEventSource(
            request().newBuilder().header("last-event-id", "7").build(), recorder);
    server.accept().acceptEventStream().expectHeader("Last-Event-ID", "7");
    source.cancel();
  }

  private Request post(RequestBody body) {
    return request().newBuilder().post(body).tag(String.class, "mine").build();
  }

  private static RequestBody json() {
    return RequestBody.create("{}", MediaType.get("application/json"));
  }

  @Test
  void SSE_C_36_aPostIsSentWithItsBodyAndItsAnswerReadToTheEnd() throws Exception {
    factory.newEventSource(post(json()), recorder);
    RawConnection connection = server.accept();
    RawRequest sent = connection.acceptEventStream();
    assertEquals("POST", sent.method());
    assertEquals("{}", sent.body());
    sent.expectHeader("Content-Type", "application/json; charset=utf-8")
        .expectHeader("Authorization", "me");
    connection.write("data: a\n\ndata: [DONE]\n\n");
    connection.close();
    assertEquals("open 200 null", recorder.take());
    assertEquals("event null null a", recorder.take());
    assertEquals("event null null [DONE]", recorder.take());
    assertEquals("closed", recorder.take());
    assertEquals(1, server.connectionCount());
  }

  @Test
  void SSE_C_37_aPostThatIsCutIsAFailureAndNotSentAgain() throws Exception {
    factory.newEventSource(post(json()), recorder);
    RawConnection connection = server.accept();
    connection.acceptEventStream();
    connection.write("data: a\n\n");
    assertEquals("open 200 null", recorder.take());
    assertEquals("event null null a", recorder.take());
    connection.reset();
    String failure = recorder.take();
    assertTrue(failure.startsWith("failure java.net.SocketException"), failure);
    assertEquals(1, server.connectionCount());
  }

  @Test
  void SSE_C_37_aReplayingFactorySendsThePostAgain() throws Exception {
    EventSource source =
        ResilientEventSources.createReplayingFactory(okHttp, OkHttpHarness.QUICK)
            .newEventSource(post(json()), recorder);
    RawConnection first = server.accept();
    first.acceptEventStream();
    first.write("id: 1\ndata: a\n\n");
    assertEquals("open 200 null", recorder.take());
    assertEquals("event 1 null a", recorder.take());
    first.close();
    RawConnection second = server.accept();
    RawRequest again = second.acceptEventStream();
    assertEquals("POST", again.method());
    assertEquals("{}", again.body());
    again.expectHeader("Last-Event-ID", "1");
    source.cancel();
    assertEquals("failure java.io.IOException: canceled 200", recorder.take());
  }

  @Test
  void aBodyThatCanBeWrittenOnceIsSentOnceAndRefusedWhereItMayHaveToBeRepeated() throws Exception {
    Request once =
        post(
            new RequestBody() {
              @Override
              public @Nullable MediaType contentType() {
                return null;
              }

              @Override
              public boolean isOneShot() {
                return true;
              }

              @Override
              public void writeTo(BufferedSink sink) throws IOException {
                sink.writeUtf8("once");
              }
            });
    EventSource.Factory replaying =
        ResilientEventSources.createReplayingFactory(okHttp, OkHttpHarness.QUICK);
    assertThrows(IllegalArgumentException.class, () -> replaying.newEventSource(once, recorder));
    factory.newEventSource(once, recorder);
    RawConnection connection = server.accept();
    connection.acceptEventStream().expectHeader("Transfer-Encoding", "chunked");
  }

  @Test
  void aDuplexBodyIsRefused() {
    Request duplex =
        post(
            new RequestBody() {
              @Override
              public @Nullable MediaType contentType() {
                return null;
              }

              @Override
              public boolean isDuplex() {
                return true;
              }

              @Override
              public void writeTo(BufferedSink sink) {}
            });
    assertThrows(IllegalArgumentException.class, () -> factory.newEventSource(duplex, recorder));
  }

  @Test
  void theRequestsTagsGoWithEveryAttempt() throws Exception {
    BlockingQueue<String> tags = new LinkedBlockingQueue<>();
    OkHttpClient tagging =
        okHttp
            .newBuilder()
            .addInterceptor(
                chain -> {
                  tags.add(String.valueOf(chain.request().tag(String.class)));
                  return chain.proceed(chain.request());
                })
            .build();
    Request tagged = request().newBuilder().tag(String.class, "mine").build();
    EventSource source =
        ResilientEventSources.createFactory(tagging, OkHttpHarness.QUICK)
            .newEventSource(tagged, recorder);
    for (int i = 0; i < 2; i++) {
      RawConnection connection = server.accept();
      connection.acceptEventStream();
      connection.close();
      assertEquals("mine", tags.poll(10, TimeUnit.SECONDS));
    }
    source.cancel();
  }

  @Test
  void theCallersAcceptHeaderIsKeptAndAMissingOneAdded() throws Exception {
    factory.newEventSource(request().newBuilder().header("Accept", "text/plain").build(), recorder);
    server.accept().acceptEventStream().expectHeader("Accept", "text/plain");
    factory.newEventSource(request(), recorder);
    server.accept().acceptEventStream().expectHeader("Accept", "text/event-stream");
  }

  @Test
  void aFailuresResponseHoldsTheBeginningOfItsBody() throws Exception {
    BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
    EventSourceListener reading =
        new EventSourceListener() {
          @Override
          public void onFailure(
              EventSource source, @Nullable Throwable cause, @Nullable Response response) {
            try {
              bodies.add(response == null ? "none" : response.body().string());
            } catch (IOException e) {
              bodies.add(e.toString());
            }
          }
        };
    factory.newEventSource(post(json()), reading);
    RawConnection whole = server.accept();
    whole.readRequest();
    whole.respond(429, "{\"error\":\"slow down\"}", "Content-Type: application/json");
    assertEquals("{\"error\":\"slow down\"}", bodies.poll(10, TimeUnit.SECONDS));

    factory.newEventSource(post(json()), reading);
    RawConnection stalled = whole; // kept alive
    stalled.readRequest();
    stalled.write("HTTP/1.1 400 Bad\r\nContent-Length: 100\r\n\r\nthe begin");
    assertEquals("the begin", bodies.poll(10, TimeUnit.SECONDS));

    factory.newEventSource(post(json()), reading);
    RawConnection endless = server.accept();
    endless.readRequest();
    endless.write("HTTP/1.1 500 Bad\r\n\r\n" + "x".repeat(70_000));
    String beginning = bodies.poll(10, TimeUnit.SECONDS);
    assertEquals("x".repeat(64 * 1024), beginning);
    endless.awaitEnd();
  }

  @Test
  void anotherContentTypeIsAFailureThatSaysSo() throws Exception {
    factory.newEventSource(request(), recorder);
    RawConnection connection = server.accept();
    connection.readRequest();
    connection.respond(200, "data: hey\n\n", "Content-Type: text/plain");
    assertEquals(
        "failure java.lang.IllegalStateException: content type: expected text/event-stream,"
            + " got text/plain 200",
        recorder.take());
  }

  @Test
  void theCallersCallTimeoutBoundsTheWaitForAResponse() throws Exception {
    OkHttpClient hasty = okHttp.newBuilder().callTimeout(Duration.ofMillis(250)).build();
    ResilientEventSources.createFactory(hasty, ReconnectPolicy.never())
        .newEventSource(request(), recorder);
    RawConnection silent = server.accept();
    String failure = recorder.take();
    assertTrue(failure.contains("CONNECT_TIMEOUT"), failure);
    silent.awaitEnd();
  }

  @Test
  void INV_30_cancelInAnyCallbackIsTheLastThingButItsFailure() throws Exception {
    for (String moment : new String[] {"open", "event"}) {
      Recorder cancelling =
          new Recorder() {
            @Override
            void called(EventSource source, String call) {
              if (call.startsWith(moment)) {
                source.cancel();
              }
            }
          };
      factory.newEventSource(request(), cancelling);
      RawConnection connection = server.accept();
      connection.acceptEventStream();
      connection.write("data: a\n\ndata: b\n\n");
      assertEquals("open 200 null", cancelling.take());
      if (moment.equals("event")) {
        assertEquals("event null null a", cancelling.take());
      }
      assertEquals("failure java.io.IOException: canceled 200", cancelling.take());
      connection.awaitEnd();
      assertTrue(cancelling.calls.isEmpty(), cancelling.calls.toString());
    }
  }

  @Test
  void INV_30_cancelFromManyThreadsBeforeAnyResponseIsOneFailure() throws Exception {
    EventSource source = factory.newEventSource(request(), recorder);
    RawConnection silent = server.accept();
    silent.readRequest();
    Thread[] threads = new Thread[8];
    for (int i = 0; i < threads.length; i++) {
      threads[i] = new Thread(source::cancel);
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals("failure java.io.IOException: canceled null", recorder.take());
    silent.awaitEnd();
    assertTrue(recorder.calls.isEmpty());
  }

  @Test
  void INV_30_cancelWhileItWaitsForItsNextAttemptTakesThatBack() throws Exception {
    ReconnectPolicy patient = loss -> RetryDecision.retry(Duration.ofDays(1), 0);
    EventSource source =
        ResilientEventSources.createFactory(okHttp, patient).newEventSource(request(), recorder);
    RawConnection connection = server.accept();
    connection.acceptEventStream();
    assertEquals("open 200 null", recorder.take());
    connection.close();
    source.cancel();
    assertEquals("failure java.io.IOException: canceled 200", recorder.take());
    assertEquals(1, server.connectionCount());
  }

  private static class Recorder extends EventSourceListener {
    private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

    String take() throws InterruptedException {
      String call = calls.poll(10, TimeUnit.SECONDS);
      return call == null ? "nothing within 10 s" : call;
    }

    /** Does what a test wants done inside a call, once that is recorded. */
    void called(EventSource source, String call) {}

    private void record(EventSource source, String call) {
      calls.add(call);
      called(source, call);
    }

    @Override
    public void onOpen(EventSource source, Response response) {
      record(source, "open " + response.code() + " " + response.header("X-Server"));
    }

    @Override
    public void onEvent(
        EventSource source, @Nullable String id, @Nullable String type, String data) {
      record(source, "event " + id + " " + type + " " + data);
    }

    @Override
    public void onClosed(EventSource source) {
      record(source, "closed");
    }

    @Override
    public void onFailure(
        EventSource source, @Nullable Throwable cause, @Nullable Response response) {
      record(source, "failure " + cause + " " + (response == null ? null : response.code()));
    }
  }
}
