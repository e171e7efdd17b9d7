package io.eventchannel.client;

/**
 * How far the application has got with what it was told: which position counts as handled, and its
 * way to the store. What a store throws is reported, not thrown.
 */
interface Progress {
  /** The channel begins, at its handled position or at none. */
  void begin();

  /** A call of the listener begins. */
  void callBegins(Inbound call);

  /** That call is handled; before the next one begins. */
  void callEnds(Inbound call);

  /**
   * Everything up to an event is done, says the application, on any thread.
   *
   * @throws IllegalStateException if this is not for it to say
   */
  void commit(String lastEventId);
}
