package io.eventchannel.it;

import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.server.ChannelEndpoint;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** An embedded Jetty on a free port of the loopback interface, with an endpoint mounted. */
final class JettyServer implements Container {
  private final Server server;
  private final ServerConnector connector;
  private final ChannelEndpoint endpoint;

  private JettyServer(Server server, ServerConnector connector, ChannelEndpoint endpoint) {
    this.server = server;
    this.connector = connector;
    this.endpoint = endpoint;
  }

  static JettyServer start(String path, ChannelEndpoint endpoint) {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler application = new ServletContextHandler("/");
    JakartaWebSocketServletContainerInitializer.configure(
        application, (context, container) -> JakartaChannels.mount(context, path, endpoint));
    server.setHandler(application);
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return new JettyServer(server, connector, endpoint);
  }

  @Override
  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public void stop() {
    endpoint.close(); // Jetty cuts its connections before it tells the application of the end
    ServedFeed.await(
        () -> endpoint.connections() == 0, () -> "connections: " + endpoint.connections());
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
