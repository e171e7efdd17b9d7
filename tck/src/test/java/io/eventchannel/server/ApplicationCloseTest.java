package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The codes with which a server's application closes a channel. */
class ApplicationCloseTest {
  private final List<CloseReason> ends = new ArrayList<>();
  private @Nullable EventChannel latest;

  private final EventChannelListener listener =
      new EventChannelListener() {
        @Override
        public void onOpen(EventChannel opened) {
          latest = opened;
        }

        @Override
        public void onEvent(EventChannel from, Event event) {}

        @Override
        public void onClosed(EventChannel closed, CloseReason reason) {
          ends.add(reason);
        }
      };

  private final Scene scene =
      new Scene(InMemoryEventLog.create(), feed -> {}, endpoint -> endpoint.listener(listener));

  private EventChannel channel() {
    return Objects.requireNonNull(latest);
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 3000, 3999, 4000, 4001, 4999})
  void WS_04_theCloseFrameSaysTheCodeAndTheReasonBehindWhatWasSent(int code) {
    FakeOutlet socket = scene.webSocket();
    socket.taken();
    channel().send(Event.of("note", "before"));
    channel().close(code, "bye \"ü\"");
    channel().close(4321, "second");
    assertEquals(ChannelState.CLOSING, channel().state());
    scene.run();

    assertEquals(List.of("note before", "close " + code + " bye \"ü\""), socket.taken());
    assertEquals(List.of(CloseReason.local(code, "bye \"ü\"")), ends);
    assertEquals(ChannelState.CLOSED, channel().state());
    assertEquals(0, scene.endpoint.connections());
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 3000, 3999, 4000, 4001, 4999})
  void WS_04_theGoodbyeOfAStreamSaysTheCodeAndTheReason(int code) {
    FakeOutlet stream = scene.sse();
    stream.taken();
    channel().close(code, "bye \"ü\"\n");
    scene.run();

    assertEquals(
        List.of(
            "eventchannel.goodbye {\"code\":"
                + code
                + ",\"reason\":\"bye \\\"ü\\\"\\n\",\"delay\":0}",
            "close " + code + " bye \"ü\"\n"),
        stream.taken());
    assertEquals(List.of(CloseReason.local(code, "bye \"ü\"\n")), ends);
  }

  @Test
  void WS_04_closeWithoutACodeIs1000WithoutAReason() {
    FakeOutlet socket = scene.webSocket();
    socket.taken();
    channel().close();
    scene.run();
    assertEquals(List.of("close 1000"), socket.taken());
    assertEquals(List.of(CloseReason.local(1000, "")), ends);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 999, 1001, 1005, 1006, 1015, 2999, 5000})
  void WS_04_anotherCodeIsRefusedAndTheChannelGoesOn(int code) {
    FakeOutlet socket = scene.webSocket();
    socket.taken();
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> channel().close(code, ""));
    assertEquals("close code: expected 1000 or 3000 to 4999, got " + code, refused.getMessage());
    assertThrows(IllegalArgumentException.class, () -> channel().close(4000, "€".repeat(42)));
    assertThrows(IllegalArgumentException.class, () -> channel().close(4000, "\uD83D"));
    scene.run();

    assertEquals(List.of(), socket.taken());
    assertEquals(ChannelState.OPEN, channel().state());
    channel().close(4000, "");
    assertThrows(IllegalArgumentException.class, () -> channel().close(code, ""), "closed or not");
  }

  @Test
  void WS_04_theCodeOfAClientsApplicationIsToldAsItCame() {
    FakeOutlet socket = scene.webSocket();
    socket.listener.closed(CloseReason.closeCode(4007, "bye"));
    scene.run();
    assertEquals(List.of(CloseReason.closeCode(4007, "bye")), ends);
    assertEquals(ChannelState.CLOSED, channel().state());
  }
}
