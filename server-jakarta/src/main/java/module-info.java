/** Serves EventChannel endpoints from any Jakarta Servlet and WebSocket container. */
module io.eventchannel.jakarta {
  requires static transitive org.jspecify;
  requires transitive io.eventchannel.core;
  requires transitive jakarta.servlet;
  requires jakarta.websocket;

  exports io.eventchannel.jakarta;
}
