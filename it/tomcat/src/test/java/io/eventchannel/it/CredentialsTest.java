package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.Credentials;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.server.Authorization;
import io.eventchannel.server.Handshake;
import io.eventchannel.tck.FaultPlan;
import io.eventchannel.tck.FaultProxy;
import io.eventchannel.tck.History;
import io.eventchannel.tck.HistoryListener;
import io.eventchannel.tck.RecordingListener;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that expire, over real sockets and both transports. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class CredentialsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicInteger valid = new AtomicInteger(1);
  private final List<String> resumedAfter = new CopyOnWriteArrayList<>();

  /** Why the provider was asked each time; it supplies what was valid when it is asked. */
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private Authorization authorize(Handshake handshake) {
    if (!("Bearer " + valid.get()).equals(handshake.header("Authorization"))) {
      return Authorization.refuse(401, "the token has expired");
    }
    String header = handshake.header("Last-Event-ID");
    resumedAfter.add(header != null ? header : String.valueOf(handshake.query("lastEventId")));
    return Authorization.allow();
  }

  /** Remembers the first token until it is told that it was refused. */
  private CompletionStage<Credentials> remembering(@Nullable CloseReason lastFailure) {
    asked.add(String.valueOf(lastFailure));
    int token = lastFailure != null && lastFailure.code() == 401 ? valid.get() : 1;
    return CompletableFuture.completedFuture(
        Credentials.header("Authorization", "Bearer " + token));
  }

  private static ChannelClient.Builder client(String transport) {
    return OkHttpChannels.newClient(new OkHttpClient())
        .transportPreference(TransportPreference.of(transport));
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "sse"})
  void aRefusedTokenIsRefreshedOnceAndTheChannelGoesOnWhereItWas(String transport)
      throws Exception {
    History history = new History(1);
    HistoryListener listener = history.listener(transport);
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.authorizer(this::authorize));
        FaultProxy proxy = new FaultProxy(server.port());
        ChannelClient client = client(transport).credentials(this::remembering).build()) {
      EventChannel channel = client.open(proxy.uri(FeedServer.PATH).toString(), listener);
      FeedServer.await(() -> channel.lastEventId() != null, () -> "no position");
      String before = publish(server, history, 1);
      listener.awaitReceived(1, PATIENCE);

      valid.set(2);
      proxy.cutAll(FaultPlan.Cut.RST);
      String meanwhile = publish(server, history, 2);
      listener.awaitReceived(2, PATIENCE);
      String after = publish(server, history, 3);
      listener.awaitReceived(3, PATIENCE);
      history.assertClean();

      assertTrue(
          List.of(before, meanwhile).contains(resumedAfter.get(1)),
          "resumed after " + resumedAfter + ", not at " + after);
      assertTrue(
          asked.get(asked.size() - 1).startsWith("HTTP_STATUS 401"),
          "the provider was told why: " + asked);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "sse"})
  void aTokenThatIsRefusedTwiceEndsTheChannel(String transport) throws Exception {
    valid.set(7);
    RecordingListener listener = new RecordingListener();
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.authorizer(this::authorize));
        ChannelClient client =
            client(transport)
                .credentials(
                    lastFailure -> {
                      asked.add(String.valueOf(lastFailure));
                      return CompletableFuture.completedFuture(
                          Credentials.header("Authorization", "Bearer stale"));
                    })
                .build()) {
      client.open("http://127.0.0.1:" + server.port() + FeedServer.PATH, listener);
      assertEquals(401, listener.takeConnectionLost().reason().code());
      assertEquals(401, listener.takeClosed().code());
      assertEquals(2, asked.size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "sse"})
  void aTokenThatSaysWhenItExpiresIsRenewedBeforeAndNothingIsLost(String transport)
      throws Exception {
    History history = new History(2);
    HistoryListener listener = history.listener(transport);
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.authorizer(this::authorize));
        ChannelClient client =
            client(transport)
                .credentials(
                    lastFailure -> {
                      asked.add(String.valueOf(lastFailure));
                      return CompletableFuture.completedFuture(
                          Credentials.header("Authorization", "Bearer " + valid.get())
                              .expiringIn(Duration.ofSeconds(11)));
                    })
                .build()) {
      EventChannel channel =
          client.open("http://127.0.0.1:" + server.port() + FeedServer.PATH, listener);
      FeedServer.await(() -> channel.lastEventId() != null, () -> "no position");
      int published = 0;
      while (asked.size() < 2) { // until it renews, which takes ten seconds
        publish(server, history, ++published);
        listener.awaitReceived(published, PATIENCE);
      }
      for (int i = 0; i < 100; i++) {
        publish(server, history, ++published);
      }
      listener.awaitReceived(published, PATIENCE);
      history.assertClean();
      assertEquals("LOCAL (credentials are about to run out)", asked.get(1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "sse"})
  void S34_aTokenThatEndsOnTheServerIsReplacedOnceAndNothingIsLost(String transport)
      throws Exception {
    History history = new History(3);
    HistoryListener listener = history.listener(transport);
    AtomicInteger supplied = new AtomicInteger();
    try (FeedServer server =
            FeedServer.start(
                endpoint ->
                    endpoint.authorizer(
                        handshake ->
                            "Bearer 1".equals(handshake.header("Authorization"))
                                ? Authorization.allow().validUntil(Instant.now().plusMillis(800))
                                : Authorization.allow()));
        ChannelClient client =
            client(transport)
                .credentials(
                    lastFailure -> {
                      asked.add(String.valueOf(lastFailure));
                      return CompletableFuture.completedFuture(
                          Credentials.header(
                              "Authorization", "Bearer " + supplied.incrementAndGet()));
                    })
                .build()) {
      EventChannel channel =
          client.open("http://127.0.0.1:" + server.port() + FeedServer.PATH, listener);
      FeedServer.await(() -> channel.lastEventId() != null, () -> "no position");
      int published = 0;
      while (asked.size() < 2) {
        publish(server, history, ++published);
        listener.awaitReceived(published, PATIENCE);
      }
      for (int i = 0; i < 100; i++) {
        publish(server, history, ++published);
      }
      listener.awaitReceived(published, PATIENCE);
      history.assertClean();
      assertEquals(2, asked.size(), "once: " + asked);
      assertTrue(asked.get(1).contains("4001"), asked.get(1));
    }
  }

  private static String publish(FeedServer server, History history, int n) {
    String id = server.publish("t", Event.message(Integer.toString(n)));
    history.published(id, n, "t");
    return id;
  }
}
