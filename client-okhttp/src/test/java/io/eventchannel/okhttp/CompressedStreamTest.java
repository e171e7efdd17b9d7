package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.tck.RawConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that are compressed because the caller asked for it. */
class CompressedStreamTest {
  /** Compresses what is said, flushed after each word. */
  private static final class Compressor {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final GZIPOutputStream gzip;

    Compressor() throws IOException {
      gzip = new GZIPOutputStream(out, true);
    }

    byte[] flushed(String text) throws IOException {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
      gzip.flush();
      return taken();
    }

    byte[] end() throws IOException {
      gzip.finish();
      return taken();
    }

    private byte[] taken() {
      byte[] taken = out.toByteArray();
      out.reset();
      return taken;
    }
  }

  private static void open(OkHttpHarness harness, String acceptEncoding) {
    harness.client.open(
        ChannelRequest.builder(harness.url()).header("Accept-Encoding", acceptEncoding).build(),
        harness.listener);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate, GZIP;q=0.5"})
  void SSE_C_28_eachEventOfACompressedStreamIsToldAsSoonAsItWasFlushed(String accept)
      throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      open(harness, accept);
      RawConnection connection = harness.server.accept();
      connection
          .acceptEventStream("Content-Encoding: gzip")
          .expectHeader("Accept-Encoding", accept);
      harness.listener.takeOpen();
      Compressor compressor = new Compressor();
      for (int i = 0; i < 5; i++) {
        connection.write(compressor.flushed("id: " + i + "\ndata: ü" + i + "\n\n"));
        assertEquals("ü" + i, harness.listener.takeEvent().data());
      }
      connection.write(compressor.end());
      connection.close();
      assertEquals(Kind.END_OF_STREAM, harness.listener.takeConnectionLost().reason().kind());
      harness.server.accept().acceptEventStream().expectHeader("Last-Event-ID", "4");
    }
  }

  @Test
  void SSE_C_28_aClientsHeaderAsksForItOnEveryChannelAndPlainStreamsWorkToo() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse(s -> s.header("Accept-Encoding", "gzip"))) {
      EventChannel channel = harness.open();
      RawConnection connection = harness.server.accept();
      connection
          .acceptEventStream("EventChannel-Version: 1", "EventChannel-Id: c-1")
          .expectHeader("Accept-Encoding", "gzip");
      connection.write("data: plain\n\n");
      harness.listener.takeOpen();
      assertEquals("plain", harness.listener.takeEvent().data());
      // The answer to a POST is OkHttp's to unpack.
      var sent = channel.send(Event.message("a")).toCompletableFuture();
      RawConnection post = harness.server.accept();
      post.readRequest();
      Compressor compressor = new Compressor();
      byte[] start =
          compressor.flushed(
              "{\"event\":\"eventchannel.refused\",\"data\":\"{\\\"seq\\\":1,\\\"reason\\\":\\\"no\\\"}\"}\n");
      byte[] end = compressor.end();
      post.write(
          "HTTP/1.1 200 OK\r\nEventChannel-Version: 1\r\nEventChannel-Ack: 1\r\n"
              + "Content-Encoding: gzip\r\nContent-Length: "
              + (start.length + end.length)
              + "\r\n\r\n");
      post.write(start);
      post.write(end);
      assertEquals("no", sent.handle((ok, e) -> e.getMessage()).get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void SSE_C_28_theLimitCountsWhatAStreamUnpacksTo() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse(s -> s.maxEventBytes(64 << 10))) {
      open(harness, "gzip");
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream("Content-Encoding: gzip");
      harness.listener.takeOpen();
      Compressor compressor = new Compressor();
      connection.write(compressor.flushed("data: a\n\n"));
      assertEquals("a", harness.listener.takeEvent().data());
      byte[] bomb = compressor.flushed("data: " + "x".repeat(10 << 20));
      assertTrue(bomb.length < 64 << 10, "what travels stays below the limit");
      connection.write(bomb);
      assertEquals(Kind.LIMIT, harness.listener.takeClosed().kind());
    }
  }

  @Test
  void SSE_C_28_aCompressedStreamThatIsCutIsALossAndTellsNothingOfItsRest() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      open(harness, "gzip");
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream("Content-Encoding: gzip");
      harness.listener.takeOpen();
      Compressor compressor = new Compressor();
      connection.write(compressor.flushed("id: 1\ndata: a\n\n"));
      byte[] next = compressor.flushed("id: 2\ndata: b\n\n");
      connection.write(Arrays.copyOf(next, next.length / 2));
      assertEquals("a", harness.listener.takeEvent().data());
      connection.close();
      assertEquals(Kind.NETWORK, harness.listener.takeConnectionLost().reason().kind());
      harness.server.accept().acceptEventStream().expectHeader("Last-Event-ID", "1");
      harness.listener.takeOpen();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "gzip;q=0", "br"})
  void aCodingThatWasNotAskedForIsAClearError(String accept) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      open(harness, accept);
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream("Content-Encoding: gzip");
      CloseReason reason = harness.listener.takeConnectionLost().reason();
      assertEquals(Kind.PROTOCOL, reason.kind());
      assertEquals("Content-Encoding: expected identity, as asked for, got gzip", reason.text());
    }
  }

  @Test
  void aCodingThatNobodyHereReadsIsAClearErrorThoughItWasAskedFor() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      open(harness, "gzip, br");
      harness.server.accept().acceptEventStream("Content-Encoding: br");
      assertEquals(
          "Content-Encoding: expected identity or gzip, as asked for, got br",
          harness.listener.takeConnectionLost().reason().text());
    }
  }
}
