package io.eventchannel.benchmarks;

import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.Session;

/** Hands every message to the container at once, for one that has a queue of its own. */
final class OverlappingSocket extends Subscriber<String> {
  private final RemoteEndpoint.Async remote;
  private final SendHandler written = result -> end();

  OverlappingSocket(Session session) {
    remote = session.getAsyncRemote();
  }

  @Override
  void send(String event) {
    begin();
    remote.sendText(event, written);
  }
}
