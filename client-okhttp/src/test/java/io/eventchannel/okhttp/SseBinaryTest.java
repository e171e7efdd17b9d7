package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Capability;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawRequest;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import okhttp3.Request;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Binary events over SSE (protocol rules B-1 to B-3). */
@Timeout(30)
class SseBinaryTest {
  private static final String OURS = "EventChannel-Version: 1";
  private static final String ID = "EventChannel-Id: abcdefghijklmnopqrstuv";
  private static final String BINARY = "event: b\nencoding: base64\ndata: AP8=\n\n";

  @Test
  void SSE_C_38_aStreamAsksForBase64ByAHeaderAndLeavesTheUrlAlone() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      RawRequest request = connection.acceptEventStream(OURS, ID);
      request.expectHeader("EventChannel-Binary", "base64");
      assertEquals("/feed", request.target());
      connection.write("id: 1\n" + BINARY);
      harness.listener.takeOpen();
      Event event = harness.listener.takeEvent();
      assertEquals(Event.binary("b", new byte[] {0, -1}).withId("1"), event);
    }
  }

  @Test
  void SSE_C_38_aForeignServersFieldOfThatNameMeansNothing() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream();
      connection.write(BINARY + "encoding: base64\ndata: no base64!\n\n");
      EventChannel channel = harness.listener.takeOpen();
      assertEquals(Event.of("b", "AP8="), harness.listener.takeEvent());
      assertEquals("no base64!", harness.listener.takeEvent().data());
      assertFalse(channel.supports(Capability.BINARY));
    }
  }

  @Test
  void aStreamThatIsPostedForAsksForNoBase64() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create()) {
      harness.client.open(
          ChannelRequest.builder(harness.url()).post(new byte[] {1}, "text/plain").build(),
          harness.listener);
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream().expectNoHeader("EventChannel-Binary");
    }
  }

  @Test
  void anEventSourceOfOkHttpsKindGetsText() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      CompletableFuture<String> got = new CompletableFuture<>();
      EventSource source =
          ResilientEventSources.createFactory(harness.okHttp)
              .newEventSource(
                  new Request.Builder().url(harness.url()).build(),
                  new EventSourceListener() {
                    @Override
                    public void onEvent(EventSource from, String id, String type, String data) {
                      got.complete(data);
                    }
                  });
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream(OURS, ID).expectNoHeader("EventChannel-Binary");
      connection.write(BINARY);
      assertEquals("AP8=", got.get(20, TimeUnit.SECONDS));
      source.cancel();
    }
  }

  @Test
  void SSE_C_38_badBase64OfAServerOfOursEndsTheConnectionBeforeTheEvent() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection first = harness.server.accept();
      first.acceptEventStream(OURS, ID);
      first.write("id: 1\ndata: a\n\nid: 2\nencoding: base64\ndata: AP8\n\nid: 3\ndata: c\n\n");
      harness.listener.takeOpen();
      assertEquals("a", harness.listener.takeEvent().data());
      ConnectionLost lost = harness.listener.takeConnectionLost();
      assertEquals(Kind.PROTOCOL, lost.reason().kind());
      assertTrue(lost.reason().text().startsWith("data: expected base64"), lost.reason().text());
      RawConnection second = harness.server.accept();
      second.acceptEventStream(OURS, ID).expectHeader("Last-Event-ID", "1");
      second.write("id: 2\nencoding: base64\ndata: AP8=\n\n");
      harness.listener.takeOpen();
      assertArrayEquals(new byte[] {0, -1}, harness.listener.takeEvent().bytes());
    }
  }

  @Test
  void binaryEventsAreSentAsALineAndItsRawBytes() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      CountDownLatch over = new CountDownLatch(1);
      harness.server.onConnection(
          stream -> {
            stream.acceptEventStream(OURS, ID);
            over.await();
          });
      CompletableFuture<String> posted = new CompletableFuture<>();
      harness.server.onConnection(
          post -> {
            posted.complete(post.readRequest().body());
            post.respond(204, "", OURS, "EventChannel-Ack: 1");
          });
      EventChannel channel = harness.open();
      harness.listener.takeOpen();
      assertTrue(channel.supports(Capability.BINARY));
      channel
          .send(Event.binary("b", "raw\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
      assertEquals("{\"seq\":1,\"event\":\"b\",\"bytes\":4}\nraw\n\n", posted.get());
      over.countDown();
    }
  }

  @Test
  void aForeignStreamTakesNoBinaryEventsAndSaysSo() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      EventChannel channel = harness.open();
      harness.server.accept().acceptEventStream();
      harness.listener.takeOpen();
      ExecutionException failed =
          assertThrows(
              ExecutionException.class,
              () -> channel.send(Event.binary("b", new byte[1])).toCompletableFuture().get());
      assertEquals(UnsupportedOperationException.class, failed.getCause().getClass());
    }
  }
}
