package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import io.eventchannel.Receipt;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.client.Credentials;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.server.Authorization;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.Handshake;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Credentials in the query, a header and a cookie, and everything of ours that somebody may print:
 * all that client and server log, at any level, all that listeners are told, all exceptions with
 * their causes, and what refusals say.
 */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
abstract class SecretsContract {
  private static final String SECRET = "c4n4ry";
  private static final String QUERY = "?access_token=" + SECRET;
  private static final String[] HEADERS = {
    "Authorization: Bearer " + SECRET, "Cookie: session=" + SECRET
  };

  private final Printed printed = new Printed();

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  private ServedFeed serve(Consumer<ChannelEndpoint.Builder> options) {
    return ServedFeed.start(this::start, feed -> {}, options);
  }

  @AfterEach
  void listenNoMore() {
    printed.close();
  }

  private void print(String text) {
    printed.add(text);
  }

  private void print(Throwable thrown) {
    printed.add(thrown);
  }

  private void print(CloseReason reason) {
    print("reason " + reason);
    if (reason.cause() != null) {
      print(reason.cause());
    }
  }

  private void assertSecretKept() {
    for (String text : printed.all()) {
      assertFalse(text.contains(SECRET), text);
    }
  }

  private boolean wasPrinted(String text) {
    return printed.all().stream().anyMatch(each -> each.contains(text));
  }

  /** Prints all that a listener is told, and hands on how the channel fares. */
  private final class Teller implements EventChannelListener {
    final BlockingQueue<String> states = new LinkedBlockingQueue<>();

    @Override
    public void onOpen(EventChannel channel) {
      print("open " + channel);
      states.add("open");
    }

    @Override
    public void onEvent(EventChannel channel, Event event) {
      print("event " + channel + event);
      states.add("event");
    }

    @Override
    public void onGap(EventChannel channel, Gap gap) {
      print("gap " + channel + gap);
    }

    @Override
    public void onConnectionLost(EventChannel channel, CloseReason reason, Duration delay) {
      print("lost " + channel);
      print(reason);
      states.add("lost " + reason.code());
    }

    @Override
    public void onClosed(EventChannel channel, CloseReason reason) {
      print("closed " + channel);
      print(reason);
      states.add("closed " + reason.code());
    }

    /** Waits until that has happened. */
    void await(String state) throws InterruptedException {
      String next = "";
      while (!next.equals(state)) {
        next =
            Objects.requireNonNull(
                states.poll(20, TimeUnit.SECONDS),
                "waited for " + state + ", got " + printed.all());
      }
    }
  }

  private ChannelClient client(String transport) {
    Credentials credentials =
        Credentials.of(
            java.util.Map.of("Authorization", "Bearer " + SECRET, "Cookie", "session=" + SECRET));
    print(credentials.toString());
    return OkHttpChannels.newClient(new OkHttpClient())
        .transportPreference(TransportPreference.of(transport))
        .credentials(
            lastFailure -> {
              if (lastFailure != null) {
                print(lastFailure);
              }
              return CompletableFuture.completedFuture(credentials);
            })
        .build();
  }

