package io.eventchannel.it;

import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.server.ChannelEndpoint;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** An embedded Tomcat on a free port of the loopback interface, with endpoints mounted. */
final class TomcatServer implements Container {
  // Held here: a logger that nobody holds forgets its level.
  private static final Logger CHATTER = Logger.getLogger("org.apache");

  // Its warnings are about threads that outlive the context, and the feeds of tests do.
  private static final Logger LEAKS =
      Logger.getLogger("org.apache.catalina.loader.WebappClassLoaderBase");

  static {
    CHATTER.setLevel(Level.WARNING);
    LEAKS.setLevel(Level.SEVERE);
  }

  private final Tomcat tomcat;
  private final Path baseDir;
  private boolean stopped;

  private TomcatServer(Tomcat tomcat, Path baseDir) {
    this.tomcat = tomcat;
    this.baseDir = baseDir;
  }

  /** Starts a server with one endpoint at {@code path}. */
  static TomcatServer start(String path, ChannelEndpoint endpoint) {
    return builder().mount(path, endpoint).start();
  }

  static Builder builder() {
    return new Builder();
  }

  @Override
  public int port() {
    return tomcat.getConnector().getLocalPort();
  }

  /** The address of a path of this server, over HTTP. */
  URI uri(String pathAndQuery) {
    return URI.create("http://127.0.0.1:" + port() + pathAndQuery);
  }

  @Override
  public void stop() {
    if (stopped) {
      return;
    }
    stopped = true;
    try {
      tomcat.stop();
      tomcat.destroy();
    } catch (LifecycleException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    if (stopped && !Files.exists(baseDir)) {
      return; // closed before
    }
    stop();
    try (Stream<Path> files = Files.walk(baseDir)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Builds a {@link TomcatServer}. */
  static final class Builder {
    private final Map<String, ChannelEndpoint> endpoints = new LinkedHashMap<>();
    private final Map<String, Servlet> servlets = new LinkedHashMap<>();
    private final Map<String, String> connector = new LinkedHashMap<>();
    private int port;
    private boolean webSocket = true;

    private Builder() {}

    Builder mount(String path, ChannelEndpoint endpoint) {
      endpoints.put(path, endpoint);
      return this;
    }

    /** Serves a path by that servlet, with support for asynchronous requests. */
    Builder servlet(String path, Servlet servlet) {
      servlets.put(path, servlet);
      return this;
    }

    /** Listens on that port; 0, the default, is a free one. */
    Builder port(int value) {
      port = value;
      return this;
    }

    /** Sets a property of the connector, such as {@code maxThreads}. */
    Builder connector(String name, String value) {
      connector.put(name, value);
      return this;
    }

    /** Leaves the container's WebSocket support out. */
    Builder withoutWebSocket() {
      webSocket = false;
      return this;
    }

    TomcatServer start() {
      try {
        Path baseDir = Files.createTempDirectory("eventchannel-tomcat");
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(baseDir.toString());
        tomcat.setPort(port);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        connector.forEach(tomcat.getConnector()::setProperty);
        Context context = tomcat.addContext("", null);
        if (webSocket) {
          context.addServletContainerInitializer(new WsSci(), null);
        }
        context.addServletContainerInitializer(
            (types, servletContext) ->
                endpoints.forEach(
                    (path, endpoint) -> JakartaChannels.mount(servletContext, path, endpoint)),
            null);
        servlets.forEach(
            (path, servlet) -> {
              Wrapper wrapper = Tomcat.addServlet(context, path, servlet);
              wrapper.setAsyncSupported(true);
              context.addServletMappingDecoded(path, path);
            });
        tomcat.start();
        return new TomcatServer(tomcat, baseDir);
      } catch (IOException | LifecycleException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
