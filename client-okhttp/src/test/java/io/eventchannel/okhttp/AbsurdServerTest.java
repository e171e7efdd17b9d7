package io.eventchannel.okhttp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.RecordingListener.Missed;
import io.eventchannel.tck.RecordingListener.Received;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers whose numbers, positions and words cannot be meant. */
class AbsurdServerTest {
  private static final Duration HINT_CAP = Duration.ofSeconds(1); // that of the harness

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "-1", "1", "9223372036854775807", "99999999999999999999", "1e9", "NaN", ""})
  void S37_aHeartbeatThatCannotBeMeantHarmsNoChannel(String millis) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream(
          "EventChannel-Version: 1", "EventChannel-Id: c-1", "EventChannel-Heartbeat: " + millis);
      stream.write("id: e-1\ndata: x\n\n");
      harness.listener.takeOpen();
      assertEquals("x", harness.listener.takeEvent().data());
    }
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      harness.open();
      RawConnection socket = harness.server.accept();
      socket.acceptWebSocket(
          "EventChannel-Version: 1", "Sec-WebSocket-Protocol: eventchannel.v1.bytes");
      String number = millis.isEmpty() ? "null" : millis;
      socket.write(
          line("eventchannel.hello", "{\"channel\":\"c\",\"heartbeat\":" + number + ",\"ack\":0}"));
      socket.write(RawFrames.binary("{\"id\":\"e-1\",\"data\":\"x\"}".getBytes(UTF_8)));
      harness.listener.takeOpen();
      assertEquals("x", harness.listener.takeEvent().data());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "retry: 1000000000",
        "retry: 9223372036854775807",
        "retry: 99999999999999999999999999",
        "event: eventchannel.goodbye\ndata: {\"code\":1001,\"delay\":1000000000}",
        "event: eventchannel.goodbye\ndata: {\"code\":1001,\"delay\":9223372036854775807}",
        "event: eventchannel.goodbye\ndata: {\"code\":1001,\"delay\":99999999999999999999}",
        "event: eventchannel.goodbye\ndata: {\"code\":1001,\"delay\":1e400}",
        "event: eventchannel.goodbye\ndata: {\"code\":1001,\"delay\":-9223372036854775808}",
      })
  void S37_aDelayThatCannotBeMeantIsClamped(String block) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      EventChannel channel = harness.open();
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream("EventChannel-Version: 1", "EventChannel-Id: c-1");
      stream.write("data: x\n\n" + block + "\n\n");
      harness.listener.takeOpen();
      harness.listener.takeEvent();
      stream.finish();
      ConnectionLost lost = harness.listener.takeConnectionLost();
      Duration most = HINT_CAP.multipliedBy(2); // with the jitter that is added
      assertTrue(lost.retryDelay().compareTo(most) <= 0, lost.toString());
      assertTrue(!lost.retryDelay().isNegative(), lost.toString());
      channel.close();
    }
  }

  @Test
  void S37_idsThatJumpFlipAndRepeatAreTakenAsTheyComeAndCountNothing() throws Exception {
    List<String> ids =
        List.of(
            "e-1",
            "e-9223372036854775807",
            "e-2",
            "f-0",
            "e-2",
            "e-99999999999999999999",
            "-1",
            "e--9223372036854775808",
            "9".repeat(500));
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream("EventChannel-Version: 1", "EventChannel-Id: c-1");
      for (String id : ids) {
        stream.write("id: " + id + "\ndata: of " + id + "\n\n");
      }
      harness.listener.takeOpen();
      for (String id : ids) { // nothing is dropped, and no gap is made up between them
        Event event = harness.listener.takeEvent();
        assertEquals(id, event.id());
        assertEquals("of " + id, event.data());
      }
      stream.finish();
      RawConnection again = harness.server.accept();
      assertEquals("9".repeat(500), again.readRequest().header("Last-Event-ID").orElseThrow());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"reason\":\"evicted\",\"after\":\"e-0\",\"until\":\"e-9223372036854775808\"}",
        "{\"reason\":\"slow\",\"after\":\"e-9223372036854775807\",\"until\":\"e-1\"}",
        "{\"reason\":\"evicted\",\"after\":9223372036854775808,\"until\":1e999999999}",
        "{\"reason\":\"no such reason\"}",
        "{\"reason\":{\"reason\":[]}}",
        "{",
        "x",
        "",
      })
  void S37_aGapWhateverItSpansIsOneCallAndTheNextEventFollows(String data) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream("EventChannel-Version: 1", "EventChannel-Id: c-1");
      stream.write("id: e-5\nevent: eventchannel.gap\ndata: " + data + "\n\n");
      stream.write("id: e-6\ndata: after\n\n");
      harness.listener.takeOpen();
      harness.listener.skipTo(Missed.class);
      assertEquals("after", harness.listener.takeEvent().data());
    }
  }

  @Test
  void S37_nestingWithoutEndInWhatTheServerSaysOfItselfIsRead() throws Exception {
    String deep = "[".repeat(200_000);
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection stream = harness.server.accept();
      stream.acceptEventStream("EventChannel-Version: 1", "EventChannel-Id: c-1");
      for (String type : List.of("hello", "gap", "ack", "refused", "position", "no-such")) {
        stream.write("event: eventchannel." + type + "\ndata: {\"x\":" + deep + "\n\n");
        stream.write("event: eventchannel." + type + "\ndata: " + "9".repeat(200_000) + "\n\n");
      }
      stream.write("data: after\n\n");
      assertEquals("after", harness.listener.skipTo(Received.class).event().data());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775807", "9223372036854775808", "-5", "1e18", "[]"})
  void S37_anAcknowledgementOfWhatWasNeverSentConfirmsNothing(String seq) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      EventChannel channel = harness.open();
      RawConnection socket = harness.server.accept();
      socket.acceptWebSocket(
          "EventChannel-Version: 1", "Sec-WebSocket-Protocol: eventchannel.v1.bytes");
      socket.write(line("eventchannel.hello", "{\"channel\":\"c\",\"heartbeat\":15000,\"ack\":0}"));
      socket.write(line("eventchannel.ack", "{\"seq\":" + seq + "}"));
      socket.write(RawFrames.binary("{\"data\":\"after the ack\"}".getBytes(UTF_8)));
      assertEquals("after the ack", harness.listener.skipTo(Received.class).event().data());
      var sent = channel.send(Event.message("a")).toCompletableFuture();
      assertTrue(new String(socket.readFrame().payload(), UTF_8).contains("\"seq\":1,"));
      assertTrue(!sent.isDone(), "confirmed by what came before it was sent");
      socket.write(line("eventchannel.ack", "{\"seq\":1}"));
      sent.get(10, TimeUnit.SECONDS);
    }
  }

  private static RawFrames.Frame line(String type, String data) {
    String quoted = data.replace("\"", "\\\"");
    return RawFrames.binary(
        ("{\"event\":\"" + type + "\",\"data\":\"" + quoted + "\"}\n").getBytes(UTF_8));
  }
}
