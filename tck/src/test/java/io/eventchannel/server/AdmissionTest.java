package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.InMemoryEventLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {
  private final Scene scene = with(endpoint -> {});

  private static Scene with(java.util.function.Consumer<ChannelEndpoint.Builder> options) {
    return new Scene(InMemoryEventLog.create(), feed -> {}, options);
  }

  private Answer refused(Handshake.Kind kind, String... options) {
    return refused(scene, kind, options);
  }

  private static Answer refused(Scene scene, Handshake.Kind kind, String... options) {
    Admission admission = scene.endpoint.admit(Scene.handshake(kind, options));
    Answer refusal = admission.refusal();
    assertNotNull(refusal, "admitted");
    assertEquals("1", refusal.headers().get("EventChannel-Version"));
    assertEquals(0, scene.endpoint.connections());
    return refusal;
  }

  private static boolean isAdmitted(Scene scene, Handshake.Kind kind, String... options) {
    Admission admission = scene.endpoint.admit(Scene.handshake(kind, options));
    admission.cancel();
    return admission.refusal() == null;
  }

  @Test
  void theHeadOfAStreamSaysAllThatOurClientNeeds() {
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));

    assertEquals("text/event-stream", admission.headers().get("Content-Type"));
    assertEquals("no-store, no-transform", admission.headers().get("Cache-Control"));
    assertEquals("no", admission.headers().get("X-Accel-Buffering"));
    assertEquals("1", admission.headers().get("EventChannel-Version"));
    assertEquals("15000", admission.headers().get("EventChannel-Heartbeat"));
    assertEquals("new", admission.headers().get("EventChannel-Resume"));
    assertTrue(admission.headers().get("EventChannel-Id").matches("[0-9A-Za-z]{22}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/event-stream | true",
        "TEXT/Event-Stream; charset=utf-8 | true",
        "*/* | true",
        "text/* | true",
        "application/json, text/event-stream;q=0.1 | true",
        "application/json | false",
        "text/html, application/json | false",
        "text/event-stream;q=0 | false",
        "text/event-stream; q=0.000 | false",
      })
  void SSE_S_16_onlyWhoAcceptsAnEventStreamGetsOne(String accept, boolean admitted) {
    if (admitted) {
      assertTrue(isAdmitted(scene, Handshake.Kind.SSE, "Accept: " + accept));
    } else {
      assertEquals(406, refused(Handshake.Kind.SSE, "Accept: " + accept).status());
    }
  }

  @Test
  void SSE_S_16_headGetsTheHeadAndNoSubscription() {
    Answer head = scene.endpoint.otherMethod("HEAD", Scene.handshake(Handshake.Kind.SSE));

    assertEquals(200, head.status());
    assertEquals("text/event-stream", head.headers().get("Content-Type"));
    assertEquals(0, head.body().length);
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void SSE_S_16_otherMethodsAreToldWhichThereAre() {
    for (String method : List.of("PUT", "DELETE", "PATCH", "TRACE", "get")) {
      Answer answer = scene.endpoint.otherMethod(method, Scene.handshake(Handshake.Kind.SSE));
      assertEquals(405, answer.status());
      assertEquals("GET, HEAD, POST, OPTIONS", answer.headers().get("Allow"));
    }
  }

  @Test
  void SSE_S_16_aPreflightIsAnsweredForOriginsThatAreAllowed() {
    Scene open = with(endpoint -> endpoint.allowedOrigins("https://app.example"));
    Answer yes =
        open.endpoint.otherMethod(
            "OPTIONS", Scene.handshake(Handshake.Kind.SSE, "Origin: https://app.example"));
    assertEquals(204, yes.status());
    assertEquals("https://app.example", yes.headers().get("Access-Control-Allow-Origin"));
    assertEquals("Authorization, Origin", yes.headers().get("Vary"));
    List<String> allowed = List.of(yes.headers().get("Access-Control-Allow-Headers").split(", "));
    for (String ours :
        List.of(
            "EventChannel-Binary", "EventChannel-Id", "EventChannel-Version", "Last-Event-ID")) {
      assertTrue(allowed.contains(ours), ours + " of " + allowed);
    }

    Answer no =
        open.endpoint.otherMethod(
            "OPTIONS", Scene.handshake(Handshake.Kind.SSE, "Origin: https://evil.example"));
    assertEquals(403, no.status());
    assertNull(no.headers().get("Access-Control-Allow-Origin"));
  }

  @Test
  void SSE_S_17_anAllowedPageOfAnotherOriginMayReadTheStream() {
    Scene open = with(endpoint -> endpoint.allowedOrigins("https://app.example"));
    Admission admission =
        open.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "Origin: https://app.example"));

    assertEquals("https://app.example", admission.headers().get("Access-Control-Allow-Origin"));
    assertEquals("true", admission.headers().get("Access-Control-Allow-Credentials"));
    assertEquals("Authorization, Origin", admission.headers().get("Vary"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://example.com | true",
        "http://example.com | true",
        "HTTPS://EXAMPLE.com:443 | true",
        "https://app.example | true",
        "https://app.example:443 | true",
        "http://app.example | false",
        "https://app.example.evil | false",
        "https://app.example:8443 | false",
        "https://example.com.evil.example | false",
        "https://evil-example.com | false",
        "https://user@example.com | false",
        "https://example.com/ | false",
        "https://example.com:80x | false",
        "https://example.com: | false",
        "null | false",
        "file:// | false",
        "https://evil.example, https://example.com | false",
      })
  void S15_aPageConnectsFromTheSameOriginOrAListedOne(String origin, boolean admitted) {
    Scene listed = with(endpoint -> endpoint.allowedOrigins("https://app.example"));
    for (Handshake.Kind kind : List.of(Handshake.Kind.SSE, Handshake.Kind.WEBSOCKET)) {
      if (admitted) {
        assertTrue(isAdmitted(listed, kind, "Origin: " + origin));
      } else {
        assertEquals(403, refused(listed, kind, "Origin: " + origin).status());
      }
    }
  }

  @Test
  void S15_aLetterThatBecomesAnotherInLowerCaseIsNotThatOne() {
    Scene listed = with(endpoint -> endpoint.allowedOrigins("https://kiosk.example"));
    assertTrue(isAdmitted(listed, Handshake.Kind.SSE, "Origin: https://KIOSK.example"));
    String kelvin = "Origin: https://\u212Aiosk.example";
    assertEquals(403, refused(listed, Handshake.Kind.SSE, kelvin).status());
  }

  @Test
  void S15_twoOriginsAreNone() {
    String[] two = {"Origin: https://example.com", "Origin: https://evil.example"};
    assertEquals(403, refused(Handshake.Kind.WEBSOCKET, two).status());
  }

  @Test
  void WS_19_aSocketOfAForeignPageIsRefusedByDefault() {
    String foreign = "Origin: https://evil.example";
    assertEquals(403, refused(Handshake.Kind.WEBSOCKET, foreign).status());
    assertTrue(isAdmitted(scene, Handshake.Kind.WEBSOCKET)); // a native client names no origin
  }

  @Test
  void S15_withoutOriginOnlyWhoIsNoPageConnects() {
    assertTrue(isAdmitted(scene, Handshake.Kind.SSE, "Sec-Fetch-Site: same-origin", "Cookie: a=b"));
    assertTrue(isAdmitted(scene, Handshake.Kind.WEBSOCKET, "Authorization: Bearer x"));
    assertEquals(403, refused(Handshake.Kind.SSE, "Sec-Fetch-Site: cross-site").status());
    assertEquals(403, refused(Handshake.Kind.WEBSOCKET, "Cookie: a=b").status());
  }

  @Test
  void S15_behindAProxyThePublicOriginCounts() {
    Scene proxied = with(endpoint -> endpoint.publicOrigin("https://www.example.org"));

    assertTrue(isAdmitted(proxied, Handshake.Kind.SSE, "Origin: https://www.example.org"));
    assertEquals(403, refused(proxied, Handshake.Kind.SSE, "Origin: https://example.com").status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "ü", "a\nb", "<a>"})
  void aMalformedTopicIs400(String topic) {
    Answer answer = refused(Handshake.Kind.SSE, "topic=" + topic);
    assertEquals(400, answer.status());
    assertTrue(Scene.text(answer).startsWith("topic: expected"));
  }

  @Test
  void tooManyTopicsAre400AndNameTheLimit() {
    String[] topics = new String[65];
    for (int i = 0; i < topics.length; i++) {
      topics[i] = "topic=t" + i;
    }
    Answer answer = refused(Handshake.Kind.SSE, topics);
    assertEquals(400, answer.status());
    assertEquals("topic: expected at most 64, got 65", Scene.text(answer));
  }

  @Test
  void S09_aForbiddenTopicAndOneThatIsAbsentGetTheSameAnswer() {
    Scene guarded = with(e -> e.authorizer(handshake -> Authorization.allow().topics("mine")));
    guarded.publish("secret", "x");
    Answer forbidden = refused(guarded, Handshake.Kind.SSE, "topic=mine", "topic=secret");
    Answer absent = refused(guarded, Handshake.Kind.SSE, "topic=mine", "topic=nobody");

    assertEquals(403, forbidden.status());
    assertEquals(absent.status(), forbidden.status());
    assertEquals(absent.headers(), forbidden.headers());
    assertEquals(Scene.text(absent), Scene.text(forbidden));
    assertFalse(Scene.text(forbidden).contains("secret"));
  }

  @Test
  void S10_replayShowsNoMoreThanLiveDeliveryDoes() {
    Scene guarded = with(e -> e.authorizer(handshake -> Authorization.allow().topics("mine")));
    String first = guarded.publish("mine", "1");
    guarded.publish("secret", "2");
    FakeOutlet stream = guarded.sse("Last-Event-ID: " + first);
    guarded.publish("secret", "3");
    guarded.publish("mine", "4");
    guarded.run();

    assertEquals(List.of("4"), SubscriptionTest.data(stream));
  }

  @ParameterizedTest
  @CsvSource({"401", "403", "404"})
  void SSE_S_18_aRefusalComesBeforeTheStream(int status) {
    Scene guarded = with(e -> e.authorizer(handshake -> Authorization.refuse(status, "not you")));
    Answer answer = refused(guarded, Handshake.Kind.SSE);

    assertEquals(status, answer.status());
    assertEquals("not you", Scene.text(answer));
  }

  @Test
  void S36_anAuthorizerThatFailsTellsNobodyWhy() {
    Scene broken =
        with(
            endpoint ->
                endpoint.authorizer(
                    handshake -> {
                      throw new IllegalStateException("jdbc:secret");
                    }));
    Answer answer = refused(broken, Handshake.Kind.WEBSOCKET);

    assertEquals(500, answer.status());
    assertEquals("the authorizer failed", Scene.text(answer));
  }

  @Test
  void S42_anInterruptThatAnAuthorizerLeavesBehindGoesNoFurther() {
    Scene interrupting =
        with(
            endpoint ->
                endpoint.authorizer(
                    handshake -> {
                      Thread.currentThread().interrupt();
                      return Authorization.allow();
                    }));
    Handshake handshake = Scene.handshake(Handshake.Kind.WEBSOCKET);
    assertNull(interrupting.endpoint.admit(handshake).refusal());
    assertFalse(Thread.interrupted(), "the thread is the container's");

    Thread.currentThread().interrupt(); // that of a container which stops stays
    assertNull(interrupting.endpoint.admit(handshake).refusal());
    assertTrue(Thread.interrupted());
  }

  @Test
  void aFullEndpointAsksToComeBackEachInTheWayItUnderstands() {
    Scene small = with(endpoint -> endpoint.maxConnections(1));
    FakeOutlet first = small.sse();

    Admission socket = small.endpoint.admit(Scene.handshake(Handshake.Kind.WEBSOCKET));
    assertEquals(503, socket.refusal().status());
    assertTrue(Integer.parseInt(socket.refusal().headers().get("Retry-After")) >= 2);
    Admission ours =
        small.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "EventChannel-Version: 1"));
    assertEquals(503, ours.refusal().status());
    Answer plain = small.endpoint.admit(Scene.handshake(Handshake.Kind.SSE)).refusal();
    assertEquals(200, plain.status());
    assertEquals("text/event-stream", plain.headers().get("Content-Type"));
    assertTrue(Scene.text(plain).matches("(?s)retry: \\d+\n\nevent: eventchannel.goodbye\n.*"));

    first.listener.closed(
        io.eventchannel.CloseReason.of(io.eventchannel.CloseReason.Kind.NETWORK, "gone"));
    small.run();
    assertTrue(isAdmitted(small, Handshake.Kind.WEBSOCKET));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "eventchannel.v1.json | eventchannel.v1.json | JSON",
        "eventchannel.v1.json, eventchannel.v1.bytes | eventchannel.v1.bytes | BYTES",
        "chat, eventchannel.v1.json | eventchannel.v1.json | JSON",
        "chat, EVENTCHANNEL.V1.JSON | | JSON",
        "eventchannel.v2.json | | JSON",
      })
  void WS_02_theServerPicksTheFirstOfItsOwnAmongTheOffered(
      String offered, String selected, WireFormat format) {
    Admission admission =
        scene.endpoint.admit(
            Scene.handshake(Handshake.Kind.WEBSOCKET, "Sec-WebSocket-Protocol: " + offered));

    assertEquals(selected, admission.subprotocol());
    assertEquals(format, admission.format());
  }

  @Test
  void anOptionWithAnUnknownValueIs400() {
    assertEquals(400, refused(Handshake.Kind.SSE, "envelope=xml").status());
    assertEquals(400, refused(Handshake.Kind.SSE, "binary=hex").status());
    assertEquals(400, refused(Handshake.Kind.SSE, "EventChannel-Binary: hex").status());
  }

  @Test
  void theFormIsWhatWasAskedFor() {
    assertEquals(
        WireFormat.SSE_ENVELOPE,
        scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "envelope=json")).format());
    assertEquals(
        WireFormat.SSE_BASE64,
        scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "binary=base64")).format());
    assertEquals(
        WireFormat.SSE_BASE64,
        scene
            .endpoint
            .admit(Scene.handshake(Handshake.Kind.SSE, "EventChannel-Binary: base64"))
            .format());
    assertEquals(
        WireFormat.SSE, scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE)).format());
  }

  @Test
  void SSE_S_14_theHeaderWinsOverTheQueryAndEmptyIsNone() {
    String first = scene.publish("a", "1");
    String second = scene.publish("a", "2");

    assertEquals(
        List.of("2"),
        SubscriptionTest.data(scene.sse("Last-Event-ID: " + first, "lastEventId=" + second)));
    assertEquals(List.of("2"), SubscriptionTest.data(scene.sse("lastEventId=" + first)));
    assertEquals(List.of("2"), SubscriptionTest.data(scene.sse("last_event_id=" + first)));
    FakeOutlet empty = scene.sse("Last-Event-ID: ");
    assertEquals(List.of("retry 2000", "eventchannel.position " + second), empty.taken());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "../../etc/passwd",
        "-1",
        "e-18446744073709551616",
        "e--1",
        "e-01",
        "\u00c3\u00a9-1",
        "\u00c3"
      })
  void S07_aPositionThatIsNoneIsAGapAndThenTheHead(String id) {
    String head = scene.publish("a", "1");
    FakeOutlet stream = scene.sse("Last-Event-ID: " + id);

    assertEquals(
        List.of("retry 2000", "eventchannel.gap " + head + " {\"reason\":\"unknown\"}"),
        stream.taken());
    String next = scene.publish("a", "2");
    scene.run();
    assertEquals(List.of("tick " + next + " 2"), stream.taken());
  }

  @Test
  void S07_anyPositionAtAllIsAnsweredWithAStream() {
    String head = scene.publish("a", "1");
    Random random = new Random(20260101);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      String id = new String(bytes, StandardCharsets.ISO_8859_1);
      FakeOutlet stream =
          scene.connect(Handshake.Kind.SSE, "Last-Event-ID: " + (id.isEmpty() ? "x" : id));
      List<String> said = stream.taken();
      assertEquals(2, said.size(), () -> "for " + id);
      assertTrue(said.get(1).startsWith("eventchannel.gap " + head), () -> "for " + id);
    }
    FakeOutlet huge = scene.sse("Last-Event-ID: " + "9".repeat(100_000));
    assertTrue(huge.taken().get(1).startsWith("eventchannel.gap"));
  }

  @Test
  void aPositionOfTheFutureIsUnknown() {
    String head = scene.publish("a", "1");
    String epoch = head.substring(0, head.indexOf('-'));
    FakeOutlet stream = scene.sse("Last-Event-ID: " + epoch + "-999999");

    assertEquals("eventchannel.gap " + head + " {\"reason\":\"unknown\"}", stream.taken().get(1));
  }

  @Test
  void helloComesToThoseWhoAskOrSpeakOurProtocol() {
    assertEquals("eventchannel.position", scene.webSocket().events().get(0).type());
    for (FakeOutlet ours :
        List.of(
            scene.webSocket("Sec-WebSocket-Protocol: eventchannel.v1.bytes"),
            scene.webSocket("EventChannel-Version: 1"),
            scene.webSocket("hello=1"),
            scene.sse("hello=1"))) {
      assertEquals("eventchannel.hello", ours.events().get(0).type());
      assertTrue(
          ours.events()
              .get(0)
              .data()
              .matches(
                  "\\{\"channel\":\"[0-9A-Za-z]{22}\",\"heartbeat\":15000,\"ack\":0,\"attached\":false,"
                      + "\"binary\":(true|false)}"));
    }
    assertEquals(
        "eventchannel.position", scene.sse("EventChannel-Version: 1").events().get(0).type());
  }

  @Test
  void SSE_S_24_paddingComesFirst() {
    FakeOutlet padded = scene.sse("padding=true");
    assertEquals("comment", padded.taken().get(0));
    assertTrue(padded.batches().get(0).size() > 2048);
  }

  @Test
  void anAdmissionIsUsedOnce() {
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    assertEquals(1, scene.endpoint.connections());
    admission.cancel();
    admission.cancel();
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void INV_15_anAdmissionThatNothingComesOfGivesItsPlaceBack() {
    Admission lost = scene.endpoint.admit(Scene.handshake(Handshake.Kind.WEBSOCKET));
    FakeOutlet opened = scene.webSocket();
    scene.pass(Duration.ofSeconds(9));
    assertEquals(2, scene.endpoint.connections());
    scene.pass(Duration.ofSeconds(2));
    assertEquals(1, scene.endpoint.connections());
    assertEquals(0, opened.closeCode);

    FakeOutlet late = scene.open(lost, new FakeOutlet(lost.format()));
    scene.run();
    assertTrue(late.aborted);
    assertEquals(1, scene.endpoint.connections());
    lost.cancel();
    assertEquals(1, scene.endpoint.connections());
  }

  @Test
  void INV_15_aPrincipalThatFailsKeepsNoPlace() {
    Handshake handshake =
        Handshake.builder(Handshake.Kind.SSE)
            .header("Host", "example.com")
            .principal(
                () -> {
                  throw new IllegalStateException("logged out");
                })
            .build();

    assertEquals(500, scene.endpoint.admit(handshake).refusal().status());
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void S38_noAnswerIsTakenForSomethingElseByItsContent() {
    Admission stream = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    assertEquals("nosniff", stream.headers().get("X-Content-Type-Options"));
    stream.cancel();
    Answer head = scene.endpoint.otherMethod("HEAD", Scene.handshake(Handshake.Kind.SSE));
    assertEquals("nosniff", head.headers().get("X-Content-Type-Options"));
    Answer refusal = refused(Handshake.Kind.SSE, "topic=<a>");
    assertEquals("nosniff", refusal.headers().get("X-Content-Type-Options"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "example.com | https://example.com | true",
        "example.com | https://EXAMPLE.com:443 | true",
        "example.com:443 | https://example.com | true",
        "example.com:8443 | https://example.com:8443 | true",
        "example.com | https://example.com:8443 | false",
        "[2001:DB8::1]:8443 | https://[2001:db8::1]:8443 | true",
        "[2001:db8::1] | https://[2001:db8::1]:443 | true",
        "[2001:db8::1] | https://[2001:db8::2] | false",
        // A page that came in the clear is of another origin: whoever sits on the wire wrote it.
        "example.com | http://example.com | false",
        "example.com:80 | http://example.com | false",
      })
  void S15_overTlsTheSameOriginIsOneOfHttps(String host, String origin, boolean admitted) {
    Handshake handshake =
        Handshake.builder(Handshake.Kind.WEBSOCKET)
            .header("Host", host)
            .header("Origin", origin)
            .secure(true)
            .build();
    Answer refusal = scene.endpoint.admit(handshake).refusal();
    assertEquals(admitted, refusal == null);
    assertTrue(refusal == null || refusal.status() == 403);
  }

  @Test
  void S15_twoHostsAreNone() {
    Handshake handshake =
        Handshake.builder(Handshake.Kind.WEBSOCKET)
            .header("Host", "example.com")
            .header("Host", "evil.example")
            .header("Origin", "https://evil.example")
            .build();
    assertEquals(403, scene.endpoint.admit(handshake).refusal().status());
  }
}
