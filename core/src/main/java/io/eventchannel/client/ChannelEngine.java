package io.eventchannel.client;

import io.eventchannel.Capability;
import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.Receipt;
import io.eventchannel.codec.CloseRules;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a channel does: lets {@link ClientState} decide and takes its steps.
 *
 * <p><b>Threads.</b> Everything is decided under {@code lock}, whoever comes: a transport's reader,
 * a timer, the application. Calls to the transport, to executors and to the application's code are
 * only noted under the lock ({@link CallOuts}) and made after it is released, in the order of the
 * decisions. What is called under it are leaves that never call back: the scheduler, the policies,
 * the random source. The listener is called by {@link Delivery} alone.
 *
 * <p><b>The fence.</b> A link is current from its attempt to its loss. What comes from any other is
 * dropped before it can change anything, so at most one connection ever delivers.
 */
final class ChannelEngine {
  private static final CloseReason NETWORK_CHANGED =
      CloseReason.of(CloseReason.Kind.NETWORK, "the network changed");
  private static final CloseReason PAUSED =
      CloseReason.of(CloseReason.Kind.LOCAL, "paused by the application");

  private final ClientSettings settings;
  private final ChannelRequest request;
  private final Delivery.Target target;
  private final CallOuts callOuts;

  private final Object lock = new Object();
  // All guarded by lock.
  private final ClientState state;
  private final Positions positions = new Positions();
  private final Upstream upstream;
  private final Delivery delivery;
  private final Intake intake;
  private final Upkeep upkeep;
  // Of the delay while waiting, of the attempt while connecting, of silence while open.
  private final ChannelTimer timer;
  private final SilenceWatch silence;
  private final CurrentLink link;
  private boolean attemptHeld; // until the listener has caught up

  ChannelEngine(
      ClientSettings settings,
      ChannelRequest request,
      Delivery.Target target,
      @Nullable Turns turns) {
    this.settings = settings;
    this.request = request;
    this.target = target;
    this.callOuts = new CallOuts(target::report);
    this.state = new ClientState(settings.reconnectPolicy, settings.preference, request.isOnce());
    this.upstream = new Upstream(settings, request, callOuts, target::report);
    this.delivery = new Delivery(this, target, lock, callOuts, positions, settings, request, turns);
    this.timer = new ChannelTimer(settings.scheduler, number -> decide(() -> timerDue(number)));
    this.silence = new SilenceWatch(this, timer, settings);
    this.intake = new Intake(this, state, positions, silence, delivery);
    this.link = new CurrentLink(this, intake, state, settings, request, callOuts);
    this.upkeep = new Upkeep(this, state, upstream, settings, request, callOuts);
  }

  // ---- the application's side; the lock is not held ----

  /** Makes the first attempt, to resume after this position. */
  void begin(@Nullable String position) {
    decide(
        () -> {
          delivery.begin(position);
          take(state.begin());
        });
  }

  @Nullable String channelId() {
    return intake.channelId();
  }

  @Nullable String handledPosition() {
    return positions.handled();
  }

  ChannelState state() {
    synchronized (lock) {
      return state.state();
    }
  }

  @Nullable String transport() {
    synchronized (lock) {
      return state.openedOver();
    }
  }

  boolean supports(Capability capability) {
    synchronized (lock) {
      Link open = link.ifOpen();
      return open != null
          && (capability == Capability.RESUME ? state.isRecognised() : open.supports(capability));
    }
  }

  CompletionStage<Receipt> send(Event event) {
    CompletionStage<Receipt> fate;
    WaitingSend waiting = null;
    // Who decides for the channel, as its policy does, holds the lock that would have to be free.
    boolean mayBlock = !Thread.holdsLock(lock) && settings.mayBlock();
    synchronized (lock) {
      if (state.isEnded()) {
        return Upstream.closedBefore();
      }
      fate = upstream.offer(event, link.ifOpen(), mayBlock);
      if (fate == null) {
        waiting = beginToWait(event);
      }
      handOver();
    }
    callOuts.make();
    if (waiting == null) {
      return Objects.requireNonNull(fate);
    }
    if (!waiting.await()) {
      giveUp(waiting, new InterruptedException("interrupted while waiting for room"));
    }
    return waiting.answer();
  }

