package io.eventchannel.server;

import static io.eventchannel.server.Scene.up;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Receipt;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.server.spi.Outlet.WriteResult;
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
    CompletableFuture<Receipt> late = channel.send(Event.of("note", "after")).toCompletableFuture();
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
    FakeOutlet stream = scene.sse(); // whose channel ends with it
    ServerChannel own = (ServerChannel) channel;
    assertEquals(204, scene.post(own.id(), up(1, "chat", "first")).status());

    Uplink found = own.uplink(); // by a POST that is about to hand its events in
    stream.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
    scene.run();
    List<String> refused = new ArrayList<>();
    found.take(
        up(2, "chat", "late"),
        new Uplink.Decisions() {
          @Override
          public void refused(Uplink.Refusal refusal) {
            refused.add(refusal.reason);
          }

          @Override
          public void decided(long ack) {}
        },
        true);
    scene.run();

    assertEquals(List.of("first", "closed"), heard);
    assertEquals(List.of("the channel is closed"), refused);
    assertEquals(404, scene.post(own.id(), up(3, "chat", "later")).status());
  }
}
