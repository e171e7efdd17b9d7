package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawRequest;
import io.eventchannel.tck.RecordingListener.Closed;
import io.eventchannel.tck.ScriptedServer;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a redirect may lead, and what may go along. */
class RedirectTest {
  private static ScriptedServer.Script redirectTo(String location) {
    return c -> {
      c.readRequest();
      c.respond(302, "", "Location: " + location, "Connection: close");
    };
  }

  private static ChannelRequest withSecrets(OkHttpHarness harness) {
    return ChannelRequest.builder(harness.url())
        .header("Authorization", "secret")
        .header("Cookie", "session=secret")
        .header("X-Api-Key", "secret")
        .lastEventId("e-1")
        .build();
  }

  private static void expectNothingOfTheCallers(RawRequest request) {
    request
        .expectNoHeader("Authorization")
        .expectNoHeader("Cookie")
        .expectNoHeader("X-Api-Key")
        .expectNoHeader("Last-Event-ID")
        .expectNoHeader("EventChannel-Id");
  }

  @Test
  void F46_S37_aLoopBetweenTwoOriginsEndsAfterFiveRedirects() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse();
        OkHttpHarness other = OkHttpHarness.overSse()) {
      harness.server.onEveryConnection(redirectTo(other.url()));
      other.server.onEveryConnection(redirectTo(harness.url()));
      harness.client.open(withSecrets(harness), harness.listener);
      CloseReason reason = harness.listener.takeClosed();
      assertEquals(302, reason.code());
      assertEquals("redirects: expected at most 5, got one more", reason.text());
      assertEquals(3, harness.server.connectionCount());
      assertEquals(3, other.server.connectionCount());
    }
  }

  @Test
  void SSE_C_09_aLoopIsTriedAgainWithBackoffWhereThePolicySaysSo() throws Exception {
    try (OkHttpHarness harness =
        OkHttpHarness.overSse(
            s ->
                s.reconnectPolicy(
                    loss ->
                        io.eventchannel.policy.RetryDecision.retry(
                            io.eventchannel.policy.Backoff.standard()
                                .delay(0, loss.jitter(), loss.retryHint()),
                            1)))) {
      harness.server.onEveryConnection(redirectTo("/feed"));
      EventChannel channel = harness.open();
      var lost = harness.listener.takeConnectionLost();
      assertEquals(302, lost.reason().code());
      assertTrue(lost.retryDelay().toMillis() >= 100, lost.toString());
      channel.close();
      harness.listener.skipTo(Closed.class);
    }
  }

  @Test
  void F46_httpsIsNeverLeftForHttp() throws Exception {
    HeldCertificate certificate =
        new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
    HandshakeCertificates ofServer =
        new HandshakeCertificates.Builder().heldCertificate(certificate).build();
    HandshakeCertificates ofClient =
        new HandshakeCertificates.Builder()
            .addTrustedCertificate(certificate.certificate())
            .build();
    OkHttpClient trusting =
        new OkHttpClient.Builder()
            .sslSocketFactory(ofClient.sslSocketFactory(), ofClient.trustManager())
            .build();
    try (OkHttpHarness plain = OkHttpHarness.overSse();
        MockWebServer secure = new MockWebServer();
        ChannelClient client =
            ChannelClient.builder()
                .transport(OkHttpChannels.sse(trusting))
                .reconnectPolicy(OkHttpHarness.QUICK)
                .build()) {
      secure.useHttps(ofServer.sslSocketFactory());
      secure.enqueue(
          new MockResponse.Builder().code(301).setHeader("Location", plain.url()).build());
      secure.start();
      client.open("https://localhost:" + secure.getPort() + "/feed", plain.listener);
      CloseReason reason = plain.listener.takeClosed();
      assertEquals(301, reason.code());
      assertEquals("redirect: expected https to stay https, got http", reason.text());
      assertEquals(0, plain.server.connectionCount());
    }
  }

  @Test
  void S18_whatABouncedStreamLeftBehindDoesNotComeBackWithIt() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse();
        OkHttpHarness elsewhere = OkHttpHarness.overSse()) {
      harness.server.onConnection(redirectTo(elsewhere.url()));
      elsewhere.server.onConnection(redirectTo(harness.url()));
      harness.client.open(withSecrets(harness), harness.listener);
      RawRequest first = harness.server.takeRequest();
      first.expectHeader("Authorization", "secret").expectHeader("Last-Event-ID", "e-1");
      expectNothingOfTheCallers(elsewhere.server.takeRequest());
      // Who sent it there may have had it sent back, with a target of his choice.
      expectNothingOfTheCallers(harness.server.accept().acceptEventStream());
    }
  }

  @Test
  void S18_anotherOriginThatRedirectsWithinItselfGetsNothingEither() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse();
        OkHttpHarness elsewhere = OkHttpHarness.overSse()) {
      harness.server.onConnection(redirectTo(elsewhere.url()));
      elsewhere.server.onConnection(redirectTo("/second"));
      harness.client.open(withSecrets(harness), harness.listener);
      RawConnection second = elsewhere.server.accept();
      RawRequest request = second.acceptEventStream();
      assertEquals("/second", request.target());
      expectNothingOfTheCallers(request);
    }
  }

  @Test
  void S18_aReconnectThatIsSentElsewhereLeavesPositionAndChannelBehind() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse();
        OkHttpHarness elsewhere = OkHttpHarness.overSse()) {
      harness.client.open(withSecrets(harness), harness.listener);
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream("EventChannel-Version: 1", "EventChannel-Id: c-1");
      stream.write("id: e-2\ndata: a\n\n");
      harness.listener.takeOpen();
      harness.listener.takeEvent();
      harness.server.onConnection(redirectTo(elsewhere.url()));
      stream.close();
      RawConnection next = elsewhere.server.accept();
      expectNothingOfTheCallers(next.acceptEventStream());
    }
  }

  @Test
  void S18_whatIsSentOverABouncedStreamCarriesNothingOfTheCallers() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse();
        OkHttpHarness elsewhere = OkHttpHarness.overSse()) {
      harness.server.onConnection(redirectTo(elsewhere.url()));
      EventChannel channel = harness.client.open(withSecrets(harness), harness.listener);
      elsewhere
          .server
          .accept()
          .acceptEventStream("EventChannel-Version: 1", "EventChannel-Id: other-1");
      harness.listener.takeOpen();
      channel.send(Event.message("a"));
      RawConnection post = elsewhere.server.accept();
      RawRequest request = post.readRequest();
      assertEquals("POST", request.method());
      request
          .expectHeader("EventChannel-Id", "other-1") // the one it gave itself
          .expectNoHeader("Authorization")
          .expectNoHeader("Cookie")
          .expectNoHeader("X-Api-Key");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void S18_aWebSocketFollowsNoRedirect(int status) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket();
        OkHttpHarness elsewhere = OkHttpHarness.overSse()) {
      harness.client.open(withSecrets(harness), harness.listener);
      RawConnection connection = harness.server.accept();
      connection.readRequest();
      connection.respond(status, "", "Location: " + elsewhere.url(), "EventChannel-Version: 1");
      assertEquals(status, harness.listener.takeClosed().code());
      assertEquals(1, harness.server.connectionCount());
      assertEquals(0, elsewhere.server.connectionCount());
    }
  }

  @Test
  void SSE_C_32_aReconnectGoesToTheCallersAddressAndNotToTheTarget() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse();
        OkHttpHarness elsewhere = OkHttpHarness.overSse()) {
      harness.server.onConnection(redirectTo(elsewhere.url()));
      elsewhere.server.onConnection(
          c -> {
            c.acceptEventStream();
            c.write("id: e-2\ndata: a\n\n");
          });
      harness.client.open(withSecrets(harness), harness.listener);
      harness.server.takeRequest();
      RawConnection again = harness.server.accept();
      again
          .acceptEventStream()
          .expectHeader("Authorization", "secret")
          .expectHeader("Last-Event-ID", "e-2");
      assertEquals(1, elsewhere.server.connectionCount());
    }
  }
}
