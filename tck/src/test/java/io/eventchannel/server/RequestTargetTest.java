package io.eventchannel.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.log.Position;
import io.eventchannel.server.spi.OutletListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/**
 * Any request at an endpoint with a little history. A seed's first line is the kind of the request;
 * then come its headers, as {@code Name: value}, and query parameters, as {@code name=value}, one a
 * line; after a blank line, the body or the message that comes up. {@code @1} to {@code @3} stand
 * for the IDs of what was published.
 */
@Tag("fuzz")
class RequestTargetTest {
  private static final int EVENTS = 3;
  private static final int LIMIT = 512;

  private Scene scene;
  private int requests;

  @BeforeEach
  void start() {
    scene =
        new Scene(
            InMemoryEventLog.create(), feed -> {}, endpoint -> endpoint.maxUpstreamBytes(LIMIT));
    for (int i = 1; i <= EVENTS; i++) {
      scene.publish("a", "" + i);
    }
  }

  @FuzzTest(maxDuration = "1m")
  void S07_anyRequestIsServedOrRefusedAndReplaysNothingUnasked(byte[] bytes) {
    if (scene == null || ++requests % 1_000 == 0) {
      start(); // the channels of the requests before live on for a minute
    }
    String[] parts = new String(bytes, UTF_8).split("\n\n", 2);
    String[] lines = parts[0].split("\n", -1);
    byte[] body = (parts.length < 2 ? "" : parts[1]).getBytes(UTF_8);
    Handshake.Kind kind = Handshake.Kind.SSE;
    for (Handshake.Kind each : Handshake.Kind.values()) {
      kind = lines[0].equals(each.name()) ? each : kind;
    }
    Handshake.Builder request = Handshake.builder(kind);
    for (String line : Arrays.asList(lines).subList(1, lines.length)) {
      add(request, line);
    }
    Handshake handshake = request.build();
    if (kind == Handshake.Kind.POST) {
      post(handshake, body);
    } else {
      connect(handshake, body);
    }
    assertEquals(0, scene.endpoint.connections());
  }

  private void add(Handshake.Builder request, String line) {
    String text = line;
    for (int i = 1; i <= EVENTS; i++) {
      text = text.replace("@" + i, scene.ids.get(i - 1));
    }
    int colon = text.indexOf(": ");
    int equals = text.indexOf('=');
    if (colon > 0 && (equals < 0 || colon < equals)) {
      request.header(text.substring(0, colon), text.substring(colon + 2));
    } else if (equals > 0) {
      request.query(text.substring(0, equals), text.substring(equals + 1));
    }
  }

  private void post(Handshake handshake, byte[] body) {
    CompletableFuture<Answer> answer = scene.endpoint.post(handshake, body).toCompletableFuture();
    scene.run();
    assertTrue(answer.isDone(), "no answer");
    assertTrue(answer.join().status() < 500, () -> "got " + answer.join().status());
  }

  private void connect(Handshake handshake, byte[] message) {
    Admission admission = scene.endpoint.admit(handshake);
    Answer refusal = admission.refusal();
    if (refusal != null) {
      assertTrue(refusal.status() >= 400 && refusal.status() < 500, () -> "" + refusal.status());
      return;
    }
    FakeOutlet outlet = scene.open(admission, new FakeOutlet(admission.format()));
    assertFalse(outlet.aborted, "cut off");
    assertEquals(expected(handshake), told(outlet));
    OutletListener listener = Objects.requireNonNull(outlet.listener);
    if (handshake.kind() == Handshake.Kind.WEBSOCKET) {
      listener.received(message);
      scene.run();
    }
    outlet.assertSound();
    if (outlet.closeCode == 0) {
      listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "the client has gone"));
      scene.run();
    }
  }

  /** What the request must be told: the events after its position, a gap, or neither. */
  private List<String> expected(Handshake handshake) {
    String header = handshake.header("Last-Event-ID");
    String id = header != null ? header : firstOf(handshake, "lastEventId", "last_event_id");
    boolean probe = "1".equals(handshake.query("probe"));
    if (probe || id == null || id.isEmpty()) {
      return List.of();
    }
    int at = scene.ids.indexOf(id);
    if (at >= 0) {
      return after(at + 1, handshake);
    }
    Position position = Position.parse(id);
    boolean ofNow = position != null && position.sameEpoch(Position.parse(scene.ids.get(0)));
    return position == null || ofNow ? List.of("gap") : gapAndAll(handshake);
  }

  /** A position of another epoch goes on with the oldest that is held (protocol rule G-3). */
  private static List<String> gapAndAll(Handshake handshake) {
    List<String> told = new ArrayList<>(List.of("gap"));
    told.addAll(after(0, handshake));
    return told;
  }

  private static List<String> after(int from, Handshake handshake) {
    List<String> topics = handshake.queryAll("topic");
    List<String> told = new ArrayList<>();
    for (int i = from; i < EVENTS && (topics.isEmpty() || topics.contains("a")); i++) {
      told.add("" + (i + 1));
    }
    return told;
  }

  private static @Nullable String firstOf(Handshake handshake, String... names) {
    for (String name : names) {
      if (handshake.query(name) != null) {
        return handshake.query(name);
      }
    }
    return null;
  }

  private static List<String> told(FakeOutlet outlet) {
    List<String> told = new ArrayList<>();
    for (Event event : outlet.events()) {
      boolean inEnvelope = event.type().equals("message") && event.data().startsWith("{");
      if (event.type().equals("eventchannel.gap")
          || (inEnvelope && event.data().contains("\"eventchannel.gap\""))) {
        told.add("gap");
      } else if (inEnvelope && !event.data().contains("\"eventchannel.")) {
        told.add(event.data().replaceAll(".*\"data\":\"(.)\".*", "$1"));
      } else if (!inEnvelope && !event.type().startsWith("eventchannel.")) {
        told.add(event.data());
      }
    }
    return told;
  }
}
