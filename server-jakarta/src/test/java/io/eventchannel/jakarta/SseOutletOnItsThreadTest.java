package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet.WriteResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A stream in a container that demands its own thread for each connection. */
final class SseOutletOnItsThreadTest {
  private final FakeAdmission engine = new FakeAdmission(WireFormat.SSE, 60_000);
  private final FakeResponse container = new FakeResponse();
  private final ContainerCalls calls = new ContainerCalls(20);
  private final Home home = new Home(calls, BodyRoom.forBodiesOf(0));
  private final IoThread thread = new IoThread();
  private final Lane lane = new Lane(thread, calls);
  private SseOutlet outlet;

  @BeforeEach
  void open() throws Exception {
    outlet =
        SseOutlet.start(
            engine,
            container.async,
            home.on(new OwnThread(lane, () -> container.calls.add("cut"))));
    thread.call(this::possible);
    assertEquals(List.of("open"), engine.told);
    engine.told.clear();
    container.calls.clear();
  }

  @AfterEach
  void close() {
    thread.close();
    calls.close();
  }

  @Test
  void theEngineIsToldTheThreadAndMayWriteThere() throws Exception {
    assertSame(lane, outlet.executor());
    thread.call(() -> assertEquals(WriteResult.DONE, outlet.write(batch("a"))));
    assertEquals(List.of("write a", "flush"), container.calls);
  }

  @Test
  void nothingIsTouchedFromAnyOtherThread() {
    assertEquals(WriteResult.DEAD, outlet.write(batch("a")));
    outlet.close(1001, "going away");
    outlet.abort();
    assertEquals(List.of(), container.calls);
    assertEquals(List.of("closed LOCAL"), engine.told);
    assertEquals(0, home.connections.size());
  }

  @Test
  void readinessIsToldAtOnceSinceTheNextWriteComesAfterTheCallback() throws Exception {
    thread.call(
        () -> {
          container.readiness.add(false);
          assertEquals(WriteResult.PENDING, outlet.write(batch("a")));
          possible();
          assertEquals(List.of("ready"), engine.told);
        });
  }

  @Test
  void aFailedWriteEndsTheResponseWithoutWaitingForACallback() throws Exception {
    container.failure = new IOException("reset");
    thread.call(() -> assertEquals(WriteResult.DEAD, outlet.write(batch("a"))));
    assertEquals(List.of("closed NETWORK"), engine.told);
    assertEquals(List.of("write a", "complete"), container.calls);
    assertEquals(0, home.connections.size());
  }

  @Test
  void abortCutsTheSocketOfAPeerThatDoesNotReadAndNoOther() throws Exception {
    thread.call(
        () -> {
          container.readiness.add(false);
          outlet.write(batch("a"));
          outlet.abort();
        });
    assertEquals(List.of("write a", "cut", "complete"), container.calls);
    assertEquals(List.of("closed LOCAL"), engine.told);
  }

  @Test
  void abortOfAStreamThatIsNotStuckLetsWhatWasWrittenLeave() throws Exception {
    thread.call(
        () -> {
          outlet.write(batch("a"));
          outlet.abort();
        });
    assertEquals(List.of("write a", "flush", "complete"), container.calls);
  }

  private void possible() {
    try {
      container.writeListener.onWritePossible();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Batch batch(String text) {
    return new Batch(WireFormat.SSE, text.getBytes(StandardCharsets.UTF_8), false);
  }
}
