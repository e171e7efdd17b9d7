package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Capability;
import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.OutboxFullException;
import io.eventchannel.Receipt;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RawFrames.Frame;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.RecordingListener.Opened;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The WebSocket transport against a server that says every frame, right or wrong. */
class WebSocketTransportTest {
  private static final String[] OURS = {
    "EventChannel-Version: 1", "Sec-WebSocket-Protocol: eventchannel.v1.bytes"
  };
  private static final String HELLO =
      "{\"event\":\"eventchannel.hello\",\"data\":\"{\\\"channel\\\":\\\"c-1\\\","
          + "\\\"heartbeat\\\":15000,\\\"ack\\\":0,\\\"binary\\\":true}\"}\n";

  private static Frame envelopes(String lines) {
    return RawFrames.binary(lines.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void WS_18_thePositionTravelsInTheQueryTooAndMovesWithEveryEvent() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      harness.open();
      RawConnection first = harness.server.accept();
      assertEquals("/feed", first.acceptWebSocket(OURS).target());
      first.write(
          envelopes(HELLO + "{\"id\":\"e-1\",\"data\":\"1\"}\n{\"id\":\"e-2\",\"data\":\"2\"}\n"));
      harness.listener.takeOpen();
      harness.listener.takeEvents(2);
      first.reset();
      RawConnection second = harness.server.accept();
      assertEquals("/feed?lastEventId=e-2", second.acceptWebSocket(OURS).target());
    }
  }

