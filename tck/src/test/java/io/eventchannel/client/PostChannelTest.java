package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Capability;
import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.policy.RetryDecision;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.tck.ScriptedTransport;
import io.eventchannel.transport.NetworkMonitor;
import io.eventchannel.transport.PostBody;
import io.eventchannel.transport.Transport;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** Channels that a POST opens: over SSE alone, and at most once unless asked otherwise. */
class PostChannelTest {
  private static final byte[] BODY = {'a', 0, -1};

  private static ChannelRequest.Builder post() {
    return ChannelRequest.builder(EngineHarness.URL).post(BODY, "application/json");
  }

  @Test
  void SSE_C_36_aPostGoesOverSseWhateverTheClientPrefers() throws Exception {
    EngineHarness harness = EngineHarness.create();
    harness.client.open(post().header("X-Key", "k").build(), harness.listener);
    ScriptedConnection connection = harness.sse.takeConnection();
    PostBody body = connection.request().post();
    assertNotNull(body);
    ByteBuffer bytes = body.bytes();
    byte[] sent = new byte[bytes.remaining()];
    bytes.get(sent);
    assertArrayEquals(BODY, sent);
    assertEquals("application/json", body.contentType());
    assertEquals("X-Key", connection.request().headers().get(0).getKey());
    harness.finish();
  }

  @Test
  void SSE_C_36_aChannelOpenedByGetHasNoBody() throws Exception {
    EngineHarness harness = EngineHarness.create();
    harness.open();
    assertNull(harness.webSocket.takeConnection().request().post());
    harness.finish();
  }

  @Test
  void SSE_C_36_aClientWithoutSseRefusesToOpenIt() {
    try (ChannelClient client =
        ChannelClient.builder().transport(new ScriptedTransport(Transport.WEBSOCKET)).build()) {
      IllegalStateException refused =
          assertThrows(
              IllegalStateException.class,
              () -> client.open(post().build(), new io.eventchannel.EventChannelListener() {}));
      assertTrue(refused.getMessage().contains("sse"), refused.getMessage());
    }
  }

  @Test
  void SSE_C_36_nothingCanBeSentEvenIfTheServerClaimsToTakeIt() throws Exception {
    EngineHarness harness = EngineHarness.create();
    EventChannel channel = harness.client.open(post().build(), harness.listener);
    harness.sse.takeConnection().opens(OURS);
    harness.listen();
    harness.listener.takeOpen();
    assertFalse(channel.supports(Capability.SEND));
    assertFalse(channel.supports(Capability.BINARY));
    assertTrue(channel.supports(Capability.RESUME));
    ExecutionException failure =
        assertThrows(
            ExecutionException.class,
            () -> channel.send(Event.message("x")).toCompletableFuture().get());
    assertInstanceOf(UnsupportedOperationException.class, failure.getCause());
    harness.finish();
  }

  @Test
  void SSE_C_37_theFirstLossOfAPostThatWasSentEndsTheChannel() throws Exception {
    CloseReason[] losses = {
      CloseReason.of(Kind.END_OF_STREAM, "the stream ended"),
      CloseReason.of(Kind.NETWORK, "reset", new IOException("reset")),
      CloseReason.of(Kind.CONNECT_TIMEOUT, "no response"),
      CloseReason.httpStatus(503, "busy"),
      CloseReason.httpStatus(401, "who"),
    };
    for (CloseReason loss : losses) {
      EngineHarness harness =
          EngineHarness.create(
              settings -> settings.reconnectPolicy(asked -> RetryDecision.retry(Duration.ZERO, 0)));
      harness.client.open(post().build(), harness.listener);
      harness.sse.takeConnection().closes(loss);
      harness.listen();
      assertEquals(loss, harness.listener.takeClosed());
      harness.finish();
    }
  }

  @Test
  void SSE_C_37_aPostThatCannotHaveBeenSentIsTriedAgainAsThePolicySays() throws Exception {
    EngineHarness harness = EngineHarness.create();
    harness.client.open(post().build(), harness.listener);
    CloseReason refused = CloseReason.of(Kind.NETWORK, "refused", new ConnectException());
    for (int i = 0; i < 3; i++) {
      harness.sse.takeConnection().closes(refused);
      harness.listen();
      harness.listener.takeConnectionLost();
      harness.passDelay();
    }
    harness.sse.takeConnection().opens().event(Event.message("a"));
    harness.listen();
    harness.listener.takeOpen();
    harness.listener.takeEvent();
    harness.finish();
  }

  @Test
  void SSE_C_37_replayPostSendsItAgainFromTheLastEvent() throws Exception {
    EngineHarness harness = EngineHarness.create();
    harness.client.open(post().replayPost().build(), harness.listener);
    ScriptedConnection first = harness.sse.takeConnection().opens();
    first.event(EngineHarness.event("e-1", "a"), "e-1");
    first.breaks();
    harness.listen();
    harness.passDelay();
    ScriptedConnection second = harness.sse.takeConnection();
    assertEquals("e-1", second.request().lastEventId());
    assertNotNull(second.request().post());
    harness.listener.takeOpen();
    harness.listener.takeEvent();
    harness.listener.takeConnectionLost();
    harness.finish();
  }

  @Test
  void replayingWithoutAPostIsAMistake() {
    ChannelRequest.Builder get = ChannelRequest.builder(EngineHarness.URL).replayPost();
    assertThrows(IllegalStateException.class, get::build);
  }

  @Test
  void aBodyIsBoundedCopiedAndLeftOutOfText() {
    byte[] tooLong = new byte[PostBody.MOST_BYTES + 1];
    assertThrows(IllegalArgumentException.class, () -> post().post(tooLong, "text/plain"));
    assertThrows(IllegalArgumentException.class, () -> post().post(BODY, "text/plain\r\nX: y"));
    byte[] mine = "secret".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    PostBody body = new PostBody(mine, null);
    mine[0] = 'x';
    assertEquals('s', body.bytes().get());
    assertTrue(body.bytes().isReadOnly());
    assertFalse(body.toString().contains("secret"));
  }

  @Test
  void SSE_C_37_whatThisSideChangesAboutItsConnectionsDoesNotRepeatAPost() throws Exception {
    List<NetworkMonitor.Listener> network = new ArrayList<>();
    for (boolean paused : new boolean[] {true, false}) {
      EngineHarness harness =
          EngineHarness.create(
              settings ->
                  settings
                      .networkMonitor(
                          listener -> {
                            network.add(listener);
                            return () -> {};
                          })
                      .credentials(
                          lastFailure ->
                              CompletableFuture.completedFuture(
                                  Credentials.none().expiringIn(Duration.ofSeconds(60)))));
      harness.client.open(post().build(), harness.listener);
      harness.listen();
      ScriptedConnection answer = harness.sse.takeConnection();
      answer.opens(OURS).activity();
      for (int seconds = 0; seconds < 120; seconds += 10) {
        harness.scheduler.advance(Duration.ofSeconds(10));
        answer.activity();
      }
      assertFalse(answer.isGivenUp(), "an answer under way is not renewed");
      if (paused) {
        harness.client.pause();
      } else {
        network.get(network.size() - 1).onChanged();
      }
      harness.client.resume();
      harness.listen();
      harness.listener.takeOpen();
      harness.listener.takeClosed();
      harness.sse.assertNoAttempt();
      harness.finish();
    }
  }
}
