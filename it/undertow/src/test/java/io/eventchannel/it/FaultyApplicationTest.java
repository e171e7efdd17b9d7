package io.eventchannel.it;

import io.eventchannel.server.ChannelEndpoint;

final class FaultyApplicationTest extends FaultyApplicationContract {
  @Override
  Container start(String path, ChannelEndpoint endpoint) {
    return UndertowServer.start(path, endpoint);
  }
}
