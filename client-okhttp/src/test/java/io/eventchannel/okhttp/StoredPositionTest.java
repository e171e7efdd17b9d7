package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.CursorStore;
import io.eventchannel.Event;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.client.EventIterator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a stream's IDs become: on the wire of the next connection, and in the store. */
class StoredPositionTest {
  @Test
  void INV_27_onlyAWholeBlockMovesThePositionOnTheWireAndInTheStore() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("id: 1\ndata: a\n\nid: 2\n\nid: 3\ndata: lacks its blank line\n");
              })
          .onConnection(
              c -> {
                c.acceptEventStream().expectHeader("Last-Event-ID", "2");
                c.write("data: b\n\nid: 4\0\ndata: c\n\nid: 5");
              })
          .onConnection(
              c -> {
                c.acceptEventStream().expectHeader("Last-Event-ID", "2");
                c.write("id\ndata: d\n\n");
              })
          .onConnection(
              c -> {
                c.acceptEventStream().expectNoHeader("Last-Event-ID");
                c.awaitEnd();
              });
      CursorStore store = CursorStore.inMemory();
      harness.client.open(
          ChannelRequest.builder(harness.url()).cursorStore(store).build(), harness.listener);
      harness.listener.takeOpen();
      assertEquals("a", harness.listener.takeEvent().data());
      assertEquals(Kind.END_OF_STREAM, harness.listener.takeConnectionLost().reason().kind());
      assertEquals("2", store.load());
      harness.listener.takeOpen();
      assertEquals("2", harness.listener.takeEvent().id(), "inherited");
      assertEquals("2", harness.listener.takeEvent().id(), "one with NUL is none");
      harness.listener.takeConnectionLost();
      assertEquals("2", store.load());
      harness.listener.takeOpen();
      assertNull(harness.listener.takeEvent().id());
      harness.listener.takeConnectionLost();
      assertNull(store.load(), "taken back");
      harness.listener.takeOpen();
    }
  }

  @Test
  void INV_22_INV_24_aLoopOverEventsReadsOnOverANewConnection() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness
          .server
          .onConnection(
              c -> {
                c.acceptEventStream();
                c.write("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: cut");
              })
          .onConnection(
              c -> {
                c.acceptEventStream().expectHeader("Last-Event-ID", "2");
                c.write("id: 3\ndata: c\n\n");
              })
          .onConnection(
              c -> {
                c.readRequest();
                c.write("HTTP/1.1 204 No Content\r\n\r\n");
              });
      List<String> heard = new ArrayList<>();
      try (EventIterator events =
          harness.client.iterate(ChannelRequest.of(harness.url()), gap -> heard.add("gap"))) {
        for (Event event : events) {
          heard.add(event.data());
        }
      }
      assertEquals(List.of("a", "b", "c"), heard);
    }
  }
}
