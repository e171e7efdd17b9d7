package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Real threads at once: publishers, loops, containers that finish and break connections, a timer
 * that cuts them, an application that sends to and closes them. Each outlet watches its own rules.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OneWriterTest {
  private static final int CONNECTIONS = 400;
  private static final int ALIVE = 30;
  private static final int ENDING = 20;
  private static final long SEED = Long.getLong("seed", 20_261_126);

  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final Map<String, EventChannel> channels = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<CloseReason>> ends = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger pendings = new AtomicInteger();
  private final ExecutorService container = Executors.newFixedThreadPool(4);
  private final ExecutorService ioThread = Executors.newSingleThreadExecutor();

  @Test
  void INV_13_aConnectionHasOneWriterAtATimeAndNothingIsWrittenAfterItsEnd() throws Exception {
    for (SlowConsumerPolicy policy :
        List.of(
            SlowConsumerPolicy.conflate().withLagTimeout(Duration.ofMillis(1)),
            SlowConsumerPolicy.disconnect().withLagTimeout(Duration.ofMillis(20)))) {
      play(policy.withStallTimeout(Duration.ofMillis(100)));
    }
    container.shutdown();
    ioThread.shutdown();
    System.out.printf(
        "%d connections, %d calls, %d of them pending%n",
        2 * CONNECTIONS, calls.get(), pendings.get());
    assertEquals(List.of(), List.copyOf(faults));
    assertTrue(pendings.get() > CONNECTIONS, "too little happened");
  }

  private void play(SlowConsumerPolicy policy) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    Random random = new Random(SEED);
    try (EventFeed feed = EventFeed.builder().loops(2).slowConsumerPolicy(policy).build();
        ChannelEndpoint endpoint =
            ChannelEndpoint.builder(feed)
                .heartbeat(Duration.ofMillis(50))
                .listener(new Application())
                .build()) {
      for (int i = 0; i < 2; i++) {
        String topic = "t" + i;
        threads.add(
            new Thread(
                () -> {
                  while (!over.get()) {
                    feed.publish(topic, Event.of("tick", "x")).toCompletableFuture().join();
                    Thread.yield();
                  }
                }));
      }
      threads.add(
          new Thread(
              () -> {
                while (!over.get()) {
                  channels.values().forEach(OneWriterTest::send);
                  Thread.yield();
                }
              }));
      threads.forEach(Thread::start);
      try {
        Queue<CheckedOutlet> alive = new ArrayDeque<>();
        Queue<CheckedOutlet> ending = new ArrayDeque<>();
        for (int i = 0; i < CONNECTIONS && faults.isEmpty(); i++) {
          alive.add(connect(endpoint, random));
          if (alive.size() == ALIVE) {
            CheckedOutlet next = alive.remove();
            end(next, random.nextInt(4));
            ending.add(next);
          }
          if (ending.size() == ENDING) {
            awaitEnd(ending.remove());
          }
        }
        endpoint.close(); // while the others are in the midst of it
        for (CheckedOutlet outlet : alive) {
          end(outlet, 0);
          ending.add(outlet);
        }
        for (CheckedOutlet outlet : ending) {
          awaitEnd(outlet);
        }
      } finally {
        over.set(true);
        for (Thread thread : threads) {
          thread.join();
        }
      }
    }
  }

  private static void send(EventChannel channel) {
    var unused = channel.send(Event.of("note", "y")); // an end fails it, which is not judged here
  }

  private CheckedOutlet connect(ChannelEndpoint endpoint, Random random) {
    boolean sse = random.nextBoolean();
    Admission admission =
        endpoint.admit(
            Scene.handshake(
                sse ? Handshake.Kind.SSE : Handshake.Kind.WEBSOCKET, "topic=t0", "topic=t1"));
    CheckedOutlet outlet =
        new CheckedOutlet(
            admission.format(),
            String.valueOf(admission.headers().get("EventChannel-Id")),
            random.nextInt(3) == 0 ? ioThread : null,
            random.nextLong());
    ends.put(outlet.channel, new CompletableFuture<>());
    outlet.begin(admission.open(outlet));
    return outlet;
  }

  /** Ends a connection in one of the ways there are. */
  private void end(CheckedOutlet outlet, int how) {
    switch (how) {
      case 0:
        container.execute(() -> outlet.closedByContainer("reset"));
        break;
      case 1:
        outlet.breaks = true; // the next write finds it dead
        break;
      case 2:
        outlet.stalls = true; // the timer ends it
        break;
      default:
        EventChannel channel = channels.get(outlet.channel);
        if (channel != null) {
          channel.close();
        } else {
          container.execute(() -> outlet.closedByContainer("reset"));
        }
    }
  }

  /** Waits until the application knows. */
  private void awaitEnd(CheckedOutlet outlet) throws Exception {
    ends.get(outlet.channel).get(30, TimeUnit.SECONDS);
    outlet.ended = true; // from here on nothing may begin
  }

  /** Keeps the channels, and notes their ends. */
  private final class Application implements EventChannelListener {
    @Override
    public void onOpen(EventChannel channel) {
      channels.put(channel.id(), channel);
    }

    @Override
    public void onClosed(EventChannel channel, CloseReason reason) {
      channels.remove(channel.id());
      ends.get(channel.id()).complete(reason);
    }
  }

  /** Answers at random and checks every call. */
  private final class CheckedOutlet implements Outlet {
    final String channel;
    private final WireFormat format;
    private final @Nullable ExecutorService executor;
    private final Random random; // used inside calls only, which come one at a time
    private final AtomicBoolean inside = new AtomicBoolean();
    private final CompletableFuture<OutletListener> listener = new CompletableFuture<>();
    volatile boolean breaks;
    volatile boolean stalls;
    volatile boolean ended;
    private volatile boolean pending;
    private volatile boolean over;

    CheckedOutlet(
        WireFormat format, String channel, @Nullable ExecutorService executor, long seed) {
      this.format = format;
      this.channel = channel;
      this.executor = executor;
      this.random = new Random(seed);
    }

    void begin(OutletListener told) {
      listener.complete(told);
    }

    void closedByContainer(String why) {
      listener.join().closed(CloseReason.of(CloseReason.Kind.NETWORK, why));
    }

    private void fault(String text) {
      faults.add(channel + ": " + text);
    }

    private void enter(String call) {
      calls.incrementAndGet();
      if (!inside.compareAndSet(false, true)) {
        fault(call + " during another call");
      }
      if (ended) {
        fault(call + " after the application was told the end");
      }
    }

    private WriteResult write(String call) {
      enter(call);
      try {
        if (over) {
          fault(call + " after the end");
        }
        if (pending) {
          fault(call + " while a write is pending");
        }
        if (breaks) {
          over = true;
          return WriteResult.DEAD;
        }
        int lot = random.nextInt(4);
        if (lot == 0 && !stalls) {
          return WriteResult.DONE;
        }
        pendings.incrementAndGet();
        pending = true;
        if (stalls) {
          return WriteResult.PENDING;
        }
        if (lot == 1) {
          finish(); // before the call returns
        } else {
          container.execute(this::finish);
        }
        return WriteResult.PENDING;
      } finally {
        inside.set(false);
      }
    }

    private void finish() {
      pending = false;
      listener.join().ready();
    }

    @Override
    public WriteResult write(Batch batch) {
      return write("write");
    }

    @Override
    public WriteResult ping() {
      WriteResult result = write("ping");
      container.execute(() -> listener.join().pong());
      return result;
    }

    @Override
    public void close(int code, String text) {
      enter("close");
      if (over) {
        fault("close after the end");
      }
      over = true;
      inside.set(false);
      container.execute(() -> closedByContainer("closed"));
    }

    @Override
    public void abort() {
      enter("abort");
      over = true;
      inside.set(false);
      closedByContainer("aborted");
    }

    @Override
    public @Nullable ExecutorService executor() {
      return executor;
    }

    @Override
    public WireFormat format() {
      return format;
    }
  }
}
