package io.eventchannel.it;

import io.eventchannel.server.ChannelEndpoint;

final class SecretsTest extends SecretsContract {
  @Override
  Container start(String path, ChannelEndpoint endpoint) {
    return JettyServer.start(path, endpoint);
  }
}
