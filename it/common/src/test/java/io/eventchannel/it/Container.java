package io.eventchannel.it;

/** A servlet container that listens on a port of the loopback interface, with one endpoint. */
interface Container extends AutoCloseable {
  int port();

  /**
   * Stops it as an operator would who has read what docs/deployment.md says of it; returns when it
   * has stopped. Idempotent.
   */
  void stop();

  @Override
  default void close() {
    stop();
  }
}
