package io.eventchannel.it;

import io.eventchannel.server.ChannelEndpoint;

final class ContainerTest extends ContainerContract {
  @Override
  Container start(String path, ChannelEndpoint endpoint) {
    return JettyServer.start(path, endpoint);
  }
}
