package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawRequest;
import io.eventchannel.tck.RecordingListener.Call;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.RecordingListener.Opened;
import io.eventchannel.tck.RecordingListener.Received;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP does around an event stream: heads, ends, kept-alive connections, and much data. */
class SseWireTest {
  @ParameterizedTest
  @ValueSource(ints = {201, 202, 203, 206, 226})
  void SSE_C_06_anotherSuccessIsNoStreamAndIsTriedAgainOnceTheChannelWasOpen(int status)
      throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(c -> c.acceptEventStream())
          .onConnection(
              c -> {
                c.readRequest();
                c.respond(
                    status, "data: x\n\n", "Content-Type: text/event-stream", "Connection: close");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("data: right\n\n");
                c.awaitEnd();
              });
      harness.open();
      harness.listener.takeOpen();
      harness.listener.takeConnectionLost();
      ConnectionLost refused = harness.listener.takeConnectionLost();
      assertEquals(status, refused.reason().code());
      assertTrue(refused.retryDelay().toNanos() > 0, refused.toString());
      harness.listener.takeOpen();
      assertEquals("right", harness.listener.takeEvent().data());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 13\r\n\r\ndata: a\n\n: c\n",
        "Transfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n0\r\n\r\n",
        "Connection: close\r\n\r\ndata: a\n\n",
        "\r\ndata: a\n\n"
      })
  void SSE_C_11_aCleanEndLeadsToAReconnectHoweverItIsMarked(String rest) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.server.onConnection(
          c -> {
            c.readRequest();
            c.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + rest);
          });
      harness.open();
      harness.listener.takeOpen();
      assertEquals("a", harness.listener.takeEvent().data());
      assertEquals(Kind.END_OF_STREAM, harness.listener.takeConnectionLost().reason().kind());
      harness.server.accept().acceptEventStream();
      harness.listener.takeOpen();
    }
  }

  @Test
  void SSE_C_16_thePositionOutlivesFailedAttemptsAndStreamsWithoutIds() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("id: 7\ndata: a\n\n");
              })
          .onConnection(
              c -> {
                c.readRequest();
                c.reset();
              })
          .onConnection(
              c -> {
                c.readRequest();
                c.respond(503, "", "Connection: close");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("data: without an id\n\n: comment\n\n");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.awaitEnd();
              });
      harness.open();
      harness.server.takeRequest().expectNoHeader("Last-Event-ID");
      // A read that is reset is repeated by OkHttp or by the channel; both tell the position.
      for (int i = 0; i < 4; i++) {
        harness.server.takeRequest().expectHeader("Last-Event-ID", "7");
      }
    }
  }

  @Test
  void SSE_C_26_anEventOfFourMebibytesArrivesWhole() throws Exception {
    String data = "0123456789abcdef".repeat(4 << 16);
    assertEquals(4 << 20, data.length());
    try (OkHttpHarness harness = OkHttpHarness.overSse(s -> s.maxEventBytes(5 << 20))) {
      harness.server.onConnection(
          c -> {
            c.acceptEventStream();
            c.write("id: 1\ndata: " + data + "\n\nid: 2\ndata: after\n\n");
            c.awaitEnd();
          });
      harness.open();
      harness.listener.takeOpen();
      assertEquals(data, harness.listener.takeEvent().data());
      assertEquals("after", harness.listener.takeEvent().data());
    }
  }

  @Test
  void SSE_C_26_twentyThousandEventsArriveInOrderEachOnce() throws Exception {
    int count = 20_000;
    StringBuilder stream = new StringBuilder();
    for (int i = 1; i <= count; i++) {
      stream.append("id: ").append(i).append("\ndata: event ").append(i).append("\n\n");
    }
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.server.onConnection(
          c -> {
            c.acceptEventStream();
            c.write(stream.toString());
            c.awaitEnd();
          });
      harness.open();
      harness.listener.takeOpen();
      for (int i = 1; i <= count; i++) {
        assertEquals(Event.message("event " + i).withId("" + i), harness.listener.takeEvent());
      }
      harness.listener.assertSilence();
    }
  }

  @Test
  void SSE_C_29_interimResponsesAreNoAnswer() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.readRequest();
      connection.write("HTTP/1.1 102 Processing\r\n\r\n");
      connection.write("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n");
      connection.write("HTTP/1.1 103 Early Hints\r\nContent-Type: text/html\r\n\r\n");
      connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n");
      harness.listener.takeOpen();
      assertEquals("a", harness.listener.takeEvent().data());
    }
  }

  @Test
  void SSE_C_29_anHttp10AnswerIsAStreamUntilItsConnectionEnds() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.readRequest();
      connection.write("HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n");
      harness.listener.takeOpen();
      assertEquals("a", harness.listener.takeEvent().data());
      connection.write("data: b\n\n");
      assertEquals("b", harness.listener.takeEvent().data());
      connection.close();
      assertEquals(Kind.END_OF_STREAM, harness.listener.takeConnectionLost().reason().kind());
    }
  }

  @Test
  void SSE_C_29_aStreamCanFollowOthersOverOneKeptAliveConnection() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.server.onConnection(
          c -> {
            c.readRequest();
            c.respond(503, ""); // so that nothing is left to read once the client is told of it
            for (String data : List.of("a", "b")) {
              c.readRequest();
              c.write(
                  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                      + "Transfer-Encoding: chunked\r\n\r\n9\r\ndata: "
                      + data
                      + "\n\n\r\n0\r\n\r\n");
            }
            c.acceptEventStream();
            c.awaitEnd();
          });
      harness.open();
      assertEquals(503, harness.listener.takeConnectionLost().reason().code());
      for (String data : List.of("a", "b")) {
        harness.listener.takeOpen();
        assertEquals(data, harness.listener.takeEvent().data());
        harness.listener.takeConnectionLost();
      }
      harness.listener.takeOpen();
      assertEquals(1, harness.server.connectionCount());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void SSE_C_33_aKeptAliveConnectionThatWentStaleCostsAtMostOneAttempt(boolean readsTheNext)
      throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.server.onConnection(
          c -> {
            c.readRequest();
            c.respond(503, "busy");
            if (readsTheNext) {
              c.readRequest(); // it was on its way when the server hung up
            }
          });
      harness.open();
      assertEquals(503, harness.listener.takeConnectionLost().reason().code());
      harness.server.accept().acceptEventStream();
      Call next = harness.listener.take();
      if (next instanceof ConnectionLost lost) {
        assertEquals(Kind.NETWORK, lost.reason().kind());
        next = harness.listener.take();
      }
      assertTrue(next instanceof Opened, next.toString());
    }
  }

  @Test
  void SSE_C_34_whatIsToldIsWhatWasSentWholeWithItsRepetitions() throws Exception {
    Random random = new Random(34);
    int connections = 40;
    List<String> sent = new ArrayList<>();
    List<byte[]> streams = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      StringBuilder stream = new StringBuilder();
      int count = random.nextInt(6);
      for (int k = 0; k < count; k++) {
        // Ids and data that come again and again: only a server knows what a repetition is.
        String data = "d" + random.nextInt(3);
        stream.append("id: ").append(random.nextInt(3)).append("\ndata: ").append(data);
        stream.append("\n\n");
        sent.add(data);
      }
      String unfinished = "id: 9\ndata: unfinished\n";
      stream.append(unfinished, 0, random.nextInt(unfinished.length() + 1));
      streams.add(stream.toString().getBytes(StandardCharsets.UTF_8));
    }
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      for (byte[] stream : streams) {
        int cut = random.nextInt(stream.length + 1);
        harness.server.onConnection(
            c -> {
              c.acceptEventStream();
              c.write(Arrays.copyOf(stream, cut));
              c.write(Arrays.copyOfRange(stream, cut, stream.length));
            });
      }
      harness.server.onConnection(
          c -> {
            c.acceptEventStream();
            c.write("data: end\n\n");
            c.awaitEnd();
          });
      harness.open();
      List<String> told = new ArrayList<>();
      while (told.isEmpty() || !told.get(told.size() - 1).equals("end")) {
        if (harness.listener.take() instanceof Received received) {
          told.add(received.event().data());
        }
      }
      sent.add("end");
      assertEquals(sent, told);
    }
  }

  @Test
  void INV_27_onlyWholeBlocksCountAndIdsFollowTheStandard() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("\uFEFFid: 1\ndata: a\n\nid: 2\0x\ndata: b\n\ndata: c\n\n");
                c.write("\uFEFFid: 3\ndata: no mark here\n\nid: 9\ndata: unfinished\n");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("data: d\n\nid: 4\n\nid\ndata: e\n\n");
              })
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.awaitEnd();
              });
      harness.open();
      harness.listener.takeOpen();
      for (String data : List.of("a", "b", "c", "no mark here")) {
        assertEquals(Event.message(data).withId("1"), harness.listener.takeEvent());
      }
      harness.listener.takeConnectionLost();
      harness.listener.takeOpen();
      assertEquals(Event.message("d").withId("1"), harness.listener.takeEvent());
      Event cleared = harness.listener.takeEvent();
      assertEquals("e", cleared.data());
      assertNull(cleared.id());
      harness.server.takeRequest().expectNoHeader("Last-Event-ID");
      RawRequest second = harness.server.takeRequest();
      second.expectHeader("Last-Event-ID", "1");
      harness.server.takeRequest().expectNoHeader("Last-Event-ID");
    }
  }
}
