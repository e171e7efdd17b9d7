package io.eventchannel.server;

import static io.eventchannel.server.Scene.up;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.server.spi.Outlet.WriteResult;
import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What an end lets through, on the wire and to the application: nothing comes after the last. */
class LastWordsTest {
  private final List<String> heard = new ArrayList<>();
  private EventChannel channel;

  private final Scene scene =
      new Scene(
          InMemoryEventLog.create(),
          feed -> {},
          endpoint ->
              endpoint.listener(
                  new EventChannelListener() {
                    @Override
                    public void onOpen(EventChannel opened) {
                      channel = opened;
                    }

                    @Override
                    public void onEvent(EventChannel from, Event event) {
                      heard.add(event.data());
                    }

                    @Override
                    public void onClosed(EventChannel closed, CloseReason reason) {
                      heard.add("closed");
                    }
                  }));

  private FakeOutlet socket() {
    FakeOutlet socket = scene.webSocket("Sec-WebSocket-Protocol: eventchannel.v1.json");
    socket.taken();
    return socket;
  }

  @Test
  void nothingIsWrittenBetweenTheGoodbyeAndTheEnd() {
    FakeOutlet stream = scene.sse();
    Scene.answering(stream, WriteResult.PENDING);
    scene.publish("a", "1");
    scene.run();
    channel.send(Event.of("note", "before"));
    scene.endpoint.close();
    CompletableFuture<Void> late = channel.send(Event.of("note", "after")).toCompletableFuture();
    stream.taken();
    Scene.answering(stream, WriteResult.DONE);
    stream.finish();
    scene.run();

    List<String> said = stream.taken();
    assertEquals("note before", said.get(0));
    assertTrue(said.get(1).startsWith("retry "), said::toString);
    assertTrue(said.get(2).startsWith("eventchannel.goodbye "), said::toString);
    assertTrue(said.get(3).startsWith("close 1001"), said::toString);
    assertEquals(4, said.size());
    assertThrows(CompletionException.class, late::join);
  }

  @Test
  void anApplicationThatNeverStopsSendingCannotPutOffTheEnd() {
    FakeOutlet stream = scene.sse();
    Event more = Event.of("note", "more");
    int[] writes = {0};
    stream.beforeWrite =
        () -> {
          if (++writes[0] == 5) {
            scene.endpoint.close();
          }
          if (writes[0] < 100) {
            channel.send(more);
          }
        };
    channel.send(more);
    scene.run();

    assertTrue(writes[0] < 10, () -> writes[0] + " writes");
    assertEquals(1001, stream.closeCode);
  }

  @Test
  void nothingIsTakenFromAPeerThatBrokeTheRules() {
    FakeOutlet socket = socket();
    socket.confirmsClose = false;
    socket.listener.received(up(1, "chat", "one"));
    socket.listener.received(up(3, "chat", "three"));
    socket.listener.received(up(2, "chat", "two"));
    scene.run();

    assertEquals(List.of("one"), heard);
    assertEquals(4400, socket.closeCode);

    heard.clear();
    FakeOutlet other = socket();
    other.listener.received("no envelope".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    other.listener.received(up(1, "chat", "one"));
    scene.run();
    assertEquals(1007, other.closeCode);
    assertEquals(List.of("closed"), heard);
  }

  @Test
  void INV_15_whatIsPostedWhileTheConnectionEndsIsRefusedAndOnClosedStaysLast() {
    FakeOutlet stream = scene.sse("EventChannel-Version: 1");
    String id = channel.id();
    int[] asked = {0};
    // A name is asked for last before the events are taken in: there the connection ends.
    Principal principal =
        () -> {
          asked[0]++;
          return "ann";
        };
    FakeOutlet owned = openAs(principal);
    String own = channel.id();
    asked[0] = 0;
    post(own, principal, 1, "first");
    int questions = asked[0];
    asked[0] = 0;
    Principal ending =
        () -> {
          if (++asked[0] == questions) {
            owned.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
            scene.run();
          }
          return "ann";
        };
    Answer answer = post(own, ending, 2, "late");

    assertEquals(List.of("first", "closed"), heard);
    assertEquals(200, answer.status());
    assertTrue(Scene.text(answer).contains("eventchannel.refused"));
    assertEquals(0, stream.closeCode);
    assertTrue(!id.equals(own));
  }

  private FakeOutlet openAs(Principal principal) {
    Admission admission =
        scene.endpoint.admit(
            Handshake.builder(Handshake.Kind.SSE)
                .header("Host", "example.com")
                .principal(principal)
                .build());
    return scene.open(admission, new FakeOutlet(admission.format()));
  }

  private Answer post(String id, Principal principal, long seq, String data) {
    Handshake handshake =
        Handshake.builder(Handshake.Kind.POST)
            .header("Host", "example.com")
            .header("EventChannel-Id", id)
            .header("Content-Type", "application/x-ndjson")
            .principal(principal)
            .build();
    var answer = scene.endpoint.post(handshake, up(seq, "chat", data)).toCompletableFuture();
    scene.run();
    return answer.join();
  }
}
