package io.eventchannel.client;

import io.eventchannel.transport.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a channel: setting it takes back what was set before. Guarded by the channel's
 * lock, under which the scheduler is called, and which {@code onDue} takes itself.
 */
final class ChannelTimer {
  /** Told that a timer is due, with its number; without the lock. */
  interface Due {
    void due(long number);
  }

  private final Scheduler scheduler;
  private final Due onDue;
  private Scheduler.@Nullable Cancellable pending;
  private long latest;

  ChannelTimer(Scheduler scheduler, Due onDue) {
    this.scheduler = scheduler;
    this.onDue = onDue;
  }

  void set(long delayNanos) {
    cancel();
    long number = latest;
    pending = scheduler.schedule(() -> onDue.due(number), delayNanos);
  }

  void cancel() {
    latest++;
    if (pending != null) {
      pending.cancel();
      pending = null;
    }
  }

  /** Whether a timer that is due was not set anew or taken back, too late, meanwhile. */
  boolean isLatest(long number) {
    return number == latest;
  }
}
