package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.ScriptedServer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The factory in place of okhttp-sse's: the same listener, and a stream that comes back. */
class ResilientEventSourcesTest {
  private final OkHttpClient okHttp = new OkHttpClient();
  private final EventSource.Factory factory =
      ResilientEventSources.createFactory(okHttp, OkHttpHarness.QUICK);
  private final Recorder recorder = new Recorder();
  private ScriptedServer server;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedServer();
  }

  @AfterEach
  void stop() throws Exception {
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

  @Test
  void anotherMethodThanGetIsRefusedByName() {
    Request post = request().newBuilder().post(RequestBody.create(new byte[0], null)).build();
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> factory.newEventSource(post, recorder));
    assertTrue(refused.getMessage().contains("POST"), refused.getMessage());
  }

  private static final class Recorder extends EventSourceListener {
    private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

    String take() throws InterruptedException {
      String call = calls.poll(10, TimeUnit.SECONDS);
      return call == null ? "nothing within 10 s" : call;
    }

    @Override
    public void onOpen(EventSource source, Response response) {
      calls.add("open " + response.code() + " " + response.header("X-Server"));
    }

    @Override
    public void onEvent(
        EventSource source, @Nullable String id, @Nullable String type, String data) {
      calls.add("event " + id + " " + type + " " + data);
    }

    @Override
    public void onClosed(EventSource source) {
      calls.add("closed");
    }

    @Override
    public void onFailure(
        EventSource source, @Nullable Throwable cause, @Nullable Response response) {
      calls.add("failure " + cause + " " + (response == null ? null : response.code()));
    }
  }
}
