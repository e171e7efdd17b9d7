/**
 * Live events over any transport: channel, event, reconnection policy, event log, codecs, and the
 * engines of client and server.
 */
module io.eventchannel.core {
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.core;
  requires java.logging;

  exports io.eventchannel;
  exports io.eventchannel.policy;
  exports io.eventchannel.log;
  exports io.eventchannel.codec;
  exports io.eventchannel.transport;
  exports io.eventchannel.client;
  exports io.eventchannel.server;
  exports io.eventchannel.server.spi;
  exports io.eventchannel.internal to
      io.eventchannel.okhttp,
      io.eventchannel.jakarta;
}
