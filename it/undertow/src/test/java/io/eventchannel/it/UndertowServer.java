package io.eventchannel.it;

import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.server.ChannelEndpoint;
import io.undertow.Undertow;
import io.undertow.server.HandlerWrapper;
import io.undertow.server.handlers.encoding.EncodingHandler;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ServletContainerInitializerInfo;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import io.undertow.websockets.jsr.WebSocketDeploymentInfo;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRegistration;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;

/** An embedded Undertow on a free port of the loopback interface, with an endpoint mounted. */
final class UndertowServer implements Container {
  private final Undertow undertow;
  private final DeploymentManager deployment;
  private boolean stopped;

  private UndertowServer(Undertow undertow, DeploymentManager deployment) {
    this.undertow = undertow;
    this.deployment = deployment;
  }

  static UndertowServer start(String path, ChannelEndpoint endpoint) {
    return start(
        (types, context) -> JakartaChannels.mount(context, path, endpoint), served -> served);
  }

  /** With answers compressed, event streams among them. */
  static UndertowServer startCompressing(String path, ChannelEndpoint endpoint) {
    return start(
        (types, context) -> JakartaChannels.mount(context, path, endpoint),
        served -> new EncodingHandler.Builder().build(Map.of()).wrap(served));
  }

  /** Serves a path by that servlet, with support for asynchronous requests. */
  static UndertowServer start(String path, Servlet servlet) {
    return start(
        (types, context) -> {
          ServletRegistration.Dynamic registration = context.addServlet(path, servlet);
          registration.setAsyncSupported(true);
          registration.addMapping(path);
        },
        served -> served);
  }

  private static UndertowServer start(ServletContainerInitializer mount, HandlerWrapper around) {
    DeploymentInfo application =
        Servlets.deployment()
            .setClassLoader(UndertowServer.class.getClassLoader())
            .setContextPath("/")
            .setDeploymentName("test")
            .addServletContextAttribute(
                WebSocketDeploymentInfo.ATTRIBUTE_NAME, new WebSocketDeploymentInfo())
            .addServletContainerInitializer(
                new ServletContainerInitializerInfo(
                    mount.getClass(), new ImmediateInstanceFactory<>(mount), Set.of()));
    DeploymentManager deployment = Servlets.newContainer().addDeployment(application);
    try {
      deployment.deploy();
      Undertow undertow =
          Undertow.builder()
              .addHttpListener(0, "127.0.0.1")
              .setHandler(around.wrap(deployment.start()))
              .build();
      undertow.start();
      return new UndertowServer(undertow, deployment);
    } catch (ServletException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public int port() {
    return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
  }

  @Override
  public void stop() {
    if (stopped) {
      return;
    }
    stopped = true;
    try {
      deployment.stop();
      deployment.undeploy();
      undertow.stop();
    } catch (ServletException e) {
      throw new IllegalStateException(e);
    }
  }
}
