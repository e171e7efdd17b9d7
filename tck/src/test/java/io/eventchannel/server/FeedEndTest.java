package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.tck.ManualExecutor;
import io.eventchannel.tck.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What the end of a feed leaves to be told, when its timer ends with it. The clock of most scenes
 * is not moved any more then: whatever waits for it waits for ever.
 */
class FeedEndTest {
  /** Takes tasks, or refuses them as one does whose queue is full or that was shut down. */
  private static final class Application implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    boolean refuses;
    boolean fails;

    @Override
    public void execute(Runnable task) {
      if (refuses) {
        throw new RejectedExecutionException("the test wants it so");
      }
      if (fails) {
        throw new IllegalStateException("the test wants it so");
      }
      tasks.add(task);
    }

    void runAll() {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
      }
    }

    void shutdownNow() {
      refuses = true;
      tasks.clear();
    }
  }

  private final Application application = new Application();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final Scene scene =
      new Scene(
          InMemoryEventLog.create(),
          feed -> {},
          endpoint ->
              endpoint
                  .applicationExecutor(application)
                  .listener(
                      new EventChannelListener() {
                        @Override
                        public void onOpen(EventChannel channel) {
                          heard.add("open");
                        }

                        @Override
                        public void onClosed(EventChannel channel, CloseReason reason) {
                          heard.add("closed");
                        }
                      }));

  private void assertOpenAndClosedAreHeardOnce() throws InterruptedException {
    assertEquals("open", heard.poll(20, TimeUnit.SECONDS));
    assertEquals("closed", heard.poll(20, TimeUnit.SECONDS));
    application.refuses = false;
    application.runAll();
    scene.pass(Duration.ofSeconds(1));
    application.runAll();
    assertTrue(heard.isEmpty(), heard::toString);
  }

  private static void cut(FakeOutlet outlet) {
    outlet.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
  }

  @Test
  void INV_15_callsThatWaitForAFullExecutorAreMadeElsewhereOnceTheEndpointEnds() throws Exception {
    application.refuses = true;
    scene.sse();
    scene.endpoint.close();
    scene.run();
    scene.feed.close();
    assertOpenAndClosedAreHeardOnce();
  }

  @Test
  void INV_15_callsOfAChannelThatIsGoneAlreadyAreMadeElsewhereToo() throws Exception {
    application.refuses = true;
    cut(scene.sse());
    scene.run();
    assertEquals(0, scene.endpoint.connections());
    scene.endpoint.close();
    assertOpenAndClosedAreHeardOnce();
  }

  @Test
  void INV_15_aFeedThatIsClosedWithoutItsEndpointsLeavesNoCallWaiting() throws Exception {
    application.refuses = true;
    cut(scene.sse());
    scene.run();
    scene.feed.close();
    assertOpenAndClosedAreHeardOnce();
  }

  @Test
  void INV_15_aConnectionThatEndsAfterItsFeedIsToldWithoutATimer() throws Exception {
    FakeOutlet last = scene.sse();
    application.runAll();
    scene.feed.close();
    application.refuses = true;
    cut(last);
    scene.run();
    assertOpenAndClosedAreHeardOnce();
  }

  @Test
  void INV_15_anExecutorThatDroppedItsTasksWhenItWasShutDownKeepsNoEndBack() throws Exception {
    scene.sse();
    application.shutdownNow();
    scene.endpoint.close();
    scene.run();
    assertOpenAndClosedAreHeardOnce();
  }

  @Test
  void INV_34_anAdmissionThatIsNeverTakenUpKeepsNoDrainOpenWhenTheFeedIsClosed() {
    assertNull(scene.endpoint.admit(Scene.handshake(Handshake.Kind.WEBSOCKET)).refusal());
    CompletableFuture<Void> gone = scene.endpoint.drain(Duration.ZERO).toCompletableFuture();
    scene.feed.close();
    assertFalse(gone.isDone());
    scene.pass(Duration.ofSeconds(10));
    application.runAll();
    assertTrue(gone.isDone());
  }

  @Test
  void INV_34_theTimerOfAFeedOutlivesThoseWhoAreAdmitted() {
    int[] ends = {0};
    FeedEngine engine = engine(() -> ends[0]++);
    engine.expect();
    engine.expect();
    engine.close();
    engine.arrived();
    assertEquals(0, ends[0]);
    engine.arrived();
    assertEquals(1, ends[0]);
  }

  private static FeedEngine engine(Runnable whenEmpty) {
    ManualExecutor nothing = new ManualExecutor();
    return new FeedEngine(
        InMemoryEventLog.create(),
        new VirtualScheduler(),
        SlowConsumerPolicy.stayInLog(),
        ServerMetrics.none(),
        16,
        Long.MAX_VALUE,
        nothing::execute,
        1,
        nothing,
        whenEmpty);
  }

  @Test
  void INV_15_anExecutorThatThrowsKeepsNeitherAnEndNorTheDrainBack() throws Exception {
    scene.sse();
    application.runAll();
    application.fails = true;
    CompletableFuture<Void> gone = scene.endpoint.drain(Duration.ZERO).toCompletableFuture();
    scene.run();
    gone.get(20, TimeUnit.SECONDS);
    application.fails = false;
    assertOpenAndClosedAreHeardOnce();
  }

  @Test
  void INV_15_whoWasAdmittedBeforeTheFeedWasClosedIsOpenedAndSentAway() {
    Admission admission = scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
    CompletableFuture<Void> gone = scene.endpoint.drain(Duration.ZERO).toCompletableFuture();
    scene.feed.close();
    FakeOutlet outlet = scene.open(admission, new FakeOutlet(admission.format()));
    application.runAll();

    assertEquals(1001, outlet.closeCode);
    assertEquals(List.of("open", "closed"), List.copyOf(heard));
    assertTrue(gone.isDone());
    assertNotNull(scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE)).refusal());
  }
}
