package io.eventchannel.docs.wrong.client;

/** Wrong on purpose: the client's engine knows the server's. */
public final class Engine {
  io.eventchannel.docs.wrong.server.Engine other;
}
