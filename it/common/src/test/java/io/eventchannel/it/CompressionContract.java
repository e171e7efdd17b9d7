package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.eventchannel.server.ChannelEndpoint;
import org.junit.jupiter.api.Test;

/** What becomes of a stream where the operator has the container compress it. */
abstract class CompressionContract {
  /** Starts the container with compression of event streams switched on. */
  abstract Container startCompressing(String path, ChannelEndpoint endpoint);

  @Test
  void SSE_S_22_aContainerThatCompressesFlushesEachWriteThrough() throws Exception {
    try (ServedFeed server = ServedFeed.start(this::startCompressing, feed -> {}, endpoint -> {});
        RawHttp http = RawHttp.connect(server.port())) {
      RawHttp.Head head = http.send("GET", "/feed", "Accept-Encoding: gzip").head();
      assertEquals("gzip", head.header("Content-Encoding"));
      http.gunzip();
      http.blockWith("event: eventchannel.position");
      for (int i = 0; i < 50; i++) { // each is read before there is another to push it
        server.publish("event " + i);
        assertNotNull(http.blockWith("data: event " + i));
      }
      server.publish("x".repeat(1_000_000));
      assertNotNull(http.blockWith("data: " + "x".repeat(1_000_000)));
    }
  }
}
