package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.DeliveryUnknownException;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Receipt;
import io.eventchannel.SendRejectedException;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.policy.RateLimit;
import io.eventchannel.tck.ManualExecutor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * A client and a server whose network, clock and threads are the test's: connections are cut with
 * answers under way, each attempt goes over either transport, and what was given up comes late.
 */
class UpstreamScheduleTest {
  private static final int SCHEDULES = Integer.getInteger("schedules", 4_000);
  private static final int STEPS = 250;
  private static final RateLimit FREE = RateLimit.none();

  /** What may happen beside cuts. */
  private enum World {
    /** The server keeps its channels, also over the end of a permission. */
    KIND,
    /** Clients stay away for longer than channels live, and principals may do less. */
    HARSH
  }

  @Test
  void INV_34_F37_eachEventIsHandledOnceAndInOrderWhateverHappens(TestReporter reporter) {
    run(reporter, World.KIND);
  }

  @Test
  void INV_34_whereAServerForgetsTheReceiptSaysHowOftenAnEventMayHaveBeenTaken(
      TestReporter reporter) {
    run(reporter, World.HARSH);
  }

  private static void run(TestReporter reporter, World world) {
    long firstSeed = Long.getLong("seed", new Random().nextLong());
    reporter.publishEntry("seed", String.valueOf(firstSeed));
    int handled = 0;
    int connections = 0;
    int repeated = 0;
    for (int i = 0; i < SCHEDULES; i++) {
      Schedule schedule = new Schedule(firstSeed + i, world);
      try {
        schedule.run();
      } catch (Throwable failed) {
        throw new AssertionError("schedule of -Dseed=" + (firstSeed + i), failed);
      }
      handled += schedule.handled.size();
      connections += schedule.wire.connections.size();
      repeated += schedule.repeated;
    }
    // A schedule in which nothing happens proves nothing.
    assertTrue(handled > 10 * SCHEDULES, handled + " events handled");
    assertTrue(connections > 3 * SCHEDULES, connections + " connections");
    if (world == World.HARSH) {
      assertTrue(repeated > SCHEDULES / 10, repeated + " events that may have been taken twice");
    }
  }

  private static final class Schedule {
    private final Random random;
    private final World world;
    private final boolean atMostOnce;
    private final List<Integer> handled = new ArrayList<>();
    private final List<CompletableFuture<Receipt>> sent = new ArrayList<>();
    private final ManualExecutor clientThreads = new ManualExecutor();
    private final Scene scene;
    private final VirtualWire wire;
    private final ChannelClient client;
    private int repeated;

    Schedule(long seed, World world) {
      this.random = new Random(seed);
      this.world = world;
      this.atMostOnce =
          world == World.HARSH && (seed & 1) == 0; // first draws of seeds in a row agree
      EventChannelListener application =
          new EventChannelListener() {
            @Override
            public void onEvent(EventChannel channel, Event event) {
              int number = Integer.parseInt(event.data());
              handled.add(number);
              if (isBomb(number)) {
                throw new IllegalStateException("the application's own");
              }
            }
          };
      // Of every three schedules one goes over a rate again and again, and nobody is refused for
      // it.
      RateLimit rate =
          random.nextInt(3) == 0
              ? RateLimit.of(1 + random.nextInt(5), 1 + random.nextInt(9))
              : FREE;
      Duration linger = world == World.KIND ? Duration.ofHours(1) : Duration.ofSeconds(60);
      this.scene =
          new Scene(
              InMemoryEventLog.create(),
              feed -> {},
              endpoint ->
                  endpoint
                      .listener(application)
                      .linger(linger)
                      .upstreamRate(rate)
                      .authorizer(this::authorize));
      this.wire = new VirtualWire(() -> scene.endpoint, scene.clock, random);
      this.client =
          ChannelClient.builder()
              .transport(wire)
              .scheduler(scene.clock)
              .executor(clientThreads)
              .random(random::nextDouble)
              .outbox(1 + random.nextInt(200), 1 << 20)
              .build();
    }

    /** Half of the time for a while only, whether for a connection or a POST. */
    private Authorization authorize(Handshake handshake) {
      Authorization allowed = Authorization.allow();
      return random.nextBoolean()
          ? allowed
          : allowed.validUntil(
              Instant.ofEpochMilli(scene.clock.currentTimeMillis())
                  .plusMillis(1 + random.nextInt(20_000)));
    }

    private static boolean isBomb(int number) {
      return number % 13 == 5;
    }

