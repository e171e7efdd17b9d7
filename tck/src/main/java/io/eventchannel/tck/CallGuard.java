package io.eventchannel.tck;

import org.jspecify.annotations.Nullable;

/**
 * Watches that the calls of one channel's listener are serial, and that none follows the last. Not
 * thread-safe: its owner calls it under a lock, on entry to and exit from each call.
 */
final class CallGuard {
  private @Nullable Thread running;
  private @Nullable Object runningCall;
  private boolean closed;

  /** How a call broke the contract. */
  enum Breach {
    CONCURRENT,
    AFTER_CLOSE
  }

  /** Told of each breach. */
  interface BreachSink {
    void breach(Breach breach, String text);
  }

  /**
   * Notes that a call begins on the current thread.
   *
   * @param call what is called; only its text matters
   * @return whether the caller must say {@link #exit} when the call ends
   */
  boolean enter(Object call, BreachSink sink) {
    Thread thread = Thread.currentThread();
    if (closed) {
      sink.breach(Breach.AFTER_CLOSE, "call after onClosed: " + call);
    }
    if (running != null) {
      sink.breach(
          Breach.CONCURRENT,
          "concurrent calls: "
              + call
              + " on thread "
              + thread.getName()
              + " began while "
              + runningCall
              + " ran on thread "
              + running.getName());
      return false;
    }
    running = thread;
    runningCall = call;
    return true;
  }

  /** Notes that the call for which {@link #enter} returned true has ended. */
  void exit() {
    running = null;
    runningCall = null;
  }

  /** Notes that the running call is the last one. */
  void last() {
    closed = true;
  }
}
