package io.eventchannel.benchmarks;

import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ServletContainerInitializerInfo;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import io.undertow.websockets.jsr.WebSocketDeploymentInfo;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * The embedded containers, with their defaults but for the length of the queue of connections that
 * wait to be accepted, and on the loopback interface alone.
 */
final class Containers {
  private static final int BACKLOG = 1_000; // all clients of a measurement come at once

  // Held here: a logger that nobody holds forgets its level.
  private static final Logger TOMCAT = Logger.getLogger("org.apache");
  private static final Logger UNDERTOW = Logger.getLogger("io.undertow");
  private static final Logger XNIO = Logger.getLogger("org.xnio");

  private Containers() {}

  /** Starts that container and lets {@code mount} fill its one application. */
  static void start(String container, int port, Consumer<ServletContext> mount) throws Exception {
    switch (container) {
      case "tomcat" -> tomcat(port, mount);
      case "jetty" -> jetty(port, mount);
      case "undertow" -> undertow(port, mount);
      default ->
          throw new IllegalArgumentException(
              "--container: expected tomcat, jetty or undertow, got " + container);
    }
  }

  /** Serves a path by that servlet, with support for asynchronous requests. */
  static void add(ServletContext context, String path, Servlet servlet) {
    ServletRegistration.Dynamic registration = context.addServlet(path, servlet);
    registration.setAsyncSupported(true);
    registration.addMapping(path);
  }

  private static void tomcat(int port, Consumer<ServletContext> mount)
      throws IOException, LifecycleException {
    TOMCAT.setLevel(Level.WARNING);
    Path base = Files.createTempDirectory("eventchannel-benchmark");
    base.toFile().deleteOnExit();
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    tomcat.setPort(port);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setProperty("acceptCount", Integer.toString(BACKLOG));
    tomcat.getConnector().setProperty("maxConnections", "20000");
    Context context = tomcat.addContext("", null);
    context.addServletContainerInitializer(new WsSci(), null);
    context.addServletContainerInitializer((types, application) -> mount.accept(application), null);
    tomcat.start();
  }

  private static void jetty(int port, Consumer<ServletContext> mount) throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    connector.setAcceptQueueSize(BACKLOG);
    server.addConnector(connector);
    ServletContextHandler application = new ServletContextHandler("/");
    JakartaWebSocketServletContainerInitializer.configure(
        application, (context, container) -> mount.accept(context));
    server.setHandler(application);
    server.start();
  }

  private static void undertow(int port, Consumer<ServletContext> mount) throws Exception {
    ServletContainerInitializer initializer = (types, context) -> mount.accept(context);
    DeploymentInfo application =
        Servlets.deployment()
            .setClassLoader(Containers.class.getClassLoader())
            .setContextPath("/")
            .setDeploymentName("benchmark")
            .addServletContextAttribute(
                WebSocketDeploymentInfo.ATTRIBUTE_NAME, new WebSocketDeploymentInfo())
            .addServletContainerInitializer(
                new ServletContainerInitializerInfo(
                    initializer.getClass(), new ImmediateInstanceFactory<>(initializer), Set.of()));
    DeploymentManager deployment = Servlets.newContainer().addDeployment(application);
    deployment.deploy();
    undertowOf(port, deployment.start());
  }

  /** Starts Undertow without servlets. */
  static void undertowOf(int port, HttpHandler handler) {
    UNDERTOW.setLevel(Level.WARNING);
    XNIO.setLevel(Level.WARNING);
    Undertow.builder().addHttpListener(port, "127.0.0.1").setHandler(handler).build().start();
  }
}
