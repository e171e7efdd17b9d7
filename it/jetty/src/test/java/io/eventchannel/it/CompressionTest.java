package io.eventchannel.it;

import io.eventchannel.server.ChannelEndpoint;

final class CompressionTest extends CompressionContract {
  @Override
  Container startCompressing(String path, ChannelEndpoint endpoint) {
    return JettyServer.startCompressing(path, endpoint);
  }
}