  /** Begins to wait, for no longer than was asked for; the lock is held. */
  private WaitingSend beginToWait(Event event) {
    WaitingSend waiting = new WaitingSend(event, settings.scheduler.nanoTime());
    long nanos = request.blocksWhenFull().toNanos();
    waiting.endsBy(settings.scheduler.schedule(() -> giveUp(waiting, null), nanos));
    upstream.add(waiting);
    return waiting;
  }

  private void giveUp(WaitingSend waiting, @Nullable InterruptedException interrupted) {
    decide(
        () -> {
          upstream.giveUp(waiting, interrupted);
          handOver();
        });
  }

  void commit(String lastEventId) {
    delivery.commit(lastEventId);
  }

  /** Ends the channel; what the listener has not heard yet, it will not hear. */
  void close(CloseReason reason) {
    decide(
        () -> {
          delivery.dropAllButTerminal();
          take(state.close(reason));
        });
  }

  /** Tries at once if the channel waits for its next attempt. */
  void networkAvailable() {
    decide(this::attempt);
  }

  /** Connects anew over another network than before. */
  void networkChanged() {
    decide(
        () -> {
          upkeep.networkChanged();
          take(state.networkChanged(NETWORK_CHANGED));
          attempt();
        });
  }

  /**
   * Ends the connection and makes no other, or connects again.
   *
   * @param wanted which of the two the application wants by now; asked under the lock, so that
   *     whoever comes last knows the latest
   */
  void pauseOrResume(BooleanSupplier wanted) {
    decide(
        () -> {
          if (wanted.getAsBoolean()) {
            take(state.pause(PAUSED));
            timer.cancel();
          } else {
            state.unpause();
            attempt();
          }
        });
  }

  // ---- what deliveries tell; the lock is not held ----

  void terminalCallBegins() {
    synchronized (lock) {
      state.closed();
    }
  }

  /** The listener has caught up: reads on, or makes the attempt that was held. */
  void listenerCaughtUp() {
    decide(this::resume);
  }

  // ---- what attempts ask and tell; the lock is not held ----

  /** Describes the connection to be made; null if the link is no longer current. */
  @Nullable ConnectRequest describe(Link from, List<Map.Entry<String, String>> headers) {
    synchronized (lock) {
      return state.isCurrent(from.generation())
          ? request.describe(
              settings, headers, from.presents(intake.channelToAskFor()), positions.received())
          : null;
    }
  }

  /**
   * A provider has supplied credentials for a link, which may be given up by now.
   *
   * @param told what it was told before
   */
  void authorised(Link from, Credentials credentials, @Nullable CloseReason told) {
    decide(
        () -> {
          state.supplied(told);
          if (state.isCurrent(from.generation())) {
            state.authorised();
            timer.set(settings.connectTimeoutNanos); // anew: a slow provider is no slow server
            upkeep.authorised(credentials);
          }
        });
  }

  /** Whether a probe is still of use. */
  boolean isWanted(Probe probe) {
    synchronized (lock) {
      return upkeep.isCurrent(probe);
    }
  }

  /** The transport has returned the link's connection, which may have ended already. */
  void connecting(Link from, Connection connection) {
    decide(
        () -> {
          from.connection = connection;
          if (!state.isCurrent(from.generation())) {
            Consumer<Connection> ending = from.ending();
            callOuts.add(() -> ending.accept(connection));
            return;
          }
          if (delivery.isFull()) {
            callOuts.add(connection::pauseReading);
          }
          handOver();
        });
  }

  /** Decides something under the lock; then makes the calls that follow from it. */
  void decide(Runnable decision) {
    synchronized (lock) {
      decision.run();
    }
    callOuts.make();
  }

  /** The same for a link; nothing is decided unless it is current. */
  void decideFor(Link from, Runnable decision) {
    synchronized (lock) {
      if (!state.isCurrent(from.generation())) {
        return;
      }
      decision.run();
    }
    callOuts.make();
  }

  // ---- what links tell, once decideFor let them pass; the lock is held ----

  void retryHint(long millis) {
    state.retryHint(millis);
  }

  void acknowledged(long seq) {
    upstream.acknowledged(seq);
    handOver(); // what had no place among the undecided
    upkeep.decided();
  }