    void run() {
      ChannelRequest.Builder request = ChannelRequest.builder("https://example.com/feed");
      EventChannel channel =
          client.open(
              (atMostOnce ? request.sendAtMostOnce() : request).build(),
              new EventChannelListener() {});
      for (int i = 0; i < STEPS; i++) {
        step(channel);
      }
      boolean settles = random.nextInt(4) > 0;
      if (settles) {
        settle();
      }
      channel.close();
      client.close();
      for (int i = 0; i < 3; i++) {
        clientThreads.runAll();
        wire.moveAll();
        scene.run();
      }
      judge(settles);
    }

    private void step(EventChannel channel) {
      switch (random.nextInt(14)) {
        case 0:
        case 1:
        case 2:
          sent.add(channel.send(Event.message(String.valueOf(sent.size()))).toCompletableFuture());
          return;
        case 3:
          scene.loop.runOne();
          return;
        case 4:
          scene.application.runOne();
          return;
        case 5:
          clientThreads.runOne();
          return;
        case 6:
          scene.run();
          return;
        case 7:
          if (random.nextInt(4) == 0) {
            wire.cut();
          }
          return;
        case 8:
          scene.clock.advance(Duration.ofMillis(random.nextInt(3_000)));
          return;
        case 9:
          disturb();
          return;
        default:
          wire.move();
      }
    }

    private void disturb() {
      switch (random.nextInt(12)) {
        case 0:
          client.pause();
          client.resume();
          return;
        case 1:
          if (world == World.HARSH) {
            wire.cut();
            wire.moveAll();
            scene.run();
            client.pause();
            scene.clock.advance(Duration.ofSeconds(90));
            client.resume();
          }
          return;
        case 2:
          if (world == World.HARSH) {
            scene.endpoint.reauthorize(VirtualConnection.PRINCIPAL);
          }
          return;
        default:
      }
    }

    /** Lets client and server come to rest over connections that hold. */
    private void settle() {
      for (int i = 0; i < 2_000 && !sent.stream().allMatch(CompletableFuture::isDone); i++) {
        wire.moveAll();
        scene.run();
        clientThreads.runAll();
        scene.clock.advance(Duration.ofMillis(500));
      }
    }

    private boolean isRefusedByTheEnd(CompletableFuture<Receipt> stage) {
      return world == World.HARSH && failure(stage).getMessage().contains("closed");
    }

    private void judge(boolean settled) {
      for (int number = 0; number < sent.size(); number++) {
        CompletableFuture<Receipt> stage = sent.get(number);
        assertTrue(stage.isDone(), "the stage of " + number + " never completed");
        int times = Collections.frequency(handled, number);
        Receipt receipt = receipt(stage);
        Class<?> failure = receipt == null ? failure(stage).getClass() : null;
        String what = number + " was handled " + times + " times: " + receipt + " " + failure;
        if (receipt == Receipt.ONCE) {
          assertEquals(1, times, what);
          assertTrue(!isBomb(number), what);
        } else if (receipt == Receipt.AT_LEAST_ONCE) {
          repeated++;
          assertTrue(times >= 1, what);
          assertTrue(world == World.HARSH && !atMostOnce, what);
        } else if (failure == SendRejectedException.class) {
          assertTrue(isBomb(number) || (isRefusedByTheEnd(stage) && times == 0), what);
        } else if (failure == DeliveryUnknownException.class) {
          boolean forgotten = failure(stage).getMessage().contains("the server that was sent it");
          boolean refused = forgotten && (isBomb(number) || isRefusedByTheEnd(stage));
          assertTrue(!settled || atMostOnce || (refused && world == World.HARSH), what);
        } else {
          assertEquals(0, times, what); // no place, or the channel closed
          assertTrue(failure != ChannelClosedException.class || !settled, what);
        }
        assertTrue(times <= 1 || (world == World.HARSH && !atMostOnce), what);
      }
      List<Integer> firsts = new ArrayList<>();
      for (int number : handled) {
        if (!firsts.contains(number)) {
          firsts.add(number);
        }
      }
      assertEquals(new ArrayList<>(new TreeSet<>(firsts)), firsts, "order");
    }

    private static @Nullable Receipt receipt(CompletableFuture<Receipt> stage) {
      return stage.isCompletedExceptionally() ? null : stage.join();
    }

    private static Throwable failure(CompletableFuture<Receipt> stage) {
      try {
        throw new AssertionError(stage.join());
      } catch (CompletionException failed) {
        return failed.getCause();
      }
    }
  }
}
