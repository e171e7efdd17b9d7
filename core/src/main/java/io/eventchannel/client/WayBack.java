package io.eventchannel.client;

import io.eventchannel.CloseReason;
import io.eventchannel.codec.CloseRules;
import io.eventchannel.transport.Connection;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way of a channel back to the transport it prefers, after it had to go over to another: now
 * and then a {@link Probe} looks whether that one passes again, and if so the channel changes over
 * (protocol rule F-6). A probe delivers nothing, so at no time do two connections. Guarded by the
 * channel's lock.
 */
final class WayBack {
  // What was sent over the present connection may wait that long for its fate; nothing is urgent.
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final ChannelEngine engine;
  private final ClientState state;
  private final Changeover changeover;
  private final ClientSettings settings;
  private final ChannelRequest request;
  private final CallOuts callOuts;
  private final ChannelTimer timer; // of the next look, and of the probe while there is one
  private final String preferred;

  private boolean open;
  private long openedAt;
  private int looks;
  private boolean soon;
  private @Nullable Probe probe;

  WayBack(
      ChannelEngine engine,
      ClientState state,
      Changeover changeover,
      ClientSettings settings,
      ChannelRequest request,
      CallOuts callOuts) {
    this.engine = engine;
    this.state = state;
    this.changeover = changeover;
    this.settings = settings;
    this.request = request;
    this.callOuts = callOuts;
    this.preferred = settings.preference.first();
    this.timer = new ChannelTimer(settings.scheduler, number -> engine.decide(() -> due(number)));
  }

  /** A connection is open. Only servers of ours know probes. */
  void opened() {
    open = true;
    openedAt = settings.scheduler.nanoTime();
    if (state.transport().equals(preferred)) {
      soon = false;
    } else if (state.isRecognised()) {
      lookLater();
    }
  }

  /** A connection, or an attempt to make one, is gone. */
  void dropped() {
    timer.cancel();
    endProbe(Connection::cancel);
    if (open && preferred.equals(state.openedOver()) && isLongOpen()) {
      looks = 0; // the way back held
    }
    open = false;
  }

  private boolean isLongOpen() {
    long uptime = settings.scheduler.nanoTime() - openedAt;
    return uptime >= settings.preference.returnAfter().toNanos();
  }

  /** What stood in the way on the old network may not on the new one. */
  void networkChanged() {
    looks = 0;
    soon = true;
  }

  private void lookLater() {
    long delay =
        soon ? 0 : settings.preference.returnDelay(looks, settings.random.getAsDouble()).toNanos();
    soon = false;
    timer.set(delay);
  }

  private void due(long number) {
    if (!timer.isLatest(number)) {
      return;
    }
    if (probe != null) {
      failed();
      return;
    }
    looks = Math.min(looks + 1, Integer.MAX_VALUE - 1);
    Probe next = new Probe(this, engine, settings, request);
    probe = next;
    timer.set(settings.connectTimeoutNanos);
    Attempt attempt = new Attempt(settings, request, next, preferred, state.toldToProvider());
    callOuts.add(attempt::begin);
  }

  // ---- what the probe tells; the lock is held ----

  boolean isCurrent(Probe asking) {
    return asking == probe;
  }

  /** It is open and shall stay so for this long. */
  void expectWithin(long nanos) {
    timer.set(nanos);
  }

  void failed() {
    endProbe(Connection::cancel);
    lookLater();
  }

  void passed() {
    timer.cancel();
    endProbe(passed -> passed.close(CloseRules.NORMAL, ""));
    changeover.want(
        preferred,
        CloseReason.of(CloseReason.Kind.LOCAL, preferred + " passes again"),
        PATIENCE_NANOS);
  }

  private void endProbe(Consumer<? super Connection> farewell) {
    Probe ending = probe;
    probe = null;
    if (ending != null && ending.connection != null) {
      Connection connection = ending.connection;
      callOuts.add(() -> farewell.accept(connection));
    }
  }
}
