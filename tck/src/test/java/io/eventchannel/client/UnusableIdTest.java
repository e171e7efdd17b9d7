package io.eventchannel.client;

import static io.eventchannel.client.EngineHarness.OURS;
import static io.eventchannel.client.EngineHarness.control;
import static io.eventchannel.client.EngineHarness.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.CursorStore;
import io.eventchannel.EventChannel;
import io.eventchannel.Gap;
import io.eventchannel.LimitExceededException;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.transport.ConnectionInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** IDs that a server makes too long to be sent back to it, or that are none. */
class UnusableIdTest {
  private static final String LONGEST = "x".repeat(4096);
  private static final String TOO_LONG = LONGEST + "x";

  private final EngineHarness harness = EngineHarness.create();

  @AfterEach
  void nothingIsLeftOver() {
    harness.finish();
  }

  @Test
  void S06_anIdThatIsTooLongIsNotSentBackAndTheGapItMakesIsTold() throws Exception {
    ScriptedConnection first = harness.openConnected();
    first.event(event("e-1", "one")).event(event(TOO_LONG, "two"));
    first.event(event(TOO_LONG + "y", "three"));
    first.breaks();
    harness.passDelay();
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals("", second.request().lastEventId());
    second.opens(OURS).event(event("e-9", "nine"));
    harness.listen();

    assertEquals("one", harness.listener.takeEvent().data());
    assertEquals("two", harness.listener.takeEvent().data());
    assertEquals("three", harness.listener.takeEvent().data());
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
    assertEquals(new Gap(Gap.Reason.UNKNOWN, null, null), harness.listener.takeGap());
    assertEquals("nine", harness.listener.takeEvent().data());
    assertEquals(1, harness.errors.size(), "reported once, not for each event");
    assertTrue(String.valueOf(harness.errors.get(0).getMessage()).contains("4096"));
    harness.errors.clear();

    second.breaks(); // the usable ID after it counts again
    harness.passDelay();
    assertEquals("e-9", harness.webSocket.takeConnection().opens(OURS).request().lastEventId());
    harness.listen();
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
    harness.listener.assertExhausted();
  }

  @Test
  void S06_theReporterIsCalledByTheExecutorAndNotByWhoReadsTheSocket() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    connection.event(event(TOO_LONG, "one"));
    assertEquals(List.of(), harness.errors);
    harness.listen();
    assertEquals(1, harness.errors.size());
    assertInstanceOf(LimitExceededException.class, harness.errors.get(0));
    harness.errors.clear();
  }

  @Test
  void S06_whereTheExecutorTakesNothingTheReporterIsCalledAllTheSame() throws Exception {
    ScriptedConnection connection = harness.openConnected();
    harness.executor.refuse();
    connection.event(event(TOO_LONG, "one"));
    assertInstanceOf(LimitExceededException.class, harness.errors.get(0));
    harness.errors.clear();
  }

  @Test
  void S06_aUsableIdBeforeTheLossMakesItGood() throws Exception {
    ScriptedConnection first = harness.openConnected();
    first.event(event(TOO_LONG, "one")).event(event(LONGEST, "two"));
    first.breaks();
    harness.passDelay();
    ScriptedConnection second = harness.webSocket.takeConnection();
    assertEquals(LONGEST, second.request().lastEventId());
    second.opens(OURS);
    harness.listen();
    harness.listener.takeEvents(2);
    harness.listener.takeConnectionLost();
    harness.listener.takeOpen();
    harness.listener.assertExhausted();
    harness.errors.clear();
  }

  @Test
  void S06_anIdThatIsTooLongIsNotStored() throws Exception {
    List<@Nullable String> saved = new ArrayList<>();
    CursorStore store =
        new CursorStore() {
          @Override
          public @Nullable String load() {
            return null;
          }

          @Override
          public void save(@Nullable String lastEventId) {
            saved.add(lastEventId);
          }
        };
    EventChannel channel =
        harness.client.open(
            ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(), harness.listener);
    harness.listen();
    harness
        .webSocket
        .takeConnection()
        .opens(OURS)
        .event(event("e-1", "one"))
        .event(event(TOO_LONG, "two"));
    harness.listen();
    assertEquals(List.of("e-1"), saved);
    assertEquals("e-1", channel.lastEventId());
    harness.listener.takeOpen();
    harness.listener.takeEvents(2);
    harness.errors.clear();
  }

  @Test
  void S06_aStoredPositionThatIsTooLongEndsTheChannelRatherThanSkippingEvents() throws Exception {
    CursorStore store =
        new CursorStore() {
          @Override
          public String load() {
            return TOO_LONG;
          }

          @Override
          public void save(@Nullable String lastEventId) {}
        };
    harness.client.open(
        ChannelRequest.builder(EngineHarness.URL).cursorStore(store).build(), harness.listener);
    harness.listen();
    assertEquals(Kind.APPLICATION, harness.listener.takeClosed().kind());
    harness.webSocket.assertNoAttempt();
  }

  @Test
  void S06_aRequestRefusesAPositionThatIsTooLong() {
    ChannelRequest.Builder request = ChannelRequest.builder(EngineHarness.URL);
    assertEquals(LONGEST, request.lastEventId(LONGEST).build().lastEventId());
    assertThrows(IllegalArgumentException.class, () -> request.lastEventId(TOO_LONG));
  }

  @Test
  void S06_aChannelIdThatIsNoneIsNotSentBack() throws Exception {
    EventChannel channel = harness.open();
    ScriptedConnection first = harness.webSocket.takeConnection();
    first.opens(new ConnectionInfo(true, "two\nlines", 15_000));
    first.event(control("hello", null, "{\"channel\":\"" + TOO_LONG + "\"}"));
    assertNull(channel.id());
    first.breaks();
    harness.passDelay();
    assertNull(harness.webSocket.takeConnection().request().channelId());
  }
}
