package io.eventchannel.it;

import static io.eventchannel.it.Answer.ask;
import static io.eventchannel.it.Answer.post;
import static io.eventchannel.it.Answer.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.server.Authorization;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.Handshake;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Listeners and authorizers that fail, interrupt their thread and call back into what calls them:
 * each harms its own event or request, and neither its channel nor anybody else.
 */
abstract class FaultyApplicationContract implements EventChannelListener {
  private static final String LINES = "Content-Type: application/x-ndjson";
  private static final List<String> FAULTS = List.of("throw", "error", "overflow", "interrupt");

  private final BlockingQueue<String> taken = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> foreignInterrupts = new LinkedBlockingQueue<>();
  private volatile @Nullable ServedFeed served;

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  private ServedFeed serve() {
    ServedFeed server =
        ServedFeed.start(
            this::start, feed -> {}, e -> e.listener(this).authorizer(this::authorize));
    served = server;
    return server;
  }

  @Override
  public void onOpen(EventChannel channel) {
    misbehave(channel.topics().contains("open") ? "error" : "");
  }

  @Override
  public void onEvent(EventChannel channel, Event event) {
    if (Thread.interrupted()) {
      foreignInterrupts.add(event.toString());
    }
    misbehave(event.type());
    taken.add(event.type());
    switch (event.type()) {
      case "close":
        channel.close(4100, "enough");
        channel.close();
        channel.send(Event.message("too late"));
        break;
      case "send":
        for (int i = 0; i < 50; i++) {
          channel.send(Event.of("re", "re " + i)); // within the default bound on direct sends
        }
        break;
      case "publish":
        Objects.requireNonNull(served).publish("published within a callback");
        break;
      default:
    }
  }

  @Override
  public void onClosed(EventChannel channel, CloseReason reason) {
    misbehave("error");
  }

  private Authorization authorize(Handshake handshake) {
    if (Thread.currentThread().isInterrupted()) {
      foreignInterrupts.add(handshake.toString());
    }
    String fault = String.valueOf(handshake.query("fault"));
    misbehave(fault);
    if (fault.equals("callback")) {
      ServedFeed server = Objects.requireNonNull(served);
      server.publish("published by the authorizer");
      server.endpoint.reauthorize("nobody");
    }
    return Authorization.allow();
  }

  private static void misbehave(String how) {
    switch (how) {
      case "throw":
        throw new IllegalStateException("thrown by the application");
      case "error":
        throw new LinkageError("thrown by the application");
      case "overflow":
        overflow(0);
        break;
      case "interrupt":
        Thread.currentThread().interrupt();
        break;
      default:
    }
  }

  private static int overflow(int depth) {
    return depth + overflow(depth + 1);
  }

  // ---- the listener

  @Test
  void S42_aListenerThatFailsOrInterruptsHarmsNothingButItsEvent() throws Exception {
    try (ServedFeed server = serve();
        Neighbours neighbours = new Neighbours(server);
        RawWebSocket socket = server.openSession("?topic=t&topic=open");
        RawHttp stream = RawHttp.connect(server.port())) {
      String id = stream.send("GET", "/feed").head().channel();
      int seq = 0;
      for (String fault : FAULTS) {
        socket.text(line(++seq, fault));
        Answer answer = post(server, line(seq, fault).getBytes(UTF_8), LINES, id);
        if (fault.equals("interrupt")) {
          assertEquals(204, answer.status());
          assertEquals(fault, RecordingServer.next(taken));
          assertEquals(fault, RecordingServer.next(taken));
        } else {
          String refused = "\\\"seq\\\":" + seq + ",\\\"reason\\\":\\\"the application failed\\\"";
          assertTrue(answer.body.contains(refused), answer.body);
          assertFalse(answer.body.contains("thrown"), answer.body);
          assertTrue(socket.messageWith("eventchannel.refused").contains(refused));
        }
        neighbours.assertUndisturbed(fault);
        socket.text(line(++seq, "next"));
        assertEquals(204, post(server, line(seq, "next").getBytes(UTF_8), LINES, id).status());
        assertEquals("next", RecordingServer.next(taken));
        assertEquals("next", RecordingServer.next(taken));
      }
      assertEquals(0, foreignInterrupts.size());
    }
  }