  @Test
  void theHandshakeOffersOurSubprotocolsAndThePosition() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      harness.openAfter("e 1");
      RawConnection connection = harness.server.accept();
      var request =
          connection
              .acceptWebSocket(OURS)
              .expectHeader("Sec-WebSocket-Protocol", "eventchannel.v1.bytes, eventchannel.v1.json")
              .expectHeader("EventChannel-Version", "1")
              .expectHeader("Last-Event-ID", "e 1");
      assertEquals("/feed?lastEventId=e%201", request.target());
    }
  }

  @Test
  void aServerOfOursIsOpenAtHelloAndSpeaksEnvelopes() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      EventChannel channel = harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket(OURS);
      connection.write(
          envelopes(
              HELLO
                  + "{\"event\":\"eventchannel.position\",\"id\":\"e-0\",\"data\":\"\"}\n"
                  + "{\"id\":\"e-1\",\"event\":\"tick\",\"topic\":\"prices\",\"data\":\"ü\"}\n"));
      harness.listener.takeOpen();
      assertEquals("c-1", channel.id());
      assertEquals(
          Event.of("tick", "ü").withTopic("prices").withId("e-1"), harness.listener.takeEvent());
      ByteArrayOutputStream binary = new ByteArrayOutputStream();
      binary.write("{\"id\":\"e-2\",\"bytes\":3}\n".getBytes(StandardCharsets.UTF_8));
      binary.write(new byte[] {1, '\n', 3, '\n'});
      connection.write(RawFrames.binary(binary.toByteArray()));
      assertArrayEquals(new byte[] {1, '\n', 3}, harness.listener.takeEvent().bytes());
      assertTrue(channel.supports(Capability.RESUME));
    }
  }

  @Test
  void whatIsSentIsAcknowledgedOrRefusedByNumber() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      EventChannel channel = harness.open();
      // Sent before there is a connection: it waits for the first one.
      CompletableFuture<Receipt> first = channel.send(Event.message("a")).toCompletableFuture();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket(OURS);
      connection.write(envelopes(HELLO));
      harness.listener.takeOpen();
      CompletableFuture<Receipt> second = channel.send(Event.message("b")).toCompletableFuture();
      assertEquals("{\"seq\":1,\"data\":\"a\"}\n", connection.readFrame().text());
      assertEquals("{\"seq\":2,\"data\":\"b\"}\n", connection.readFrame().text());
      connection.write(
          envelopes(
              "{\"event\":\"eventchannel.refused\",\"data\":\"{\\\"seq\\\":1,\\\"reason\\\":\\\"no\\\"}\"}\n"
                  + "{\"event\":\"eventchannel.ack\",\"data\":\"{\\\"seq\\\":2}\"}\n"));
      second.get(10, TimeUnit.SECONDS);
      assertEquals("no", first.handle((ok, e) -> e.getMessage()).get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void aForeignServersFramesAreMessages() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      EventChannel channel = harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket();
      harness.listener.takeOpen();
      connection.write(RawFrames.text("{\"not\":\"ours\"}"));
      assertEquals(Event.message("{\"not\":\"ours\"}"), harness.listener.takeEvent());
      CompletableFuture<Receipt> sent = channel.send(Event.message("hi")).toCompletableFuture();
      assertEquals("hi", connection.readFrame().text());
      sent.get(10, TimeUnit.SECONDS); // nobody acknowledges there
    }
  }

  @Test
  void WS_01_aSubprotocolThatNobodyOfferedFailsTheConnection() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket("Sec-WebSocket-Protocol: chat");
      ConnectionLost lost = harness.listener.takeConnectionLost();
      assertEquals(Kind.BAD_HANDSHAKE, lost.reason().kind());
      assertTrue(lost.reason().text().contains("chat"), lost.toString());
      connection.awaitEnd();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404})
  void WS_03_finalStatusesOfOurServerEndTheChannel(int status) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create()) {
      harness.server.onEveryConnection(
          c -> {
            c.readRequest();
            c.respond(status, "", "EventChannel-Version: 1", "Connection: close");
          });
      harness.open();
      var reason =
          status == 401
              ? harness.listener.skipTo(io.eventchannel.tck.RecordingListener.Closed.class).reason()
              : harness.listener.takeClosed();
      assertEquals(status, reason.code());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 503})
  void WS_03_statusesThatSpeakOfNowAreTriedAgain(int status) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      // Two of them, since OkHttp itself repeats a request once after 408.
      for (int i = 0; i < 2; i++) {
        harness.server.onConnection(
            c -> {
              c.readRequest();
              c.respond(status, "", "EventChannel-Version: 1", "Connection: close");
            });
      }
      harness.open();
      assertEquals(status, harness.listener.takeConnectionLost().reason().code());
      harness.server.accept().acceptWebSocket();
      harness.listener.skipTo(Opened.class);
    }
  }

  @Test
  void WS_03_aRedirectOfTheHandshakeIsNotFollowed() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.readRequest();
      connection.respond(302, "", "Location: /other");
      assertEquals(302, harness.listener.takeClosed().code());
      assertEquals(1, harness.server.connectionCount());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3999, 4500, 4999})
  void WS_17_finalCloseCodesEndTheChannel(int code) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket();
      harness.listener.takeOpen();
      connection.write(RawFrames.close(code, "bye"));
      var reason = harness.listener.takeClosed();
      assertEquals(code, reason.code());
      assertEquals("bye", reason.text());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1001, 1011, 1012, 1013, 1014, 4000, 4400})
  void WS_17_otherCloseCodesLeadBack(int code) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      harness.server.onConnection(
          c -> {
            c.acceptWebSocket();
            c.write(RawFrames.text("x"));
            c.write(RawFrames.close(code, "again"));
          });
      harness.open();
      harness.listener.takeOpen();
      harness.listener.takeEvent();
      assertEquals(code, harness.listener.takeConnectionLost().reason().code());
      harness.server.accept().acceptWebSocket();
      harness.listener.takeOpen();
    }
  }

  @Test
  void WS_06_aCloseWithoutACodeIs1005AndNoCloseAtAllIs1006() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      harness
          .server
          .onConnection(
              c -> {
                c.acceptWebSocket();
                c.write(RawFrames.text("x"));
                c.write(RawFrames.frame(RawFrames.CLOSE, new byte[0]));
              })
          .onConnection(
              c -> {
                c.acceptWebSocket();
                c.write(RawFrames.text("x"));
              });
      harness.open();
      assertEquals(1005, harness.listener.skipTo(ConnectionLost.class).reason().code());
      assertEquals(1006, harness.listener.skipTo(ConnectionLost.class).reason().code());
    }
  }

  @Test
  void WS_08_closeIsToldOnceThoughThePeerNeverAnswers() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      EventChannel channel = harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket();
      harness.listener.takeOpen();
      channel.close();
      channel.close();
      assertEquals(Kind.LOCAL, harness.listener.takeClosed().kind());
      assertEquals(1000, connection.readFrame().closeCode());
      connection.write(RawFrames.text("too late"));
      harness.listener.assertSilence();
      connection.awaitEnd(); // cut off after the close timeout
    }
  }

  @Test
  void WS_11_fragmentsAreOneFrameAndPingsBetweenThemAreAnswered() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket();
      harness.listener.takeOpen();
      byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
      connection.write(RawFrames.frame(RawFrames.TEXT, new byte[] {'a', euro[0]}).withFin(false));
      connection.write(RawFrames.ping("are you there"));
      connection.write(RawFrames.frame(RawFrames.CONTINUATION, new byte[] {euro[1], euro[2], 'b'}));
      assertEquals("a€b", harness.listener.takeEvent().data());
      Frame pong = connection.readFrame();
      assertEquals(RawFrames.PONG, pong.opcode());
      assertEquals("are you there", pong.text());
    }
  }

  @Test
  void WS_12_aFrameOverTheLimitEndsTheChannelWith1009() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket(s -> s.maxEventBytes(1000))) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket();
      harness.listener.takeOpen();
      connection.write(RawFrames.text("x".repeat(1001)));
      assertEquals(Kind.LIMIT, harness.listener.takeClosed().kind());
      assertEquals(1009, connection.readFrame().closeCode());
    }
  }

  @Test
  void anEnvelopeThatIsNoneBreaksTheConnectionAndSaysSo() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket(OURS);
      connection.write(envelopes(HELLO));
      harness.listener.takeOpen();
      connection.write(envelopes("nonsense\n"));
      assertEquals(Kind.PROTOCOL, harness.listener.takeConnectionLost().reason().kind());
      assertEquals(1007, connection.readFrame().closeCode());
    }
  }

  @Test
  void WS_13_aFullOutboxIsToldAndTheConnectionLivesOn() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket(s -> s.outbox(10_000, 8 << 20))) {
      EventChannel channel = harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket(OURS);
      connection.write(envelopes(HELLO));
      harness.listener.takeOpen();
      byte[] bytes = new byte[1 << 16];
      List<CompletableFuture<Receipt>> taken = new ArrayList<>();
      CompletableFuture<Receipt> refused = null;
      while (refused == null) { // the peer reads nothing meanwhile
        CompletableFuture<Receipt> sent =
            channel.send(Event.binary("message", bytes)).toCompletableFuture();
        if (sent.isCompletedExceptionally()) {
          refused = sent;
        } else {
          taken.add(sent);
        }
      }
      CompletableFuture<Receipt> full = refused;
      assertInstanceOf(
          OutboxFullException.class,
          assertThrows(ExecutionException.class, () -> full.get()).getCause());
      assertEquals(127, taken.size(), "of 64 KiB and a little more in 8 MiB");
      assertEquals(ChannelState.OPEN, channel.state());
      for (int seq = 1; seq <= taken.size(); seq++) {
        connection.readFrame();
        connection.write( // a megabyte is under way without
            envelopes("{\"event\":\"eventchannel.ack\",\"data\":\"{\\\"seq\\\":" + seq + "}\"}\n"));
      }
      for (CompletableFuture<Receipt> sent : taken) {
        sent.get(10, TimeUnit.SECONDS);
      }
      harness.listener.assertExhausted();
    }
  }

  @Test
  void aHandshakeThatHangsMovesTheChannelToSseAtTheSamePosition() throws Exception {
    try (OkHttpHarness harness =
        OkHttpHarness.create(s -> s.connectTimeout(Duration.ofMillis(300)))) {
      harness.client.open(
          ChannelRequest.builder(harness.url()).lastEventId("e-5").build(), harness.listener);
      harness.server.accept(); // and says nothing
      assertEquals(Kind.CONNECT_TIMEOUT, harness.listener.takeConnectionLost().reason().kind());
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream().expectHeader("Last-Event-ID", "e-5");
      stream.write("id: e-6\ndata: six\n\n");
      assertEquals("sse", harness.listener.takeOpen().transport());
      assertEquals("e-6", harness.listener.takeEvent().id());
    }
  }

  @Test
  void aProxyThatRefusesTheUpgradeMovesTheChannelToSse() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.create()) {
      harness.server.onConnection(
          c -> {
            c.readRequest();
            c.respond(400, "no upgrades here", "Connection: close");
          });
      harness.open();
      assertEquals(400, harness.listener.takeConnectionLost().reason().code());
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream();
      assertEquals("sse", harness.listener.takeOpen().transport());
    }
  }

  @Test
  void aHandshakeIsNotHeldUpByTheCallersLimits() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      for (int i = 0; i < 70; i++) { // more than OkHttp's own dispatcher lets run
        EventChannel channel = harness.open();
        harness.server.accept().acceptWebSocket();
        harness.listener.skipTo(Opened.class);
        assertEquals(ChannelState.OPEN, channel.state());
      }
    }
  }
}
