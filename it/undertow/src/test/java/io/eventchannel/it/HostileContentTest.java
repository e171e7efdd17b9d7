package io.eventchannel.it;

import io.eventchannel.server.ChannelEndpoint;

final class HostileContentTest extends HostileContentContract {
  @Override
  Container start(String path, ChannelEndpoint endpoint) {
    return UndertowServer.start(path, endpoint);
  }
}
