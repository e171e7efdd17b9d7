package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.RecordingListener.Closed;
import io.eventchannel.transport.Transport;
import java.util.function.Function;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Certificates that the client trusts, of another host than the one it asked for. */
class TlsHostNameTest {
  private static Stream<Arguments> transports() {
    Function<OkHttpClient, Transport> sse = OkHttpChannels::sse;
    Function<OkHttpClient, Transport> webSocket = OkHttpChannels::webSocket;
    return Stream.of(Arguments.of("sse", sse), Arguments.of("websocket", webSocket));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("transports")
  void S20_aCertificateOfAnotherHostOpensNothingAndHearsNothing(
      String name, Function<OkHttpClient, Transport> transport) throws Exception {
    String[][] hostAndSubject = {
      {"localhost", "other.example"},
      {"localhost", "127.0.0.1"},
      {"localhost", "*.localhost"},
      {"localhost", "localhost.other.example"},
      {"127.0.0.1", "localhost"},
      {"127.0.0.1", "127.0.0.2"},
      {"127.0.0.1", "*.0.0.1"},
      {"[::1]", "127.0.0.1"},
    };
    for (String[] each : hostAndSubject) {
      assertRefused(transport, each[0], each[1]);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("transports")
  void S20_aCertificateOfTheHostIsTakenByNameAndByAddress(
      String name, Function<OkHttpClient, Transport> transport) throws Exception {
    for (String host : new String[] {"localhost", "127.0.0.1"}) {
      HandshakeCertificates certificates = certificatesOf(host);
      RecordingListener listener = new RecordingListener();
      try (MockWebServer server = new MockWebServer()) {
        server.useHttps(certificates.sslSocketFactory());
        server.enqueue(new MockResponse.Builder().code(403).build());
        server.start();
        try (ChannelClient client = clientOver(transport, certificates)) {
          client.open("https://" + host + ":" + server.getPort() + "/feed", listener);
          assertEquals(403, listener.takeClosed().code());
        }
        assertEquals(1, server.getRequestCount());
      }
    }
  }

  private static void assertRefused(
      Function<OkHttpClient, Transport> transport, String host, String subject) throws Exception {
    HandshakeCertificates certificates = certificatesOf(subject);
    RecordingListener listener = new RecordingListener();
    try (MockWebServer server = new MockWebServer()) {
      server.useHttps(certificates.sslSocketFactory());
      server.start();
      try (ChannelClient client = clientOver(transport, certificates)) {
        EventChannel channel =
            client.open("https://" + host + ":" + server.getPort() + "/feed", listener);
        listener.takeConnectionLost();
        channel.close();
        listener.skipTo(Closed.class);
      }
      assertEquals(0, listener.opens(), host + " by the certificate of " + subject);
      assertEquals(0, server.getRequestCount(), host + " by the certificate of " + subject);
    }
  }

  /** Its common name is the host's, which says nothing (RFC 6125, section 6.4.4). */
  private static HandshakeCertificates certificatesOf(String subject) {
    HeldCertificate held =
        new HeldCertificate.Builder()
            .commonName("localhost")
            .addSubjectAlternativeName(subject)
            .build();
    return new HandshakeCertificates.Builder()
        .heldCertificate(held)
        .addTrustedCertificate(held.certificate())
        .build();
  }

  private static ChannelClient clientOver(
      Function<OkHttpClient, Transport> transport, HandshakeCertificates certificates) {
    OkHttpClient okHttp =
        new OkHttpClient.Builder()
            .sslSocketFactory(certificates.sslSocketFactory(), certificates.trustManager())
            .build();
    return ChannelClient.builder()
        .transport(transport.apply(okHttp))
        .reconnectPolicy(OkHttpHarness.QUICK)
        .build();
  }
}