  @Test
  void S42_aListenerThatCallsBackIntoItsChannelHarmsNobody() throws Exception {
    try (ServedFeed server = serve();
        Neighbours neighbours = new Neighbours(server);
        RawWebSocket socket = server.openSession("");
        RawHttp stream = RawHttp.connect(server.port())) {
      String id = stream.send("GET", "/feed").head().channel();
      int seq = 0;
      for (String call : List.of("send", "publish", "close")) {
        socket.text(line(++seq, call));
        assertEquals(204, post(server, line(seq, call).getBytes(UTF_8), LINES, id).status());
        assertEquals(call, RecordingServer.next(taken));
        assertEquals(call, RecordingServer.next(taken));
        neighbours.assertUndisturbed(call);
        if (call.equals("send")) {
          stream.blockWith("data: re 49");
          socket.messageWith("re 49");
        } else if (call.equals("publish")) {
          stream.blockWith("data: published within a callback");
          socket.messageWith("published within a callback");
        }
      }
      assertEquals("enough", socket.close(4100).closeReason());
      assertTrue(stream.blockWith("event: eventchannel.goodbye").contains("\"code\":4100"));
      assertEquals(null, stream.block());
      assertEquals(404, post(server, line(9, "e").getBytes(UTF_8), LINES, id).status());
      server.awaitConnections(2);
    }
  }

  // ---- the authorizer

  @Test
  void S42_anAuthorizerThatFailsOrInterruptsHarmsNothingButItsRequest() throws Exception {
    try (ServedFeed server = serve();
        Neighbours neighbours = new Neighbours(server)) {
      for (String fault : FAULTS) {
        String target = "/feed?fault=" + fault;
        for (int i = 0; i < 10; i++) { // on threads of the container that come again
          for (String[] kind : new String[][] {{}, RawWebSocket.UPGRADE}) {
            int status = ask(server, "GET", target, kind).status();
            int allowed = kind.length == 0 ? 200 : 101;
            assertEquals(fault.equals("interrupt") ? allowed : 500, status, fault);
            assertEquals(allowed, ask(server, "GET", "/feed", kind).status());
          }
          byte[] body = line(1, "e").getBytes(UTF_8);
          try (RawHttp http = RawHttp.connect(server.port())) {
            http.post(target, body, LINES, "EventChannel-Id: none");
            assertEquals(fault.equals("interrupt") ? 404 : 500, http.head().status(), fault);
          }
        }
        neighbours.assertUndisturbed(fault);
      }
      for (String[] kind : new String[][] {{}, RawWebSocket.UPGRADE}) {
        int status = ask(server, "GET", "/feed?fault=callback", with(kind, "X: y")).status();
        assertEquals(kind.length == 0 ? 200 : 101, status);
      }
      neighbours.assertUndisturbed("callback");
      assertEquals(0, foreignInterrupts.size());
    }
  }

  /** One channel over each transport, which reads and sends. */
  private final class Neighbours implements AutoCloseable {
    private final ServedFeed server;
    private final RawHttp stream;
    private final RawWebSocket socket;
    private final String id;
    private int seq;

    Neighbours(ServedFeed server) throws IOException {
      this.server = server;
      this.stream = RawHttp.connect(server.port());
      this.id = stream.send("GET", "/feed").head().channel();
      this.socket = server.openSession("");
    }

    void assertUndisturbed(String name) throws Exception {
      String data = "behind " + name;
      server.publish(data);
      stream.blockWith("data: " + data);
      socket.messageWith(data);
      byte[] line = line(++seq, "up").getBytes(UTF_8);
      assertEquals(204, post(server, line, LINES, id).status());
      assertEquals("up", RecordingServer.next(taken));
      socket.text(line(seq, "up"));
      assertEquals("up", RecordingServer.next(taken));
      assertEquals(0, taken.size());
    }

    @Override
    public void close() throws IOException {
      stream.close();
      socket.close();
    }
  }

  private static String line(int seq, String type) {
    return "{\"seq\":" + seq + ",\"event\":\"" + type + "\",\"data\":\"x\"}\n";
  }
}
