package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.client.CredentialsProvider;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawRequest;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Event streams that answer a POST, from the request to the last byte. */
class SsePostTest {
  private static final String BODY = "{\"ask\":\"ü\"}";

  private static ChannelRequest.Builder post(OkHttpHarness harness) {
    return ChannelRequest.builder(harness.url())
        .post(BODY.getBytes(StandardCharsets.UTF_8), "application/json");
  }

  private static void expectPost(RawRequest request) {
    assertEquals("POST", request.method());
    assertEquals(BODY, request.body());
    request
        .expectHeader("Content-Type", "application/json")
        .expectHeader("Content-Length", "12")
        .expectNoHeader("Upgrade");
  }

  @Test
  void SSE_C_36_theBodyIsPostedAndTheAnswerReadToItsEnd() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create()) { // which would prefer WebSocket
      harness.client.open(post(harness).header("X-Key", "k").build(), harness.listener);
      RawConnection connection = harness.server.accept();
      RawRequest request = connection.acceptEventStream();
      expectPost(request);
      request
          .expectHeader("Accept", "text/event-stream")
          .expectHeader("X-Key", "k")
          .expectNoHeader("Last-Event-ID");
      connection.write("data: a\n\nevent: done\ndata: b\n\n");
      assertEquals("sse", harness.listener.takeOpen().transport());
      assertEquals("a", harness.listener.takeEvent().data());
      assertEquals("done", harness.listener.takeEvent().type());
      connection.close();
      assertEquals(Kind.END_OF_STREAM, harness.listener.takeClosed().kind());
      assertEquals(1, harness.server.connectionCount());
    }
  }

  @Test
  void aCallersOwnAcceptHeaderIsSentAsItIs() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create()) {
      String both = "application/json, text/event-stream";
      harness.client.open(post(harness).header("Accept", both).build(), harness.listener);
      harness.server.accept().acceptEventStream().expectHeader("Accept", both);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "401,",
    "407,",
    "408,",
    "408,Retry-After: 0",
    "421,",
    "429,Retry-After: 0",
    "503,",
    "503,Retry-After: 0",
    "500,",
    "404,",
    "204,"
  })
  void SSE_C_37_noStatusMakesItBeSentAgain(int status, String header) throws Exception {
    try (OkHttpHarness harness =
        OkHttpHarness.create(s -> s.credentials(CredentialsProvider.header("X-Token", "t")))) {
      harness.server.onConnection(
          c -> {
            expectPost(c.readRequest());
            c.respond(status, "", header == null ? "X-No: header" : header);
            c.awaitEnd(); // a second POST would wait here for an answer that never comes
          });
      harness.client.open(post(harness).build(), harness.listener);
      CloseReason reason = harness.listener.takeClosed();
      assertEquals(Kind.HTTP_STATUS, reason.kind());
      assertEquals(status, reason.code());
      assertEquals(1, harness.server.connectionCount());
      harness.okHttp.connectionPool().evictAll(); // lets the script end
    }
  }

  @Test
  void SSE_C_37_aResetAfterTheRequestEndsTheChannel() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create()) {
      harness.client.open(post(harness).build(), harness.listener);
      RawConnection connection = harness.server.accept();
      expectPost(connection.readRequest());
      connection.reset();
      assertEquals(Kind.NETWORK, harness.listener.takeClosed().kind());
      assertEquals(1, harness.server.connectionCount());
    }
  }

  @Test
  void SSE_C_37_aCutWithinTheAnswerEndsTheChannel() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create()) {
      harness.client.open(post(harness).build(), harness.listener);
      RawConnection connection = harness.server.accept();
      expectPost(connection.acceptEventStream());
      connection.write("id: 1\ndata: a\n\ndata: half");
      harness.listener.takeOpen();
      assertEquals("a", harness.listener.takeEvent().data());
      connection.reset();
      assertEquals(Kind.NETWORK, harness.listener.takeClosed().kind());
      assertEquals(1, harness.server.connectionCount());
    }
  }

  @Test
  void SSE_C_37_aKeptAliveConnectionThatDiesUnderItDoesNotMakeOkHttpSendItAgain() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create()) {
      harness.server.onConnection(
          c -> {
            expectPost(c.readRequest());
            c.respond(404, "");
            expectPost(c.readRequest()); // over the same connection
          });
      RecordingListener before = new RecordingListener();
      harness.client.open(post(harness).build(), before);
      assertEquals(404, before.takeClosed().code());
      harness.client.open(post(harness).build(), harness.listener);
      assertEquals(Kind.NETWORK, harness.listener.takeClosed().kind());
      assertEquals(1, harness.server.connectionCount());
    }
  }

  @Test
  void SSE_C_37_aHostThatIsNotFoundIsLookedForAgain() throws Exception {
    AtomicInteger lookups = new AtomicInteger();
    OkHttpClient forgetful =
        new OkHttpClient.Builder()
            .dns(
                host -> {
                  if (lookups.incrementAndGet() <= 2) {
                    throw new UnknownHostException(host);
                  }
                  return List.of(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
                })
            .build();
    try (OkHttpHarness harness = OkHttpHarness.create();
        ChannelClient client =
            OkHttpChannels.newClient(forgetful).reconnectPolicy(OkHttpHarness.QUICK).build()) {
      client.open(
          ChannelRequest.builder("http://feed.test:" + harness.server.port() + "/feed")
              .post(BODY.getBytes(StandardCharsets.UTF_8), "application/json")
              .build(),
          harness.listener);
      for (int i = 0; i < 2; i++) {
        ConnectionLost lost = harness.listener.takeConnectionLost();
        assertEquals(Kind.NETWORK, lost.reason().kind());
      }
      RawConnection connection = harness.server.accept();
      expectPost(connection.acceptEventStream());
      harness.listener.takeOpen();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void S18_aPostFollowsNoRedirect(int status) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create();
        OkHttpHarness elsewhere = OkHttpHarness.create()) {
      harness.client.open(post(harness).build(), harness.listener);
      RawConnection connection = harness.server.accept();
      expectPost(connection.readRequest());
      connection.respond(status, "", "Location: " + elsewhere.url());
      CloseReason reason = harness.listener.takeClosed();
      assertEquals(status, reason.code());
      assertTrue(reason.text().contains("POST"), reason.text());
      assertEquals(1, harness.server.connectionCount());
      assertEquals(0, elsewhere.server.connectionCount());
    }
  }

  @ParameterizedTest
  @CsvSource({"408,", "503,Retry-After: 0", "503,", "500,"})
  void SSE_C_37_replayPostFollowsTheTableAndOkHttpAddsNothing(int status, String header)
      throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create()) {
      harness.server.onConnection(
          c -> {
            expectPost(c.readRequest());
            c.respond(status, "", "Connection: close", header == null ? "X-No: header" : header);
          });
      harness.client.open(post(harness).replayPost().build(), harness.listener);
      RawConnection second = harness.server.accept();
      assertEquals(status, harness.listener.takeConnectionLost().reason().code());
      expectPost(second.acceptEventStream());
      harness.listener.takeOpen();
      assertEquals(2, harness.server.connectionCount());
    }
  }

  @Test
  void SSE_C_37_replayPostResumesACutAnswer() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create()) {
      harness.client.open(post(harness).replayPost().build(), harness.listener);
      RawConnection first = harness.server.accept();
      expectPost(first.acceptEventStream());
      first.write("id: 1\ndata: a\n\n");
      harness.listener.takeOpen();
      assertEquals("a", harness.listener.takeEvent().data());
      first.reset();
      assertEquals(Kind.NETWORK, harness.listener.takeConnectionLost().reason().kind());
      RawConnection second = harness.server.accept();
      RawRequest again = second.acceptEventStream();
      expectPost(again);
      again.expectHeader("Last-Event-ID", "1");
      second.write("data: b\n\n");
      harness.listener.takeOpen();
      assertEquals("b", harness.listener.takeEvent().data());
    }
  }
}
