package io.eventchannel.it;

import io.eventchannel.server.ChannelEndpoint;

final class LogLinesTest extends LogLinesContract {
  @Override
  Container start(String path, ChannelEndpoint endpoint) {
    return UndertowServer.start(path, endpoint);
  }
}
