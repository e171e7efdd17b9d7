package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Gap;
import io.eventchannel.Receipt;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The SSE transport against a server that says what the standard allows, and what it does not. */
class SseTransportTest {
  @Test
  void SSE_C_01_theRequestAsksForAnEventStreamAndNothingElse() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection
          .acceptEventStream()
          .expectHeader("Accept", "text/event-stream")
          .expectHeader("Cache-Control", "no-cache")
          .expectHeader("Accept-Encoding", "identity")
          .expectHeader("EventChannel-Version", "1")
          .expectNoHeader("Last-Event-ID")
          .expectNoHeader("EventChannel-Id");
      assertEquals("GET", harness.server.takeRequest().method());
    }
  }

  @Test
  void SSE_C_02_openIsToldBeforeTheFirstEvent() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream();
      EventChannel channel = harness.listener.takeOpen();
      assertEquals("sse", channel.transport());
      connection.write("event: tick\nid: 1\ndata: a\n\n");
      assertEquals(Event.of("tick", "a").withId("1"), harness.listener.takeEvent());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/event-stream",
        "TEXT/Event-Stream",
        "text/event-stream;charset=utf-8",
        "text/event-stream ; charset=iso-8859-1; x=y",
        "text/event-stream;"
      })
  void SSE_C_03_theTypeIsComparedInAnyCaseAndWithAnyParameters(String type) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.readRequest();
      connection.respond(200, "data: ü\n\n", "Content-Type: " + type);
      harness.listener.takeOpen();
      assertEquals("ü", harness.listener.takeEvent().data());
    }
  }

  @Test
  void SSE_C_04_theStreamIsUtf8WhateverTheCharsetSays() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.readRequest();
      connection.respond(
          200, "data: €\n\n", "Content-Type: text/event-stream;charset=windows-1252");
      harness.listener.takeOpen();
      assertEquals("€", harness.listener.takeEvent().data());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/html", "text/event-streams", "application/json"})
  void SSE_C_05_anotherTypeEndsAChannelThatWasNeverOpen(String type) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.readRequest();
      connection.respond(200, "data: x\n\n", "Content-Type: " + type);
      assertEquals(Kind.CONTENT_TYPE, harness.listener.takeClosed().kind());
      harness.listener.assertSilence();
    }
  }

  @Test
  void F45_aCaptivePortalIsAFailedAttemptOnceTheChannelWasOpen() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(c -> c.acceptEventStream())
          .onConnection(
              c -> {
                c.readRequest();
                c.respond(200, "<html>pay", "Content-Type: text/html", "Connection: close");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.awaitEnd();
              });
      harness.open();
      harness.listener.takeOpen();
      assertEquals(Kind.END_OF_STREAM, harness.listener.takeConnectionLost().reason().kind());
      assertEquals(Kind.CONTENT_TYPE, harness.listener.takeConnectionLost().reason().kind());
      harness.listener.takeOpen();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 404, 410, 413, 409, 204, 201, 206})
  void F45_finalStatusesEndTheChannel(int status) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.readRequest();
      connection.respond(status, "", "Content-Type: text/event-stream");
      assertEquals(status, harness.listener.takeClosed().code());
      assertEquals(1, harness.server.connectionCount());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {425, 429, 500, 502, 504})
  void F45_passingStatusesAreTriedAgain(int status) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(
              c -> {
                c.readRequest();
                c.respond(status, "", "Connection: close");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.awaitEnd();
              });
      harness.open();
      assertEquals(status, harness.listener.takeConnectionLost().reason().code());
      harness.listener.takeOpen();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "%DATE%"})
  void SSE_C_22_retryAfterIsTheLeastDelay(String value) throws Exception {
    String header =
        value.equals("1")
            ? "1"
            : java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME.format(
                java.time.ZonedDateTime.now(java.time.ZoneOffset.UTC).plusSeconds(3));
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.readRequest();
      connection.respond(503, "", "Retry-After: " + header);
      ConnectionLost lost = harness.listener.takeConnectionLost();
      assertTrue(lost.retryDelay().compareTo(Duration.ofMillis(1000)) >= 0, lost.toString());
    }
  }

  @Test
  void SSE_C_13_theLastCommittedIdIsSent() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("id: 1\ndata: a\n\nid: 2\n\nid: 3\ndata: never finished\n");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("data: b\n\n");
                c.awaitEnd();
              });
      harness.open();
      harness.server.takeRequest();
      harness.server.takeRequest().expectHeader("Last-Event-ID", "2");
      harness.listener.takeOpen();
      assertEquals("a", harness.listener.takeEvent().data());
      harness.listener.takeConnectionLost();
      harness.listener.takeOpen();
      assertEquals("2", harness.listener.takeEvent().id()); // carried over
    }
  }

  @Test
  void SSE_C_14_anIdTravelsAsUtf8AndOneWithControlsIsLeftOut() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("id: ü-€\ndata: a\n\n");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("id: a\u0001b\ndata: b\n\n");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.awaitEnd();
              });
      harness.open();
      harness.server.takeRequest();
      // The scripted server reads a head as Latin-1, one character for each byte.
      String utf8 = new String("ü-€".getBytes("UTF-8"), "ISO-8859-1");
      harness.server.takeRequest().expectHeader("Last-Event-ID", utf8);
      harness.server.takeRequest().expectNoHeader("Last-Event-ID");
    }
  }

  @Test
  void SSE_C_15_anEmptyIdTakesTheHeaderBack() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("id: 1\ndata: a\n\nid\ndata: b\n\n");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.awaitEnd();
              });
      harness.open();
      harness.server.takeRequest();
      harness.server.takeRequest().expectNoHeader("Last-Event-ID");
      harness.listener.takeOpen();
      assertEquals("1", harness.listener.takeEvent().id());
      assertNull(harness.listener.takeEvent().id());
    }
  }

  @Test
  void SSE_C_30_theCallersFirstIdIsSentAndAttachedToEvents() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.openAfter("start");
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream().expectHeader("Last-Event-ID", "start");
      connection.write("data: a\n\n");
      harness.listener.takeOpen();
      assertEquals("start", harness.listener.takeEvent().id());
    }
  }

  @Test
  void SSE_C_31_theCallersHeadersGoWithEveryAttempt() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse(s -> s.header("X-Client", "c"))) {
      harness
          .server
          .onConnection(c -> c.acceptEventStream())
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.awaitEnd();
              });
      harness.client.open(
          ChannelRequest.builder(harness.url()).header("Authorization", "secret").build(),
          harness.listener);
      for (int i = 0; i < 2; i++) {
        harness
            .server
            .takeRequest()
            .expectHeader("X-Client", "c")
            .expectHeader("Authorization", "secret");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void SSE_C_08_redirectsAreFollowedAndReconnectsBeginAtTheOriginalUrl(int status)
      throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(
              c -> {
                c.readRequest();
                c.respond(status, "", "Location: other?a=b", "Connection: close");
              })
          .onConnection(c -> c.acceptEventStream())
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.awaitEnd();
              });
      harness.client.open(
          ChannelRequest.builder(harness.url()).header("Authorization", "secret").build(),
          harness.listener);
      assertEquals("/feed", harness.server.takeRequest().target());
      harness.server.takeRequest().expectHeader("Authorization", "secret"); // the same origin
      assertEquals("/feed", harness.server.takeRequest().target()); // SSE-C-32
    }
  }

  @Test
  void SSE_C_09_aRedirectLoopEnds() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.server.onEveryConnection(
          c -> {
            c.readRequest();
            c.respond(302, "", "Location: /feed", "Connection: close");
          });
      harness.open();
      assertEquals(302, harness.listener.takeClosed().code());
      assertEquals(6, harness.server.connectionCount());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Location: ", "X-No: location", "Location: ftp://example.com/"})
  void F46_aRedirectToNowhereEndsTheChannel(String header) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.readRequest();
      connection.respond(302, "", header);
      assertEquals(302, harness.listener.takeClosed().code());
    }
  }

  @Test
  void SSE_C_10_toAnotherOriginNothingOfTheCallersGoesAlong() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse();
        OkHttpHarness elsewhere = OkHttpHarness.overSse()) {
      harness.server.onConnection(
          c -> {
            c.readRequest();
            c.respond(307, "", "Location: " + elsewhere.url(), "Connection: close");
          });
      harness.client.open(
          ChannelRequest.builder(harness.url())
              .header("Authorization", "secret")
              .header("X-Key", "secret")
              .lastEventId("e-1")
              .build(),
          harness.listener);
      RawConnection connection = elsewhere.server.accept();
      connection
          .acceptEventStream()
          .expectNoHeader("Authorization")
          .expectNoHeader("X-Key")
          .expectNoHeader("Last-Event-ID")
          .expectNoHeader("EventChannel-Id")
          .expectHeader("Accept", "text/event-stream");
      harness.listener.takeOpen();
      Gap gap = harness.listener.takeGap(); // nobody there knows where the channel stood
      assertEquals(Gap.Reason.UNKNOWN, gap.reason());
      assertEquals("e-1", gap.missedAfter());
    }
  }

  @Test
  void SSE_C_12_aCutChunkLeadsToAReconnectAndLeavesNothingBehind() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(
              c -> {
                c.readRequest();
                c.write(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n");
                c.write("14\r\ndata: half an event, \r\nff\r\ncut");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("data: whole\n\n");
                c.awaitEnd();
              });
      harness.open();
      harness.listener.takeOpen();
      assertEquals(Kind.NETWORK, harness.listener.takeConnectionLost().reason().kind());
      harness.listener.takeOpen();
      assertEquals("whole", harness.listener.takeEvent().data());
    }
  }

  @Test
  void SSE_C_19_aServerThatHangsUpIsAskedAgain() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(c -> c.reset())
          .onConnection(c -> c.readRequest())
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.awaitEnd();
              });
      harness.open();
      harness.listener.skipTo(io.eventchannel.tck.RecordingListener.Opened.class);
    }
  }

  @Test
  void SSE_C_25_anEventIsToldWhenItsBlankLineIsInAlsoForALoneCr() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream();
      harness.listener.takeOpen();
      connection.write("data: a\r\r");
      assertEquals("a", harness.listener.takeEvent().data());
      connection.write("data: b\r\n\r");
      assertEquals("b", harness.listener.takeEvent().data());
      connection.write("\ndata: c\n\n");
      assertEquals("c", harness.listener.takeEvent().data());
    }
  }

  @Test
  void SSE_C_27_closeWorksInAnyStateAndNothingFollows() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      EventChannel connecting = harness.open();
      RawConnection silent = harness.server.accept();
      silent.readRequest();
      connecting.close();
      silent.awaitEnd();
      assertEquals(Kind.LOCAL, harness.listener.takeClosed().kind());

      EventChannel open = harness.open();
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream();
      harness.listener.takeOpen();
      open.close();
      stream.awaitEnd();
      assertEquals(Kind.LOCAL, harness.listener.takeClosed().kind());
      harness.listener.assertSilence();
    }
  }

  @Test
  void WS_04_theCodeOfAnApplicationIsToldHereAndTheStreamJustEnds() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      EventChannel channel = harness.open();
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream("EventChannel-Version: 1", "EventChannel-Id: c1");
      harness.listener.takeOpen();
      channel.close(4001, "bye");
      stream.awaitEnd();
      assertEquals(CloseReason.local(4001, "bye"), harness.listener.takeClosed());
      harness.listener.assertSilence();
      assertEquals(1, harness.server.connectionCount(), "nothing is posted");
    }
  }

  @Test
  void F12_aServerThatAcceptsAndSaysNothingTimesOut() throws Exception {
    try (OkHttpHarness harness =
        OkHttpHarness.overSse(s -> s.connectTimeout(Duration.ofMillis(200)))) {
      harness.open();
      RawConnection silent = harness.server.accept();
      assertEquals(Kind.CONNECT_TIMEOUT, harness.listener.takeConnectionLost().reason().kind());
      silent.awaitEnd();
    }
  }

  @Test
  void anEventOverTheLimitEndsTheChannelForGood() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse(s -> s.maxEventBytes(1000))) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream();
      connection.write("data: " + "x".repeat(2000));
      harness.listener.takeOpen();
      assertEquals(Kind.LIMIT, harness.listener.takeClosed().kind());
      assertEquals(1, harness.server.connectionCount());
    }
  }

  @Test
  void aCompressedAnswerThatNobodyAskedForIsAClearError() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream("Content-Encoding: gzip");
      String text = harness.listener.takeConnectionLost().reason().text();
      assertEquals("Content-Encoding: expected identity, as asked for, got gzip", text);
    }
  }

  @Test
  void SSE_C_35_eventsNamedLikeCallbacksAreEvents() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream();
      harness.listener.takeOpen();
      for (String name : List.of("open", "error", "close")) {
        connection.write("event: " + name + "\ndata: x\n\n");
        assertEquals(name, harness.listener.takeEvent().type());
      }
    }
  }

  @Test
  void whatIsSentGoesByPostToTheStreamsUrl() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse(s -> s.header("Authorization", "me"))) {
      EventChannel channel = harness.open();
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream(
          "EventChannel-Version: 1", "EventChannel-Id: c-1", "EventChannel-Heartbeat: 15000");
      harness.listener.takeOpen();
      assertEquals("c-1", channel.id());
      CompletableFuture<Receipt> first = channel.send(Event.of("chat", "hi")).toCompletableFuture();
      RawConnection post = harness.server.accept();
      var request = post.readRequest();
      assertEquals("POST", request.method());
      request
          .expectHeader("EventChannel-Id", "c-1")
          .expectHeader("EventChannel-Version", "1")
          .expectHeader("Authorization", "me")
          .expectHeader("Content-Type", "application/x-ndjson");
      assertEquals("{\"seq\":1,\"event\":\"chat\",\"data\":\"hi\"}\n", request.body());
      // While one POST is in flight, the next two wait, and go together.
      CompletableFuture<Receipt> second = channel.send(Event.message("b")).toCompletableFuture();
      CompletableFuture<Receipt> third = channel.send(Event.message("c")).toCompletableFuture();
      post.respond(204, "", "EventChannel-Ack: 1");
      first.get(10, TimeUnit.SECONDS);
      assertEquals(
          "{\"seq\":2,\"data\":\"b\"}\n{\"seq\":3,\"data\":\"c\"}\n", post.readRequest().body());
      post.respond(
          200,
          "{\"event\":\"eventchannel.refused\",\"data\":\"{\\\"seq\\\":2,\\\"reason\\\":\\\"no\\\"}\"}\n",
          "EventChannel-Ack: 3");
      third.get(10, TimeUnit.SECONDS);
      assertEquals(
          "no", second.handle((ok, error) -> error.getMessage()).get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void tenStreamsToOneHostAreOpenAtOnce() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      for (int i = 0; i < 10; i++) {
        harness.open();
      }
      for (int i = 0; i < 10; i++) {
        harness.server.accept().acceptEventStream();
      }
      for (int i = 0; i < 10; i++) {
        harness.listener.takeOpen();
      }
    }
  }

  @Test
  void aSlowListenerStopsTheReadingAndLosesNothing() throws Exception {
    int events = 20_000;
    CountDownLatch go = new CountDownLatch(1);
    try (OkHttpHarness harness = OkHttpHarness.overSse(s -> s.inboundQueue(64, 1 << 20))) {
      harness.listener.reacting(
          call -> {
            try {
              go.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      harness.server.onConnection(
          c -> {
            c.acceptEventStream();
            for (int i = 1; i <= events; i++) {
              c.write("id: " + i + "\ndata: " + "x".repeat(200) + "\n\n");
              if (i == 500) {
                go.countDown();
              }
            }
            c.awaitEnd();
          });
      harness.open();
      harness.listener.takeOpen();
      for (int i = 1; i <= events; i++) {
        assertEquals(String.valueOf(i), harness.listener.takeEvent().id());
      }
    }
  }

  @Test
  void threadsAreDaemonsAndTheCallersClientGoesOn() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket();
      harness.listener.takeOpen();
      Map<Thread, StackTraceElement[]> threads = Thread.getAllStackTraces();
      for (Thread thread : threads.keySet()) {
        if (thread.getName().startsWith("eventchannel") || thread.getName().startsWith("OkHttp")) {
          assertTrue(thread.isDaemon(), thread.getName());
        }
      }
      harness.client.close();
      assertTrue(!harness.okHttp.dispatcher().executorService().isShutdown());
      assertEquals(64, harness.okHttp.dispatcher().getMaxRequests());
    }
  }
}
