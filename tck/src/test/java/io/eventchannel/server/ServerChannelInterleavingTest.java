package io.eventchannel.server;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.codec.CloseRules;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.EnvelopeWriter;
import io.eventchannel.codec.FieldRules;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import io.eventchannel.tck.Interleavings;
import io.eventchannel.transport.Scheduler;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What may happen to a channel at one moment, in many orders of the steps: other connections are
 * attached, connections are lost, break the rules or outlive their credentials, the application
 * closes, the principal may do less, and the wait for the client is over.
 */
@Tag("interleaving")
class ServerChannelInterleavingTest {
  private static final int SCHEDULES = 25;

  @Test
  void INV_17_whatAttachesWhileAChannelIsClosedOrRevokedIsEndedToo() {
    explore(
        scenario("", "attach", "close work"),
        scenario("", "attach", "revoke work"),
        scenario("cut(0) work", "attach", "close"),
        scenario("cut(0) work", "attach", "revoke"),
        scenario("attach", "attach work", "revoke say(1)"),
        scenario("", "begin", "revoke work"),
        scenario("", "cut(0) work", "revoke"));
  }

  @Test
  void INV_17_nothingReachesTheListenerThatComesAfterTheChannelWasClosedOrRevoked() {
    explore(
        scenario("", "revoke say(0)", "say(0) work"),
        scenario("attach", "close say(1)", "work say(1)"));
  }

  @Test
  void F37_whatAnOldConnectionBreaksAtItsEndBreaksNothingForTheNext() {
    explore(
        scenario("", "attach", "fail(0) work"),
        scenario("attach", "fail(0)", "cut(0) work"),
        scenario("attach", "fail(0)", "attach work"),
        scenario("", "attach work", "cut(0) work"));
  }

  @Test
  void S34_theEndOfACredentialEndsTheConnectionThatHadItAndNoOther() {
    explore(
        scenario("", "attach", "expire work"),
        scenario("", "expire work", "attach work"),
        scenario("", "expire work", "revoke"),
        scenario("attach", "expire", "attach work"));
  }

  @Test
  void aWaitThatIsOverEndsTheChannelOnceAndNoLaterWait() {
    explore(
        scenario("cut(0) work", "attach", "time"),
        scenario("cut(0) work", "time", "close"),
        scenario("cut(0) work", "attach cut(1) work", "time"),
        scenario("cut(0) work", "time", "time"));
  }

  private static ExecutionScenario scenario(String first, String... threads) {
    return Interleavings.scenario(OneChannel.class, first, threads);
  }

  /** All at once, since what takes the time is that the classes are changed for it. */
  private static void explore(ExecutionScenario... scenarios) {
    var options =
        Interleavings.options(
            0,
            SCHEDULES,
            Admissions.class,
            Answers.class,
            Authorizations.class,
            Batch.class,
            BatchBuilder.class,
            BatchCache.class,
            BatchCache.Reading.class,
            BigInteger.class,
            Channels.class,
            CloseRules.class,
            ControlEvents.class,
            ControlQueue.class,
            Cursor.class,
            EncodedEvent.class,
            Ending.class,
            EnvelopeReader.class,
            EnvelopeWriter.class,
            Event.class,
            EventFeed.class,
            FeedEngine.class,
            FieldRules.class,
            Handshake.class,
            InMemoryEventLog.class,
            OneLine.class,
            OpenRates.class,
            OutletGate.class,
            Parking.class,
            Places.class,
            Position.class,
            Random.class,
            Run.class,
            Shares.class,
            SseEncoder.class,
            TopicFilter.class,
            Vitals.class,
            WriteOrder.class);
    for (ExecutionScenario scenario : scenarios) {
      options.addCustomScenario(scenario);
    }
    options.check(OneChannel.class);
  }

  /**
   * A channel that is open over its first connection, two more that ask for it, and one of the same
   * principal that asks for a channel of its own.
   */
  public static class OneChannel {
    private static final Duration LINGER = Duration.ofSeconds(60);
    private static final Duration LIFE = Duration.ofMinutes(5);
    private static final int CONNECTIONS = 3;
    private static final int OTHER = CONNECTIONS; // the index of the one that asks for its own

