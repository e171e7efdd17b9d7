package io.eventchannel.it;

import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.server.ChannelEndpoint;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.gzip.GzipHandler;
import org.eclipse.jetty.util.component.LifeCycle;

/** An embedded Jetty on a free port of the loopback interface, with an endpoint mounted. */
final class JettyServer implements Container {
  private final Server server;
  private final ServerConnector connector;

  private JettyServer(Server server, ServerConnector connector) {
    this.server = server;
    this.connector = connector;
  }

  static JettyServer start(String path, ChannelEndpoint endpoint) {
    return start(path, endpoint, application -> application);
  }

  /** With event streams compressed. */
  static JettyServer startCompressing(String path, ChannelEndpoint endpoint) {
    return start(path, endpoint, JettyServer::compressing);
  }

  private static Handler compressing(Handler application) {
    GzipHandler gzip = new GzipHandler();
    gzip.setExcludedMimeTypes(); // by itself it leaves event streams alone
    gzip.setIncludedMimeTypes("text/event-stream");
    gzip.setSyncFlush(true); // else an event waits until its block is full
    gzip.setHandler(application);
    return gzip;
  }

  private static JettyServer start(
      String path, ChannelEndpoint endpoint, UnaryOperator<Handler> around) {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler application = new ServletContextHandler("/");
    JakartaWebSocketServletContainerInitializer.configure(
        application, (context, container) -> JakartaChannels.mount(context, path, endpoint));
    server.setHandler(around.apply(application));
    server.addEventListener(new DrainFirst(endpoint));
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return new JettyServer(server, connector);
  }

  @Override
  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public void stop() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Drains the endpoint first: Jetty cuts connections before it tells the application. */
  private record DrainFirst(ChannelEndpoint endpoint) implements LifeCycle.Listener {
    @Override
    public void lifeCycleStopping(LifeCycle server) {
      CompletableFuture<Void> gone = endpoint.drain(Duration.ofSeconds(2)).toCompletableFuture();
      try {
        gone.get(10, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        // Jetty cuts the others.
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
