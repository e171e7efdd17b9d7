package io.eventchannel.transport;

/**
 * The one port of time: what the clock says, and calls at a later moment. Tests move both together.
 * A platform whose monotonic clock stands still while the device sleeps supplies its own. All
 * methods are thread-safe.
 */
public interface Scheduler {
  /** Monotonic time in nanoseconds, from an arbitrary origin; compare by difference only. */
  long nanoTime();

  /**
   * Wall-clock time in milliseconds since 1970: for dates that others wrote, never for durations.
   */
  long currentTimeMillis();

  /**
   * Runs a task once, not before the delay has passed. The task must be short: it runs on a thread
   * that all timers share. An exception from it is reported and harms no other task.
   *
   * @param delayNanos zero or more
   */
  Cancellable schedule(Runnable task, long delayNanos);

  /** A call that can be taken back. */
  interface Cancellable {
    /** Takes the call back if it has not begun. Idempotent. */
    void cancel();
  }
}