    private final Queue<Runnable> loop = new ConcurrentLinkedQueue<>();
    private final Queue<String> told = new ConcurrentLinkedQueue<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final MovedClock clock = new MovedClock();
    private final ChannelEndpoint endpoint;
    private final Socket[] sockets = new Socket[CONNECTIONS + 1];
    private final Admission[] admissions = new Admission[CONNECTIONS + 1];
    private final AtomicInteger attached = new AtomicInteger(1);
    private final AtomicInteger said = new AtomicInteger();
    private volatile @Nullable EventChannel channel;
    private volatile boolean revoked;
    private volatile boolean over; // closed or revoked, and that has returned

    public OneChannel() {
      EventFeed feed =
          EventFeed.builder()
              .scheduler(clock)
              .random(new Random(7))
              .executors(loop::add, Runnable::run)
              .build();
      AtomicInteger asked = new AtomicInteger();
      endpoint =
          ChannelEndpoint.builder(feed)
              .applicationExecutor(Runnable::run)
              .listener(listener())
              .linger(LINGER)
              .heartbeat(Duration.ofMinutes(5))
              .authorizer(
                  handshake -> {
                    Authorization ann = Authorization.allow().principal("ann");
                    Instant end = Instant.ofEpochMilli(LIFE.toMillis());
                    return asked.getAndIncrement() == 0 ? ann.validUntil(end) : ann;
                  })
              .build();
      open(0, "EventChannel-Version: 1");
      rest();
      for (int i = 1; i <= OTHER; i++) {
        String id = i == OTHER ? "" : channel().id();
        admissions[i] = admit("EventChannel-Version: 1", "EventChannel-Id: " + id);
        sockets[i] = new Socket(admissions[i].format());
      }
    }

    private EventChannelListener listener() {
      return new EventChannelListener() {
        @Override
        public void onOpen(EventChannel opened) {
          if (channel == null) {
            channel = opened;
          }
          tell(opened, "open");
        }

        @Override
        public void onEvent(EventChannel channel, Event event) {
          tell(channel, event.data());
        }

        @Override
        public void onConnectionLost(EventChannel channel, CloseReason reason, Duration wait) {
          tell(channel, "lost");
        }

        @Override
        public void onClosed(EventChannel channel, CloseReason reason) {
          tell(channel, "closed");
        }
      };
    }

    private void tell(EventChannel about, String what) {
      if (about == channel) {
        told.add(what);
      }
    }

    private EventChannel channel() {
      return Objects.requireNonNull(channel);
    }

    private Admission admit(String... options) {
      return endpoint.admit(Scene.handshake(Handshake.Kind.WEBSOCKET, options));
    }

    private void open(int i, String... options) {
      admissions[i] = admit(options);
      sockets[i] = new Socket(admissions[i].format());
      sockets[i].isOf(admissions[i].open(sockets[i]));
    }

    @Operation
    public void attach() {
      int i = attached.getAndIncrement();
      if (i < CONNECTIONS) {
        sockets[i].isOf(admissions[i].open(sockets[i]));
      }
    }

    @Operation
    public void begin() {
      sockets[OTHER].isOf(admissions[OTHER].open(sockets[OTHER]));
    }

    @Operation
    public void work() {
      Runnable task = loop.poll();
      if (task != null) {
        task.run();
      }
    }

    @Operation
    public void say(@Param(gen = IntGen.class) int connection) {
      String data = (over ? "too late " : "said ") + said.incrementAndGet();
      hear(connection, EnvelopeWriter.encode(EnvelopeWriter.NO_SEQ, Event.message(data)));
    }

    @Operation
    public void fail(@Param(gen = IntGen.class) int connection) {
      hear(connection, new byte[] {'?'});
    }

    private void hear(int connection, byte[] frame) {
      OutletListener listener = sockets[connection].listener;
      if (listener != null && !sockets[connection].ended) {
        listener.received(frame);
      }
    }

    @Operation
    public void cut(@Param(gen = IntGen.class) int connection) {
      sockets[connection].end();
    }

    @Operation
    public void expire() {
      clock.now = LIFE.toNanos();
      hear(0, EnvelopeWriter.encode(EnvelopeWriter.NO_SEQ, Event.message("too late")));
    }

    @Operation
    public void close() {
      channel().close(3000, "enough");
      over = true;
    }

