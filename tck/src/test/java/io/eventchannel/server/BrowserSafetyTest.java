package io.eventchannel.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import io.eventchannel.log.InMemoryEventLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a page of somebody else can make a browser do, and what others write into requests. */
class BrowserSafetyTest {
  private final List<String> heard = new ArrayList<>();
  private final EventChannelListener listener =
      new EventChannelListener() {
        @Override
        public void onEvent(EventChannel channel, Event event) {
          heard.add(event.data());
        }
      };
  private final Scene scene = with(endpoint -> {});

  private Scene with(Consumer<ChannelEndpoint.Builder> options) {
    return new Scene(
        InMemoryEventLog.create(), feed -> {}, e -> options.accept(e.listener(listener)));
  }

  private static Handshake.Builder plain(Handshake.Kind kind) {
    return Handshake.builder(kind).header("Host", "example.com");
  }

  private static Answer refused(Scene scene, Handshake handshake) {
    Answer refusal =
        handshake.kind() == Handshake.Kind.POST
            ? scene.endpoint.admitPost(handshake).toCompletableFuture().join().refusal()
            : scene.endpoint.admit(handshake).refusal();
    return Objects.requireNonNull(refusal, "admitted");
  }

  // ---- POST

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json, text/plain",
        "application/jsonp",
        ""
      })
  void S14_aContentTypeThatAFormCanSendIsRefused(String type) {
    String id = openChannel();
    Handshake.Builder post = plain(Handshake.Kind.POST).header("EventChannel-Id", id);
    if (!type.isEmpty()) {
      post.header("Content-Type", type);
    }
    Answer answer = post(post.build());

    assertEquals(415, answer.status());
    assertEquals(List.of(), heard);
  }

  @Test
  void S14_twoContentTypesAreNone() {
    Answer answer =
        post(
            plain(Handshake.Kind.POST)
                .header("EventChannel-Id", openChannel())
                .header("Content-Type", "application/json")
                .header("Content-Type", "text/plain")
                .build());
    assertEquals(415, answer.status());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Origin | https://evil.example",
        "Origin | null",
        "Sec-Fetch-Site | cross-site",
        "Cookie | session=1",
      })
  void S14_aPostThatAForeignPageMayHaveSentIsRefused(String name, String value) {
    Answer answer =
        post(
            plain(Handshake.Kind.POST)
                .header("EventChannel-Id", openChannel())
                .header("Content-Type", "application/json")
                .header(name, value)
                .build());

    assertEquals(403, answer.status());
    assertEquals(List.of(), heard);
  }

  @Test
  void S14_aPostOfThePageItselfIsTaken() {
    Answer answer =
        post(
            plain(Handshake.Kind.POST)
                .header("EventChannel-Id", openChannel())
                .header("Content-Type", "application/json;charset=utf-8")
                .header("Origin", "https://example.com")
                .header("Sec-Fetch-Site", "same-origin")
                .header("Cookie", "session=1")
                .build());

    assertEquals(204, answer.status());
    assertEquals(List.of("hi"), heard);
  }

  private String openChannel() {
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    scene.open(admission, new FakeOutlet(admission.format()));
    return Objects.requireNonNull(admission.headers().get("EventChannel-Id"));
  }

  private Answer post(Handshake handshake) {
    var answer =
        scene.endpoint.post(handshake, "{\"event\":\"chat\",\"data\":\"hi\"}".getBytes(UTF_8));
    scene.run();
    return answer.toCompletableFuture().join();
  }

  // ---- Origin

  @ParameterizedTest
  @CsvSource({"WEBSOCKET", "SSE", "POST"})
  void S15_theRefusalNamesWhatWasExpectedAndWhatCame(Handshake.Kind kind) {
    Handshake foreign = plain(kind).header("Origin", "https://evil.example").build();
    assertEquals(
        "Origin: expected http(s)://example.com or one that allowedOrigins names, got"
            + " https://evil.example",
        Scene.text(refused(scene, foreign)));

    Scene proxied = with(endpoint -> endpoint.publicOrigin("https://www.example.org"));
    assertEquals(
        "Origin: expected https://www.example.org or one that allowedOrigins names, got null",
        Scene.text(refused(proxied, plain(kind).header("Origin", "null").build())));
  }

  @ParameterizedTest
  @CsvSource({"WEBSOCKET, true", "POST, true", "SSE, false"})
  void S15_withoutOriginCredentialsThatABrowserAddsAreNotEnough(
      Handshake.Kind kind, boolean refused) {
    for (Handshake.Builder builder :
        List.of(plain(kind).header("Cookie", "session=1"), plain(kind).ambientCredentials(true))) {
      Handshake handshake = builder.header("Content-Type", "application/json").build();
      if (refused) {
        Answer answer = refused(scene, handshake);
        assertEquals(403, answer.status());
        assertEquals(
            "Origin: expected one beside credentials that a browser adds by itself, got none",
            Scene.text(answer));
      } else {
        assertNull(scene.endpoint.admit(handshake).refusal());
      }
    }
  }

  @Test
  void S15_nullIsNoOriginThatCouldBeAllowed() {
    assertThrows(IllegalArgumentException.class, () -> with(e -> e.allowedOrigins("null")));
    assertThrows(IllegalArgumentException.class, () -> with(e -> e.allowedOrigins("*")));
  }

  // ---- CORS

  @Test
  void S16_byDefaultNoAnswerLetsAPageOfAnotherOriginReadIt() {
    for (String origin : List.of("https://evil.example", "https://example.com", "null")) {
      for (Answer answer : answersTo(scene, origin)) {
        for (String header : answer.headers().keySet()) {
          assertFalse(header.startsWith("Access-Control-"), header + " for " + origin);
        }
      }
    }
  }

  @Test
  void S16_anAllowedOriginIsEchoedExactlyAndNeverAWildcard() {
    String app = "https://app.example";
    Scene open = with(endpoint -> endpoint.allowedOrigins(app, "https://other.example"));
    for (Answer answer : answersTo(open, app)) {
      assertEquals(app, answer.headers().get("Access-Control-Allow-Origin"));
      assertEquals("true", answer.headers().get("Access-Control-Allow-Credentials"));
      assertTrue(answer.headers().get("Vary").contains("Origin"));
    }
    for (Answer answer : answersTo(open, "https://app.example.evil.example")) {
      assertNull(answer.headers().get("Access-Control-Allow-Origin"));
      assertTrue(answer.headers().get("Vary").contains("Origin"));
    }
  }

  private static List<Answer> answersTo(Scene scene, String origin) {
    Handshake stream = plain(Handshake.Kind.SSE).header("Origin", origin).build();
    Handshake post = plain(Handshake.Kind.POST).header("Origin", origin).build();
    return List.of(
        scene.endpoint.otherMethod("HEAD", stream),
        scene.endpoint.otherMethod("OPTIONS", stream),
        scene.endpoint.otherMethod("DELETE", stream),
        refused(
            scene, plain(Handshake.Kind.SSE).header("Origin", origin).query("topic", "?").build()),
        refused(scene, post));
  }

  // ---- Host

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "127.0.0.1 | localhost:8080 | true",
        "127.0.0.1 | LOCALHOST | true",
        "127.0.0.1 | 127.0.0.1:65535 | true",
        "0:0:0:0:0:0:0:1 | [::1]:8080 | true",
        "[::1] | [::1] | true",
        "127.0.0.1 | evil.example | false",
        "127.0.0.1 | evil.example:8080 | false",
        "127.8.9.1 | evil.example | false",
        "::1 | evil.example | false",
        "[0:0:0:0:0:0:0:1%lo] | evil.example | false",
        "::ffff:127.0.0.1 | evil.example | false",
        "127.0.0.1 | localhost.evil.example | false",
        "127.0.0.1 | localhost@evil.example | false",
        "127.0.0.1 | 127.0.0.1.evil.example | false",
        "10.0.0.7 | evil.example | true",
        "2001:db8:0:0:0:0:0:1 | evil.example | true",
        "'' | evil.example | true",
      })
  void S17_overLoopbackOnlyItsOwnNamesAreAnswered(String address, String host, boolean admitted) {
    for (Handshake.Kind kind : Handshake.Kind.values()) {
      // The page is of the same origin, since it chose the name.
      Handshake handshake =
          Handshake.builder(kind)
              .header("Host", host)
              .header("Origin", "http://" + host)
              .header("Content-Type", "application/json")
              .localAddress(address.equals("''") ? "" : address)
              .build();
      Answer refusal =
          kind == Handshake.Kind.POST
              ? scene.endpoint.admitPost(handshake).toCompletableFuture().join().refusal()
              : scene.endpoint.admit(handshake).refusal();
      int expected = !admitted ? 403 : kind == Handshake.Kind.POST ? 404 : 200;
      assertEquals(expected, refusal == null ? 200 : refusal.status());
      if (!admitted) {
        assertEquals(
            "Host: expected localhost or 127.0.0.1 or [::1] over loopback, or one that allowedHosts"
                + " or publicOrigin names, got "
                + host,
            Scene.text(refusal));
      }
    }
  }

  @Test
  void S17_aProxyOnTheSameMachineIsNamed() {
    Scene proxied =
        with(
            e ->
                e.allowedHosts("feed.example", "10.1.2.3")
                    .publicOrigin("https://www.example:8443"));
    for (String host : List.of("feed.example", "Feed.Example:8443", "10.1.2.3", "www.example")) {
      assertNull(proxied.endpoint.admit(overLoopback(host)).refusal(), host);
    }
    assertEquals(403, refused(proxied, overLoopback("evil.example")).status());
    assertThrows(IllegalArgumentException.class, () -> with(e -> e.allowedHosts("a.example:80")));
    assertThrows(IllegalArgumentException.class, () -> with(e -> e.allowedHosts("*")));
  }

  @Test
  void S17_whoNamesNoHostIsNoBrowserAndTwoHostsAreNone() {
    Handshake none = Handshake.builder(Handshake.Kind.SSE).localAddress("127.0.0.1").build();
    assertNull(scene.endpoint.admit(none).refusal());
    Handshake two =
        Handshake.builder(Handshake.Kind.SSE)
            .localAddress("127.0.0.1")
            .header("Host", "localhost")
            .header("Host", "evil.example")
            .build();
    assertEquals(403, refused(scene, two).status());
  }

  private static Handshake overLoopback(String host) {
    return Handshake.builder(Handshake.Kind.SSE)
        .header("Host", host)
        .localAddress("127.0.0.1")
        .build();
  }

  // ---- what every answer says

  @Test
  void S38_S39_everyAnswerForbidsSniffingAndStoring() {
    Scene open = with(endpoint -> endpoint.allowedOrigins("https://app.example"));
    List<Answer> answers = new ArrayList<>(answersTo(open, "https://app.example"));
    answers.addAll(answersTo(open, "https://evil.example"));
    Admission stream = open.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    answers.add(new Answer(200, stream.headers(), new byte[0]));
    String id = Objects.requireNonNull(stream.headers().get("EventChannel-Id"));
    open.open(stream, new FakeOutlet(stream.format()));
    answers.add(open.post(id, Scene.up(1, "chat", "hi"))); // 204
    answers.add(open.post(id, Scene.up(2, "eventchannel.gap", "hi"))); // 200 with a refusal
    answers.add(open.post(id, Scene.up(9, "chat", "hi"))); // 409
    answers.add(open.post(id, "<script>".getBytes(UTF_8))); // 400
    for (Answer answer : answers) {
      assertEquals("nosniff", answer.headers().get("X-Content-Type-Options"), "" + answer.status());
      assertTrue(answer.headers().get("Cache-Control").startsWith("no-store"));
      assertEquals("Authorization, Origin", answer.headers().get("Vary"));
    }
    assertEquals("no", stream.headers().get("X-Accel-Buffering"));
  }

  @Test
  void S38_whatARequestSaysComesBackAsNoMarkup() {
    String markup = "<script>alert('x')</script>&\"";
    Scene guarded = with(e -> e.authorizer(h -> Authorization.allow().topics("mine")));
    for (Handshake handshake :
        List.of(
            plain(Handshake.Kind.SSE).query("topic", markup).build(),
            plain(Handshake.Kind.SSE).query("envelope", markup).build(),
            plain(Handshake.Kind.SSE).header("Origin", markup).build(),
            plain(Handshake.Kind.SSE).header("Accept", markup).build(),
            overLoopback(markup),
            plain(Handshake.Kind.POST).header("Content-Type", markup).build(),
            plain(Handshake.Kind.POST)
                .header("Content-Type", "application/json")
                .header("EventChannel-Id", markup)
                .build())) {
      Answer answer = refused(guarded, handshake);
      String all = answer.headers() + Scene.text(answer);
      assertFalse(all.matches("(?s).*[<>&\"'].*"), all);
      assertEquals("text/plain;charset=utf-8", answer.headers().get("Content-Type"));
    }
  }

  @Test
  void S38_whatABadBodySaysComesBackAsNoMarkup() {
    String id = openChannel();
    for (String body :
        List.of(
            "<script>alert('x')</script>&\"",
            "{\"topic\":\"<a>&'\",\"data\":\"\"}",
            "{\"<a>&'\":{},\"data\":\"\"}")) {
      Answer answer = scene.post(id, body.getBytes(UTF_8));
      assertEquals(400, answer.status());
      assertFalse(Scene.text(answer).matches("(?s).*[<>&].*"), Scene.text(answer));
    }
  }

  // ---- lengths

  @Test
  void aHeadThatIsTooLongIsToldTheLimitWhateverItAsksFor() {
    Answer query = refused(scene, plain(Handshake.Kind.SSE).query("x", "y".repeat(20_000)).build());
    assertEquals(414, query.status());
    assertEquals("query: expected at most 17408 characters", Scene.text(query));

    Handshake.Builder many = plain(Handshake.Kind.WEBSOCKET);
    for (int i = 0; i < 1_000; i++) {
      many.header("X-" + i, "y".repeat(70));
    }
    Answer headers = refused(scene, many.build());
    assertEquals(431, headers.status());
    assertEquals("headers: expected at most 65536 characters", Scene.text(headers));
  }

  @Test
  void asManyTopicsAsMayBeNamedFitIntoTheQuery() {
    Scene wide = with(endpoint -> endpoint.maxTopics(500));
    Handshake.Builder many = plain(Handshake.Kind.SSE);
    for (int i = 100; i < 600; i++) {
      many.query("topic", "t".repeat(197) + i);
    }
    assertNull(wide.endpoint.admit(many.build()).refusal());
  }

  // ---- logs

  @Test
  void S35_nothingFromOutsideEndsALineOfTheLogOrFillsIt() {
    String hostile = "canary\r\nFORGED\u001b[31m\u2028\u202e\0" + "x".repeat(10_000);
    List<String> lines = new ArrayList<>();
    Logger ours = Logger.getLogger("io.eventchannel");
    Handler recorder =
        new Handler() {
          @Override
          public void publish(LogRecord logged) {
            lines.add(new SimpleFormatter().formatMessage(logged));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Level before = ours.getLevel();
    ours.setLevel(Level.ALL);
    ours.addHandler(recorder);
    try {
      Scene hosts = with(endpoint -> {});
      refused(hosts, overLoopback(hostile));
      refused(scene, plain(Handshake.Kind.SSE).header("Origin", hostile).build());
      Scene broken =
          with(
              e ->
                  e.authorizer(
                      handshake -> {
                        throw new IllegalStateException("broken");
                      }));
      refused(broken, plain(Handshake.Kind.SSE).remoteAddress(hostile).build());
    } finally {
      ours.removeHandler(recorder);
      ours.setLevel(before);
    }
    assertEquals(3, lines.size(), lines.toString());
    for (String line : lines) {
      assertTrue(line.contains("canary"), line);
      assertLine(line);
    }
  }

  @Test
  void S35_whatAnApplicationLogsOfEventsAndEndsIsOneLine() {
    String hostile = "canary\u001b[31m\u2028\u0085\u202e" + "x".repeat(100_000);
    assertLine(Event.of(hostile, "data").withId(hostile).toString());
    String ends = "canary\r\nFORGED" + hostile;
    assertLine(CloseReason.closeCode(4001, ends).toString());
    assertLine(new Gap(Gap.Reason.SLOW, ends, ends, "u" + ends).toString());
    assertTrue(CloseReason.closeCode(4001, "bye ü€😀").toString().contains("bye ü€😀"));
  }

  private static void assertLine(String line) {
    assertTrue(line.contains("canary"), line);
    assertTrue(line.length() < 1_000, "got " + line.length());
    assertFalse(line.matches("(?s).*[\\p{Cntrl}\u0080-\u009f\u2028\u2029\u202e].*"), line);
  }
}
