package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A connection by which a client only looks whether its transport passes (protocol rule F-6). */
class ProbeAdmissionTest {
  private final List<String> told = new ArrayList<>();
  private final EventChannelListener listener =
      new EventChannelListener() {
        @Override
        public void onOpen(EventChannel channel) {
          told.add("open");
        }

        @Override
        public void onEvent(EventChannel channel, Event event) {
          told.add(event.data());
        }

        @Override
        public void onClosed(EventChannel channel, CloseReason reason) {
          told.add("closed");
        }
      };
  private final Scene scene =
      new Scene(InMemoryEventLog.create(), feed -> {}, endpoint -> endpoint.listener(listener));

  private static final String[] WEB_SOCKET = {
    "EventChannel-Version: 1", "Sec-WebSocket-Protocol: eventchannel.v1.bytes", "probe=1"
  };

  @Test
  void itGetsHelloAndHeartbeatsAndNoEvent() {
    FakeOutlet probe = scene.webSocket(WEB_SOCKET);
    scene.publish("prices", "1");
    scene.run();
    List<String> first = probe.taken();
    assertTrue(first.get(0).startsWith("eventchannel.hello "), first.get(0));
    assertTrue(first.stream().allMatch(line -> line.startsWith("eventchannel.")), "" + first);
    scene.pass(Duration.ofSeconds(15));
    assertEquals(1, probe.taken().size(), "a heartbeat");
    assertEquals(List.of(), probe.applicationEvents());
  }

  @Test
  void overAStreamLikewiseAndItsPositionReplaysNothing() {
    String before = scene.publish("prices", "1");
    scene.publish("prices", "2");
    FakeOutlet probe = scene.sse("EventChannel-Version: 1", "probe=1", "Last-Event-ID: " + before);
    scene.publish("prices", "3");
    scene.run();
    scene.pass(Duration.ofSeconds(15));
    assertEquals(List.of(), probe.applicationEvents());
    assertTrue(probe.events().size() >= 2, "its position and a heartbeat");
    assertTrue(probe.events().stream().noneMatch(e -> e.type().equals("eventchannel.gap")));
  }

  @Test
  void theApplicationHearsNothingOfItAndWhatItSendsIsRefused() {
    FakeOutlet probe = scene.webSocket(WEB_SOCKET);
    probe.taken();
    probe.listener.received(Scene.up(1, "chat", "hi"));
    scene.run();
    assertTrue(probe.taken().stream().anyMatch(line -> line.startsWith("eventchannel.refused")));
    probe.listener.closed(CloseReason.closeCode(1000, ""));
    scene.run();
    assertEquals(List.of(), told);
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void itIsAuthorisedLikeTheChannelItIsMadeFor() {
    Scene closed =
        new Scene(
            InMemoryEventLog.create(),
            feed -> {},
            endpoint -> endpoint.authorizer(handshake -> Authorization.refuse(403, "not you")));
    Admission admission =
        closed.endpoint.admit(Scene.handshake(Handshake.Kind.WEBSOCKET, WEB_SOCKET));
    assertEquals(403, Objects.requireNonNull(admission.refusal()).status());
  }
}