    @Operation
    public void revoke() {
      endpoint.reauthorize("ann");
      over = true;
      revoked = true;
    }

    @Operation
    public void time() {
      clock.passes(LINGER);
    }

    /** Does what is left to do, and looks at what became of the channel. */
    @Validate
    public void theChannelIsOpenOrWaitsOrHasEndedOnce() {
      rest();
      ChannelState state = channel().state();
      boolean other = isLive(sockets[OTHER]);
      List<Socket> live = live();
      live.remove(sockets[OTHER]);
      expect(!revoked || !other, "begun, and not revoked");
      expect(!over || state == ChannelState.CLOSED, "ended, and " + state);
      expect(state != ChannelState.CLOSING, "closes for ever");
      expect(live.size() == (state == ChannelState.OPEN ? 1 : 0), state + " with " + live.size());
      if (state == ChannelState.OPEN) {
        Socket last = live.get(live.size() - 1);
        expect(last.listener == ((ServerChannel) channel()).connection(), "another connection");
        OutletListener listener = Objects.requireNonNull(last.listener);
        listener.received(
            EnvelopeWriter.encode(EnvelopeWriter.NO_SEQ, Event.message("still here")));
        expect(told.contains("still here"), "open, and nothing is taken");
      }
      endpoint.reauthorize("ann");
      rest();
      expect(channel().state() == ChannelState.CLOSED, "out of reach: " + channel().state());
      expect(live().isEmpty(), "left open: " + live().size());
      List<String> all = new ArrayList<>(told);
      expect(all.indexOf("closed") == all.size() - 1, "the end is not once and last");
      expect(all.stream().noneMatch(each -> each.startsWith("too late")), "taken");
      for (int i = 1; i <= OTHER; i++) {
        if (sockets[i].listener == null) {
          admissions[i].cancel();
        }
      }
      expect(endpoint.connections() == 0, endpoint.connections() + " places taken");
      expect(endpoint.shares() == 0, endpoint.shares() + " shares taken");
      if (!faults.isEmpty()) {
        throw new IllegalStateException(faults + "; told " + all);
      }
    }

    private void expect(boolean holds, String fault) {
      if (!holds) {
        faults.add(fault);
      }
    }

    private void rest() {
      for (Runnable task = loop.poll(); task != null; task = loop.poll()) {
        task.run();
      }
    }

    private List<Socket> live() {
      List<Socket> live = new ArrayList<>();
      for (Socket socket : sockets) {
        if (isLive(socket)) {
          live.add(socket);
        }
      }
      return live;
    }

    private static boolean isLive(Socket socket) {
      return socket.listener != null && !socket.ended;
    }
  }

  /** Takes everything, and ends when it is told to. */
  private static final class Socket implements Outlet {
    private final WireFormat format;
    volatile @Nullable OutletListener listener;
    volatile boolean ended;

    Socket(WireFormat format) {
      this.format = format;
    }

    void isOf(OutletListener opened) {
      listener = opened;
      if (ended) { // before anybody could be told
        end();
      }
    }

    void end() {
      ended = true;
      OutletListener told = listener;
      if (told != null) {
        told.closed(CloseReason.of(CloseReason.Kind.NETWORK, "over"));
      }
    }

    @Override
    public @Nullable Executor executor() {
      return null;
    }

    @Override
    public WriteResult write(Batch batch) {
      return WriteResult.DONE;
    }

    @Override
    public WriteResult ping() {
      return WriteResult.DONE;
    }

    @Override
    public void close(int code, String text) {
      end();
    }

    @Override
    public void abort() {
      end();
    }

    @Override
    public WireFormat format() {
      return format;
    }
  }

  /** A clock that stands still but when it is moved. */
  private static final class MovedClock implements Scheduler {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    volatile long now;

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public long currentTimeMillis() {
      return now / 1_000_000;
    }

    @Override
    public Cancellable schedule(Runnable task, long delayNanos) {
      tasks.add(task);
      return () -> tasks.remove(task);
    }

    /** Moves on, and makes what was scheduled until then due. */
    void passes(Duration time) {
      now += time.toNanos();
      List<Runnable> due = new ArrayList<>();
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        due.add(task);
      }
      due.forEach(Runnable::run);
    }
  }
}
