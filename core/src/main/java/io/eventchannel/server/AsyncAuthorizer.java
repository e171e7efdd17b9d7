package io.eventchannel.server;

import java.util.concurrent.CompletionStage;

/**
 * Decides as an {@link Authorizer} does, but may answer later: one that asks another service and
 * holds no thread meanwhile. Asked before anything is allocated: on every connect, on every resume
 * and on every POST.
 */
@FunctionalInterface
public interface AsyncAuthorizer {
  /**
   * Returns the stage of the decision, neither of them null. Called on the container's request
   * thread; must not block. The stage may be completed by any thread, which then goes on with the
   * request, without blocking. A stage that fails, and an exception, is answered with 500 and
   * reported; one that takes longer than {@link ChannelEndpoint.Builder#authorizerTimeout} with
   * 503, and what it says later is ignored. An interrupt that the call leaves behind is taken from
   * the thread.
   */
  CompletionStage<Authorization> authorize(Handshake handshake);
}
