package io.eventchannel.it;

import io.eventchannel.server.ChannelEndpoint;

final class HostilePeerTest extends HostilePeerContract {
  @Override
  Container start(String path, ChannelEndpoint endpoint) {
    return UndertowServer.start(path, endpoint);
  }

  @Override
  boolean insistsOnMasks() {
    return false; // Undertow reads them all
  }
}
