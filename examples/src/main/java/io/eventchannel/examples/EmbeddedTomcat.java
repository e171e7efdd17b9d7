package io.eventchannel.examples;

import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** A Tomcat in this process with one web application, for the examples. */
final class EmbeddedTomcat implements AutoCloseable {
  // Both kept, because a logger that nobody holds forgets its level.
  private static final Logger CONTAINER = Logger.getLogger("org.apache");

  // It looks for what an application leaves behind in a server that goes on; here the process ends.
  private static final Logger LEAKS = Logger.getLogger("org.apache.catalina.loader");

  private final Tomcat tomcat = new Tomcat();
  private final Path base;

  private EmbeddedTomcat(int port, Path base) {
    this.base = base;
    tomcat.setBaseDir(base.toString());
    tomcat.setPort(port);
  }

  /**
   * Starts a server on the loopback interface.
   *
   * @param port the port; 0 takes a free one
   * @param setUp registers servlets and channels, before the application starts
   */
  static EmbeddedTomcat start(int port, Consumer<ServletContext> setUp) throws IOException {
    CONTAINER.setLevel(Level.WARNING);
    LEAKS.setLevel(Level.SEVERE);
    Path base = Files.createTempDirectory("eventchannel-example");
    EmbeddedTomcat server = new EmbeddedTomcat(port, base);
    Context context = server.tomcat.addContext("", base.toString());
    context.addServletContainerInitializer(new WsSci(), null);
    context.addServletContainerInitializer((classes, sc) -> setUp.accept(sc), null);
    server.tomcat.getConnector().setProperty("address", "127.0.0.1");
    try {
      server.tomcat.start();
    } catch (LifecycleException e) {
      throw new IOException("Tomcat does not start", e);
    }
    if (server.tomcat.getConnector().getLocalPort() < 0) {
      server.close();
      throw new IOException("cannot listen on port " + port + ": is it taken? Choose another one");
    }
    return server;
  }

  /** The port it listens on. */
  int port() {
    return tomcat.getConnector().getLocalPort();
  }

  /** Returns when the server has been stopped. */
  void await() {
    tomcat.getServer().await();
  }

  @Override
  public void close() throws IOException {
    try {
      tomcat.stop();
      tomcat.destroy();
    } catch (LifecycleException e) {
      throw new IOException("Tomcat does not stop", e);
    }
    try (var files = Files.walk(base)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
