package io.eventchannel.benchmarks;

import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import java.io.IOException;

/** Sends in the publisher's thread, which waits for a peer that does not read. */
final class BlockingSocket extends Subscriber<String> {
  private final RemoteEndpoint.Basic remote;

  BlockingSocket(Session session) {
    remote = session.getBasicRemote();
  }

  @Override
  void send(String event) throws IOException {
    remote.sendText(event);
  }
}
