package io.eventchannel.it;

import io.eventchannel.server.ChannelEndpoint;

final class CompressionTest extends CompressionContract {
  @Override
  Container startCompressing(String path, ChannelEndpoint endpoint) {
    return TomcatServer.builder()
        .mount(path, endpoint)
        .connector("compression", "on")
        .connector("compressibleMimeType", "text/event-stream")
        .start();
  }
}
