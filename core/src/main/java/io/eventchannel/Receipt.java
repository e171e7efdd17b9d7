package io.eventchannel;

/** What is known of an event whose {@link EventChannel#send} has succeeded. */
public enum Receipt {
  /** The peer's application has taken it, once. */
  ONCE,

  /**
   * The peer's application has taken it, perhaps twice: a server that did not know the channel any
   * more got it again, and nobody knows whether it had been taken there before (protocol rule U-8).
   */
  AT_LEAST_ONCE,

  /** It was handed to the connection; the peer does not say what becomes of it. */
  HANDED_OVER
}