  private static ChannelRequest request(int port) {
    String origin = "http://127.0.0.1:" + port;
    // Without an Origin a cookie is refused on an upgrade (protocol rule H-9).
    return ChannelRequest.builder(origin + ServedFeed.PATH + QUERY)
        .header("Origin", origin)
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "sse"})
  void S19_aHandshakeThatSucceedsAndExpiresTellsNobodyItsCredentials(String transport)
      throws Exception {
    Teller server = new Teller();
    Teller client = new Teller();
    int[] asked = new int[1];
    try (ServedFeed feed =
            serve(
                endpoint ->
                    endpoint
                        .listener(server)
                        .authorizer(
                            handshake -> {
                              print("handshake " + handshake);
                              assertTrue(
                                  handshake.queryAll("access_token").contains(SECRET), "the query");
                              assertTrue(
                                  String.valueOf(handshake.header("Cookie")).contains(SECRET));
                              return asked[0]++ == 0
                                  ? Authorization.allow()
                                      .principal(SECRET)
                                      .validUntil(Instant.now().plusMillis(700))
                                  : Authorization.allow().principal(SECRET);
                            }));
        ChannelClient open = client(transport)) {
      ChannelRequest request = request(feed.port());
      print("request " + request);
      EventChannel channel = open.open(request, client);
      client.await("open");
      client.await("lost 4001");
      client.await("open");
      CompletionStage<Receipt> sent = channel.send(Event.message("up"));
      sent.toCompletableFuture().get(10, TimeUnit.SECONDS);
      server.await("event");
      feed.publish("down");
      client.await("event");
      assertEquals(1, feed.endpoint.reauthorize(SECRET));
      client.await("lost 4001");
      client.await("open");
      channel.close();
      client.await("closed 1000");
    }
    assertTrue(wasPrinted("credentials: expired"));
    assertSecretKept();
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "sse"})
  void S19_aHandshakeThatIsRefusedOrFailsTellsNobodyItsCredentials(String transport)
      throws Exception {
    List<Integer> statuses = List.of(401, 403, 500, 503);
    for (int status : statuses) {
      Teller client = new Teller();
      try (ServedFeed feed =
              serve(endpoint -> endpoint.authorizer(handshake -> refuse(handshake, status)));
          ChannelClient open = client(transport)) {
        EventChannel channel = open.open(request(feed.port()), client);
        client.await(status < 500 ? "closed " + status : "lost " + status);
        channel
            .send(Event.message("up"))
            .whenComplete((done, failure) -> print(Objects.requireNonNull(failure)));
        channel.close();
      }
    }
    assertTrue(wasPrinted("log The authorizer failed on a Handshake"), "the log is heard");
    assertSecretKept();
  }

  private Authorization refuse(Handshake handshake, int status) {
    print("handshake " + handshake);
    if (status == 500) {
      throw new IllegalStateException("the application's own words");
    }
    return Authorization.refuse(status, "no");
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "sse"})
  void S19_aServerThatIsAwayOrAnswersTooLateMakesNobodyTellTheCredentials(String transport)
      throws Exception {
    int port;
    Teller late = new Teller();
    try (ServedFeed feed =
            serve(
                endpoint ->
                    endpoint
                        .asyncAuthorizer(handshake -> new CompletableFuture<>())
                        .authorizerTimeout(Duration.ofMillis(50)));
        ChannelClient open = client(transport)) {
      port = feed.port();
      open.open(request(port), late);
      late.await("lost 503");
    }
    assertTrue(wasPrinted("log The authorizer has not answered within"));
    Teller refused = new Teller();
    try (ChannelClient open = client(transport)) {
      open.open(request(port), refused);
      refused.await("lost -1");
    }
    assertSecretKept();
  }

  @Test
  void S19_aMalformedRequestIsNotRepeatedToAnybody() throws Exception {
    try (ServedFeed feed = serve(endpoint -> {})) {
      for (String target :
          List.of(
              QUERY + "%zz",
              QUERY + "&topic=" + SECRET + "*",
              QUERY + "&envelope=" + SECRET,
              QUERY + "&lastEventId=" + SECRET + "%ff")) {
        for (String upgrade : List.of("X: y", "Upgrade: websocket")) {
          try (RawHttp http = RawHttp.connect(feed.port())) {
            RawHttp.Head head =
                http.send("GET", ServedFeed.PATH + target, HEADERS[0], HEADERS[1], upgrade).head();
            assertEquals(400, head.status(), target);
            if (head.header("EventChannel-Version") != null) { // else it is the container's page
              print(head.toString());
              print(http.body());
            }
          }
        }
      }
      try (RawHttp http = RawHttp.connect(feed.port())) {
        String[] post = Arrays.copyOf(HEADERS, 4);
        post[2] = "Content-Type: application/json";
        post[3] = "EventChannel-Id: " + SECRET;
        http.post(ServedFeed.PATH + QUERY, SECRET.getBytes(UTF_8), post);
        print(http.head().toString());
        print(http.body());
      }
    }
    assertSecretKept();
  }

  @Test
  void S19_aSecretAmongTheSubprotocolsIsNeitherSelectedNorTold() throws Exception {
    Teller server = new Teller();
    String offer = "Sec-WebSocket-Protocol: " + SECRET + ", eventchannel.v1.json";
    try (ServedFeed feed =
        serve(
            endpoint ->
                endpoint
                    .listener(server)
                    .authorizer(
                        handshake ->
                            handshake.query("fail") == null
                                ? Authorization.allow()
                                : refuse(handshake, 500)))) {
      try (RawWebSocket socket =
          RawWebSocket.open(feed.port(), "/feed" + QUERY, HEADERS[0], offer)) {
        // Undertow tells the client its own URL back; it is none that we build.
        print(socket.head().toString().replaceFirst("Sec-WebSocket-Location: [^|]*", ""));
        socket.messageWith("eventchannel.position");
        socket.frame(true, 0x0B, SECRET.getBytes(UTF_8)); // an opcode that does not exist
        feed.awaitConnections(0);
      }
      for (String protocol : List.of(offer, "Sec-WebSocket-Protocol: " + SECRET)) {
        String[] headers = Answer.with(RawWebSocket.UPGRADE, HEADERS[0], protocol);
        Answer answer = Answer.ask(feed, "GET", "/feed" + QUERY + "&fail=1", headers);
        assertEquals(500, answer.status());
        print(answer.said());
      }
    }
    assertTrue(wasPrinted("log The authorizer failed on a Handshake"), "the log is heard");
    assertSecretKept();
  }
}
