package io.eventchannel.transport;

/**
 * Tells the client engine what the platform knows about the network. Only a hint: without it
 * everything works by timers; with it a waiting channel tries at once when a network comes back.
 */
public interface NetworkMonitor {
  /**
   * Starts to tell a listener; called once by a client.
   *
   * @return stops it; idempotent
   */
  AutoCloseable start(Listener listener);

  /** Returns the monitor that never says anything. */
  static NetworkMonitor none() {
    return listener -> () -> {};
  }

  /** What the platform says; callable from any thread, returns at once. */
  interface Listener {
    /** A network is there, or another one than before: try again now. */
    void onAvailable();
  }
}
