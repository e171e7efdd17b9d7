package io.eventchannel.client;

import io.eventchannel.CloseReason;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * Sees to it that a connection is made anew before its credentials run out. Guarded by the
 * channel's lock.
 */
final class Renewal {
  private static final CloseReason REASON =
      CloseReason.of(CloseReason.Kind.LOCAL, "credentials are about to run out");

  // Enough for one attempt that fails and another; a tenth of the time where that is less. Up to as
  // much again is drawn, since clients that a server lost together got their credentials together.
  private static final long MOST_LEAD_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int LEAD_DIVISOR = 10;
  // Credentials that hold for seconds must not become a loop of connections.
  private static final long LEAST_UPTIME_NANOS = TimeUnit.SECONDS.toNanos(10);
  // A time longer than this is none.
  private static final Duration LONGEST = Duration.ofDays(365);

  private final Changeover changeover;
  private final ClientState state;
  private final ClientSettings settings;
  private final ChannelTimer timer;

  private boolean expires;
  private long expiresAt;
  private long lead;

  Renewal(ChannelEngine engine, Changeover changeover, ClientState state, ClientSettings settings) {
    this.changeover = changeover;
    this.state = state;
    this.settings = settings;
    this.timer = new ChannelTimer(settings.scheduler, number -> engine.decide(() -> due(number)));
  }

  /** The attempt that is under way was authorised by these. */
  void authorised(Credentials credentials, DoubleSupplier random) {
    Duration time = credentials.expiresIn();
    expires = time != null && time.compareTo(LONGEST) < 0;
    if (time != null && expires) {
      long nanos = time.toNanos();
      expiresAt = settings.scheduler.nanoTime() + nanos;
      long least = Math.min(nanos / LEAD_DIVISOR, MOST_LEAD_NANOS);
      lead = least + (long) (least * random.getAsDouble());
    }
  }

  /** That attempt is open. */
  void opened() {
    if (expires) {
      long left = expiresAt - lead - settings.scheduler.nanoTime();
      timer.set(Math.max(LEAST_UPTIME_NANOS, left));
    }
  }

  private void due(long number) {
    if (timer.isLatest(number)) {
      changeover.want(state.transport(), REASON, expiresAt - settings.scheduler.nanoTime());
    }
  }

  /** The connection is gone; the next attempt asks anyway. */
  void dropped() {
    expires = false;
    timer.cancel();
  }
}
