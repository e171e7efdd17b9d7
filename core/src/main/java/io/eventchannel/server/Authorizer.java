package io.eventchannel.server;

/**
 * Decides who may open a channel and which topics it gets. Asked before anything is allocated: on
 * every connect, on every resume and on every POST. One that has to wait for somebody else is
 * better an {@link AsyncAuthorizer}.
 */
@FunctionalInterface
public interface Authorizer {
  /**
   * Returns the decision; never null. Called on the container's request thread; must not block for
   * long. An exception is answered with 500 and reported; an interrupt that it leaves behind is
   * taken from the thread.
   */
  Authorization authorize(Handshake handshake);
}
