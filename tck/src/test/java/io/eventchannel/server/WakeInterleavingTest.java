package io.eventchannel.server;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.tck.Interleavings;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * From append to outlet: a publisher, a loop and the threads of a container, in every order of
 * their steps. When all have done what they had to do, each event must have been written, in order
 * and once: a wake that got lost would leave one behind.
 */
@Tag("interleaving")
class WakeInterleavingTest {
  private static final int SCHEDULES = 50;

  @Test
  void INV_10_noWakeIsLostBetweenAPublisherAndASubscriptionThatGoesToSleep() {
    explore(OnTheLoop.class, "open finishWrite", "publishWanted", "wakeForNothing");
    explore(OnTheLoop.class, "open", "publishWanted publishWanted", "finishWrite finishWrite");
  }

  @Test
  void INV_11_noWakeIsLostWhileASubscriptionComesFromTheLogIntoTheWindow() {
    explore(OnTheLoop.class, "publishWanted", "publishWanted publishOther", "open finishWrite");
    explore(
        OnTheLoop.class,
        "open finishWrite",
        "publishWanted publishOther publishOther publishWanted",
        "finishWrite");
  }

  @Test
  void INV_10_INV_13_noWakeIsLostBetweenALoopAndAConnectionWithItsOwnThread() {
    explore(OnItsOwnThread.class, "open", "publishWanted", "work finishWrite work");
    explore(
        OnItsOwnThread.class,
        "open work finishWrite work",
        "publishOther publishWanted",
        "work finishWrite work");
  }

  private static void explore(Class<?> operations, String first, String... threads) {
    Interleavings.options(
            0,
            SCHEDULES,
            Batch.class,
            BatchBuilder.class,
            BatchCache.Reading.class,
            ControlEvents.class,
            ControlQueue.class,
            EncodedEvent.class,
            Event.class,
            FollowedLog.class,
            LogEntry.class,
            Page.class,
            Parking.class,
            Position.class,
            SseEncoder.class,
            TopicFilter.class,
            Vitals.class)
        .addGuarantee(
            forClasses(Run.class.getName(), BatchCache.class.getName())
                .allMethods()
                .treatAsAtomic())
        .addCustomScenario(Interleavings.scenario(operations, first, threads))
        .check(operations);
  }

  /**
   * A subscription to one topic; the loop that serves it is whoever signals it while it is idle.
   */
  abstract static class Fanout implements Subscription.Peer {
    // So small that a subscription falls out of it, and comes back through the log.
    private static final int WINDOW = 2;

    final SlowOutlet outlet;
    private final FollowedLog log = new FollowedLog();
    private final StillClock clock = new StillClock();
    private final FeedEngine engine;
    private final Subscription subscription;
    private boolean connected;

    Fanout(@Nullable Executor own) {
      engine =
          new FeedEngine(
              log,
              clock,
              SlowConsumerPolicy.stayInLog(),
              ServerMetrics.none(),
              WINDOW,
              Long.MAX_VALUE,
              Runnable::run,
              1,
              Runnable::run,
              () -> {});
      engine.start();
      outlet = new SlowOutlet(own);
      subscription =
          new Subscription(
              engine,
              engine.loopFor(outlet),
              outlet,
              this,
              new BatchCache.Reading(TopicFilter.of(Set.of("a")), WireFormat.SSE, false),
              new Vitals(new Vitals.Rules(clock, 1_000_000_000L, engine.policy()), 1, 0, null),
              new ControlQueue(WireFormat.SSE, false, 1024),
              FollowedLog.START,
              false);
      outlet.listener = subscription;
    }

    void publish(String topic) {
      log.follower().onEntry(log.add(topic));
    }

    void connect() {
      if (!connected) {
        connected = true;
        engine.join(subscription);
        subscription.start();
      }
    }

    void wake() {
      subscription.wake();
    }

    @Override
    public void received(Subscription subscription, byte[] frame) {}

    @Override
    public void ended(Subscription ended, CloseReason reason) {
      throw new IllegalStateException("ended: " + reason);
    }

    /** Does what is left to do, and looks at what was written. */
    void expectAllWritten(Queue<Runnable> tasks) {
      connect();
      boolean any = true;
      while (any) {
        any = outlet.finishWrite();
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
          any = true;
        }
      }
      List<String> written = outlet.written();
      if (!written.equals(log.of("a")) || !outlet.faults.isEmpty()) {
        throw new IllegalStateException(
            "wrote " + written + " of " + log.of("a") + "; " + outlet.faults);
      }
    }
  }

  /** As over Tomcat and Jetty. */
  public static class OnTheLoop extends Fanout {
    public OnTheLoop() {
      super(null);
    }

    @Operation
    public void publishWanted() {
      publish("a");
    }

    @Operation
    public void publishOther() {
      publish("b");
    }

    @Operation
    public void open() {
      connect();
    }

    @Operation
    public void finishWrite() {
      outlet.finishWrite();
    }

    @Operation
    public void wakeForNothing() {
      wake();
    }

    @Validate
    public void everythingWasWritten() {
      expectAllWritten(new ConcurrentLinkedQueue<>());
    }
  }

  /** As over Undertow: writes are made by a thread of the container. */
  public static class OnItsOwnThread extends Fanout {
    private final Queue<Runnable> tasks;

    public OnItsOwnThread() {
      this(new ConcurrentLinkedQueue<>());
    }

    private OnItsOwnThread(Queue<Runnable> tasks) {
      super(tasks::add);
      this.tasks = tasks;
    }

    @Operation
    public void publishWanted() {
      publish("a");
    }

    @Operation
    public void publishOther() {
      publish("b");
    }

    @Operation
    public void open() {
      connect();
    }

    @Operation
    public void work() {
      Runnable task = tasks.poll();
      if (task != null) {
        task.run();
      }
    }

    @Operation
    public void finishWrite() {
      outlet.finishWrite();
    }

    @Validate
    public void everythingWasWritten() {
      expectAllWritten(tasks);
    }
  }
}
