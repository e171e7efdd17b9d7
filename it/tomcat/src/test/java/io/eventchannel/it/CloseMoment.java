package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelState;
import io.eventchannel.CursorStore;
import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.client.Credentials;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RawRequest;
import io.eventchannel.tck.RecordingListener.Closed;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.RecordingListener.Missed;
import io.eventchannel.tck.RecordingListener.Opened;
import io.eventchannel.tck.RecordingListener.Received;
import io.eventchannel.tck.ScriptedServer;
import io.eventchannel.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.jspecify.annotations.Nullable;

/** The moments in the life of a channel at which it can be closed. */
enum CloseMoment {
  AT_ONCE {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      wave.open(wave.clients.eager(wave.transport), wave.feed.url());
      wave.close();
      wave.awaitClosed();
    }
  },

  WHILE_THE_POSITION_IS_LOADED {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      try (ScriptedServer server = new ScriptedServer()) {
        CursorStore stuck =
            new CursorStore() {
              @Override
              public @Nullable String load() {
                wave.hold();
                return null;
              }

              @Override
              public void save(@Nullable String lastEventId) {}
            };
        wave.open(
            wave.clients.eager(wave.transport),
            ChannelRequest.builder(server.uri("/").toString()).cursorStore(stuck).build());
        wave.await(() -> wave.held.get() == wave.size);
        wave.close();
        wave.awaitClosed();
        wave.assertGone();
        assertEquals(0, server.connectionCount(), "attempts of closed channels");
      }
    }
  },

  WAITING_FOR_CREDENTIALS {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      try (ScriptedServer server = new ScriptedServer()) {
        wave.open(wave.clients.asking(wave.transport), server.uri("/").toString());
        wave.await(() -> wave.clients.credentials.size() == wave.size);
        wave.close();
        wave.awaitClosed();
        // Every other answer comes too late, and the rest never.
        for (int i = 0; i < wave.size; i++) {
          var answer = wave.clients.credentials.remove();
          if (i % 2 == 0) {
            answer.complete(Credentials.header("Authorization", "Bearer late"));
          }
        }
        wave.assertGone();
        assertEquals(0, server.connectionCount(), "attempts of closed channels");
      }
    }
  },

  DURING_THE_NAME_LOOKUP {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      try (ScriptedServer server = new ScriptedServer()) {
        String url = "http://" + StuckNames.NAME + ":" + server.port() + "/";
        wave.open(wave.clients.eager(wave.transport), url);
        wave.await(() -> wave.clients.names.waiting() == wave.size);
        wave.close();
        wave.awaitClosed();
        wave.clients.names.answer();
        wave.await(() -> wave.clients.names.waiting() == 0);
        wave.assertGone();
        assertEquals(0, server.connectionCount(), "attempts of closed channels");
      }
    }
  },

  CONNECTING {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      ScriptedServer server =
          new ScriptedServer().onEveryConnection(connection -> awaitEnd(wave, connection));
      wave.open(wave.clients.eager(wave.transport), server.uri("/").toString());
      wave.await(() -> server.connectionCount() == wave.size);
      wave.close();
      wave.awaitClosed();
      wave.end(server);
    }
  },

  /** A server of ours has answered, and neither said hello nor sent a byte of its stream. */
  AFTER_THE_HANDSHAKE {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      ScriptedServer server =
          new ScriptedServer()
              .onEveryConnection(
                  connection -> {
                    if (isWebSocket(wave)) {
                      connection.acceptWebSocket(
                          VERSION, "Sec-WebSocket-Protocol: eventchannel.v1.json");
                    } else {
                      connection.acceptEventStream(VERSION);
                    }
                    wave.held.incrementAndGet();
                    if (isWebSocket(wave)) {
                      answerClose(connection);
                    }
                    awaitEnd(wave, connection);
                  });
      wave.open(wave.clients.eager(wave.transport), server.uri("/").toString());
      wave.await(() -> wave.held.get() == wave.size);
      wave.close();
      wave.awaitClosed();
      assertEquals(0, wave.calls.opens(), "the server did not say hello");
      wave.end(server);
    }
  },

  OPEN {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      wave.open(wave.clients.eager(wave.transport), wave.feed.url());
      wave.await(() -> wave.calls.opens() == wave.size);
      wave.close();
      wave.awaitClosed();
    }
  },

  /** The listener stands still in the first event, and the queue behind it is full. */
  READING_PAUSED {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      wave.in(Received.class, call -> wave.hold());
      wave.open(wave.clients.eager(wave.transport), resume(wave, firstId));
      wave.await(() -> wave.held.get() == wave.size);
      wave.feed.publish(-1); // another frame, which nobody takes
      wave.close();
      wave.awaitClosed();
      assertEquals(wave.size, wave.calls.events(), "after close() no event is told");
    }
  },

  /** The same, but what is left of the channel is its terminal call, and it is closed again. */
  CLOSING {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      wave.in(Received.class, call -> wave.hold());
      wave.open(wave.clients.eager(wave.transport), resume(wave, firstId));
      wave.await(() -> wave.held.get() == wave.size);
      wave.close();
      assertTrue(areAll(wave, ChannelState.CLOSING));
      wave.close();
      wave.awaitClosed();
      assertEquals(wave.size, wave.calls.events(), "after close() no event is told");
    }
  },

  WAITING_FOR_THE_NEXT_ATTEMPT {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      wave.open(wave.clients.patient(wave.transport), nowhere());
      wave.await(() -> wave.calls.connectionsLost() == wave.size);
      assertEquals(wave.size, wave.clients.timers.pending(), "one timer a channel");
      wave.close();
      wave.awaitClosed();
    }
  },

  /** The delay is over, but the listener must catch up before there is an attempt. */
  ATTEMPT_HELD {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      // With the call of onOpen, in which the listener stands still, and the loss, it is full.
      int events = CountedClients.INBOUND_CALLS - 2;
      wave.in(Opened.class, call -> wave.hold());
      ScriptedServer server =
          new ScriptedServer()
              .onEveryConnection(
                  connection -> {
                    if (isWebSocket(wave)) {
                      connection.acceptWebSocket();
                    } else {
                      connection.acceptEventStream();
                    }
                    for (int i = 0; i < events; i++) {
                      if (isWebSocket(wave)) {
                        connection.write(RawFrames.text("event"));
                      } else {
                        connection.write("data: event\n\n");
                      }
                    }
                    connection.finish();
                    awaitEnd(wave, connection);
                  });
      wave.open(wave.clients.eager(wave.transport), server.uri("/").toString());
      wave.await(() -> areAll(wave, ChannelState.WAITING) && wave.clients.timers.pending() == 0);
      wave.close();
      wave.awaitClosed();
      wave.end(server);
      assertEquals(wave.size, server.connectionCount(), "attempts while the listener lags");
    }
  },

  /** Some wait to go over to the other transport, some are at it. */
  FALLING_OVER {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      ScriptedServer server =
          new ScriptedServer().onEveryConnection(connection -> hinder(wave, connection));
      wave.open(wave.clients.fallingOver(wave.transport), server.uri("/").toString());
      wave.await(() -> server.connectionCount() >= wave.size + wave.size / 2);
      wave.close();
      wave.awaitClosed();
      wave.end(server);
    }
  },

  IN_ON_OPEN {
    @Override
    void run(ClosingWave wave, String firstId) {
      wave.in(Opened.class, call -> closeTwice(call.channel()));
      wave.open(wave.clients.eager(wave.transport), wave.feed.url());
      wave.awaitClosed();
    }
  },

  IN_ON_EVENT {
    @Override
    void run(ClosingWave wave, String firstId) {
      wave.in(Received.class, call -> closeTwice(call.channel()));
      wave.open(wave.clients.eager(wave.transport), resume(wave, firstId));
      wave.awaitClosed();
      assertEquals(wave.size, wave.calls.events(), "after close() no event is told");
    }
  },

  IN_ON_GAP {
    @Override
    void run(ClosingWave wave, String firstId) {
      wave.in(Missed.class, call -> closeTwice(call.channel()));
      wave.open(wave.clients.eager(wave.transport), resume(wave, "unknown"));
      wave.awaitClosed();
      assertEquals(wave.size, wave.calls.gaps());
    }
  },

  IN_ON_CONNECTION_LOST {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      wave.in(ConnectionLost.class, call -> closeTwice(call.channel()));
      wave.open(wave.clients.eager(wave.transport), nowhere());
      wave.awaitClosed();
      assertEquals(wave.size, wave.calls.connectionsLost(), "after close() no loss is told");
    }
  },

  IN_ON_CLOSED {
    @Override
    void run(ClosingWave wave, String firstId) throws Exception {
      wave.in(Closed.class, call -> closeTwice(call.channel()));
      wave.open(wave.clients.eager(wave.transport), wave.feed.url());
      wave.await(() -> wave.calls.opens() == wave.size);
      wave.close();
      wave.awaitClosed();
    }
  };

  private static final String VERSION = "EventChannel-Version: 1";

  /**
   * Opens the channels of a wave, closes them at this moment, and returns when all listeners have
   * been told.
   *
   * @param firstId the ID of the feed's first event, behind which there are enough to fill a queue
   */
  abstract void run(ClosingWave wave, String firstId) throws Exception;

  private static boolean isWebSocket(ClosingWave wave) {
    return wave.transport.equals(Transport.WEBSOCKET);
  }

  private static boolean areAll(ClosingWave wave, ChannelState state) {
    return wave.channels().stream().allMatch(channel -> channel.state() == state);
  }

  private static void closeTwice(EventChannel channel) {
    channel.close();
    channel.close();
  }

  private static ChannelRequest resume(ClosingWave wave, String id) {
    return ChannelRequest.builder(wave.feed.url()).lastEventId(id).build();
  }

  /** The address of a port on which nobody listens. */
  private static String nowhere() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "http://127.0.0.1:" + socket.getLocalPort() + "/";
    }
  }

  /** Waits until the client has ended the connection, and counts that. */
  private static void awaitEnd(ClosingWave wave, RawConnection connection) {
    connection.awaitEnd();
    wave.scriptsOver.incrementAndGet();
  }

  private static void answerClose(RawConnection connection) {
    try {
      while (connection.readFrame().opcode() != RawFrames.CLOSE) {}
      connection.write(RawFrames.close(1000, ""));
    } catch (IOException cut) { // it may as well end the connection without a word
    }
  }

  /**
   * Does to a first transport what makes a client go over to the other one, and keeps that waiting.
   */
  private static void hinder(ClosingWave wave, RawConnection connection) throws IOException {
    RawRequest request;
    try {
      request = connection.readRequest();
    } catch (AssertionError | IOException closed) { // before it was sent
      wave.scriptsOver.incrementAndGet();
      return;
    }
    boolean upgrade = request.header("Upgrade").isPresent();
    if (upgrade == isWebSocket(wave)) {
      if (upgrade) {
        connection.respond(502, "", "Connection: close");
      } else { // the head, and never a byte of the body
        connection.write(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                + VERSION
                + "\r\nEventChannel-Id: 0123456789abcdefABCDEF\r\n"
                + "EventChannel-Heartbeat: 1000\r\nConnection: close\r\n\r\n");
      }
    }
    awaitEnd(wave, connection);
  }
}
