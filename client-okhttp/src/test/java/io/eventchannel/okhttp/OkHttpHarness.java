package io.eventchannel.okhttp;

import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.policy.Backoff;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.ScriptedServer;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;

/** A client on OkHttp and a scripted server, with delays short enough for a test. */
final class OkHttpHarness implements AutoCloseable {
  static final ReconnectPolicy QUICK =
      ReconnectPolicy.standard(
          Backoff.standard()
              .withFloor(Duration.ofMillis(1))
              .withBase(Duration.ofMillis(5))
              .withCap(Duration.ofMillis(20))
              .withHintCap(Duration.ofSeconds(1)));

  final OkHttpClient okHttp = new OkHttpClient();
  final ScriptedServer server;
  final RecordingListener listener = new RecordingListener();
  final ChannelClient client;

  private OkHttpHarness(Consumer<ChannelClient.Builder> settings) throws IOException {
    server = new ScriptedServer();
    ChannelClient.Builder builder = OkHttpChannels.newClient(okHttp).reconnectPolicy(QUICK);
    settings.accept(builder);
    client = builder.build();
  }

  /** A client that prefers WebSocket. */
  static OkHttpHarness create() throws IOException {
    return new OkHttpHarness(settings -> {});
  }

  static OkHttpHarness create(Consumer<ChannelClient.Builder> settings) throws IOException {
    return new OkHttpHarness(settings);
  }

  static OkHttpHarness overSse() throws IOException {
    return overSse(settings -> {});
  }

  static OkHttpHarness overSse(Consumer<ChannelClient.Builder> settings) throws IOException {
    return new OkHttpHarness(
        builder -> {
          builder.transportPreference(TransportPreference.sseOnly());
          settings.accept(builder);
        });
  }

  static OkHttpHarness overWebSocket() throws IOException {
    return overWebSocket(settings -> {});
  }

  static OkHttpHarness overWebSocket(Consumer<ChannelClient.Builder> settings) throws IOException {
    return new OkHttpHarness(
        builder -> {
          builder.transportPreference(TransportPreference.webSocketOnly());
          settings.accept(builder);
        });
  }

  String url() {
    return server.uri("/feed").toString();
  }

  EventChannel open() {
    return client.open(url(), listener);
  }

  EventChannel openAfter(String lastEventId) {
    return client.open(ChannelRequest.builder(url()).lastEventId(lastEventId).build(), listener);
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
    okHttp.dispatcher().executorService().shutdown();
    okHttp.connectionPool().evictAll();
  }
}
