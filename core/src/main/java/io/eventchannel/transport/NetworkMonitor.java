package io.eventchannel.transport;

/**
 * Tells the client engine what the platform knows about the network. Only a hint: without it
 * everything works by timers; with it a channel need not wait for them.
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
    /** A network is there: channels that wait for their next attempt make it now. */
    void onAvailable();

    /**
     * Another network than before is in use. Connections over the old one are dropped, since they
     * would only be found dead in time, and all channels connect now, from their positions.
     */
    default void onChanged() {
      onAvailable();
    }
  }
}