  void refused(long seq, String reason) {
    upstream.refused(seq, reason);
    handOver(); // what had no place for its bytes
    upkeep.decided();
  }

  /** The connection ended, or could not be made, or is given up. */
  void lose(ConnectionEnd end) {
    if (end.reason().code() == CloseRules.SEQUENCE_HOLE) {
      intake.lostCount();
    }
    take(state.lost(end, settings.scheduler.nanoTime(), settings.random));
  }

  // ---- decisions; the lock is held ----

  /** Leaves the connection for another one over this transport. */
  void changeOver(String transport, CloseReason why) {
    take(state.changeOver(transport, why));
  }

  /** Makes a call once the lock is released. */
  void callOut(Runnable call) {
    callOuts.add(call);
  }

  private void take(ClientState.Step step) {
    switch (step.kind()) {
      case NOTHING:
        return;
      case CONNECT:
        timer.set(settings.connectTimeoutNanos);
        link.connect();
        return;
      case WAIT:
        dropLink(step.reason());
        intake.put(Inbound.lost(step.reason(), step.delay()));
        timer.set(step.delay().toNanos());
        return;
      case PAUSE:
        dropLink(step.reason());
        intake.put(Inbound.lost(step.reason(), ChronoUnit.FOREVER.getDuration()));
        return;
      case END:
        dropLink(step.reason());
        timer.cancel();
        upstream.closed();
        intake.put(Inbound.closed(step.reason()));
        return;
    }
  }

  private void dropLink(CloseReason reason) {
    link.drop(reason);
    if (state.isRecognised() && state.openedOver() != null && positions.received().isEmpty()) {
      // It was told to be open, but not yet where: what was published since then is missing.
      positions.receivedUnusable();
    }
    upstream.connectionLost();
    upkeep.dropped();
  }

  /** Calls the current connection, if there is one, once the lock is released. */
  void toConnection(Consumer<? super Connection> call) {
    link.call(call);
  }

  /**
   * Tells the application of a failure, once the lock is released; on its executor, since whoever
   * found it may be a transport's reader, in the transport's monitor.
   */
  void report(Throwable error) {
    callOuts.add(
        () -> {
          try {
            settings.executor.execute(() -> target.report(error));
          } catch (RejectedExecutionException | OutOfMemoryError none) {
            target.report(error);
          } catch (RuntimeException | Error broken) {
            target.report(error);
            throw broken; // which is reported, too
          }
        });
  }

  /** The link is open, if it was not before. */
  void opened(Link from) {
    if (state.opened(settings.scheduler.nanoTime())) {
      upkeep.opened();
      upstream.opened(from.isAttached(), from.ack());
      intake.put(Inbound.opened());
      if (positions.isUnusable() || from.isPositionWithheld()) {
        // Nobody could say where to resume, so what came meanwhile is missing.
        String missedAfter = positions.received().isEmpty() ? null : positions.received();
        intake.put(Inbound.gap(new Gap(Gap.Reason.UNKNOWN, missedAfter, null), null));
      }
      silence.begin(
          from.heartbeatMillis(), !delivery.isFull(), state.isRecognised() && !state.isHeard());
      handOver();
    }
  }

  private void handOver() {
    Link open = link.ifOpen();
    if (open != null) {
      upstream.handOver(open, state.isRecognised());
    }
  }

  private void resume() {
    silence.resume();
    toConnection(Connection::resumeReading);
    if (state.state() == ChannelState.OPEN) {
      silence.look();
    } else if (attemptHeld) {
      attempt();
    }
  }

  /** Connects unless the listener lags so far behind that it should catch up first. */
  private void attempt() {
    attemptHeld = state.state() == ChannelState.WAITING && delivery.isFull();
    if (!attemptHeld) {
      take(state.delayOver());
    }
  }

  private void timerDue(long number) {
    if (!timer.isLatest(number)) {
      return;
    }
    switch (state.state()) {
      case CONNECTING:
        String text = "not open within " + settings.connectTimeoutNanos / 1_000_000 + " ms";
        lose(ConnectionEnd.of(CloseReason.of(CloseReason.Kind.CONNECT_TIMEOUT, text)));
        return;
      case OPEN:
        silence.look();
        return;
      case WAITING:
        attempt();
        return;
      default: // ended, with the timer on its way
    }
  }
}
