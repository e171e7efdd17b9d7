package io.eventchannel.benchmarks;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Text messages over the Jakarta API, as one of the subscribers over it sends them. Public, as
 * Jetty wants endpoints to be.
 */
public final class JakartaSocketPeer extends Endpoint {
  private final Subscribers<String> subscribers;
  private final Function<Session, Subscriber<String>> socket;
  private volatile @Nullable Subscriber<String> subscriber;

  private JakartaSocketPeer(
      Subscribers<String> subscribers, Function<Session, Subscriber<String>> socket) {
    this.subscribers = subscribers;
    this.socket = socket;
  }

  static Broadcaster start(String container, int port, Function<Session, Subscriber<String>> socket)
      throws Exception {
    Subscribers<String> subscribers = new Subscribers<>(Subscribers::webSocketText);
    Containers.start(container, port, context -> mount(context, subscribers, socket));
    return subscribers;
  }

  private static void mount(
      ServletContext context,
      Subscribers<String> subscribers,
      Function<Session, Subscriber<String>> socket) {
    ServerEndpointConfig.Configurator configurator =
        new ServerEndpointConfig.Configurator() {
          @Override
          public <T> T getEndpointInstance(Class<T> type) {
            return type.cast(new JakartaSocketPeer(subscribers, socket));
          }
        };
    ServerContainer container =
        (ServerContainer) context.getAttribute(ServerContainer.class.getName());
    // The upgrade is taken by a filter, which Tomcat asks only where there is a servlet.
    Containers.add(context, "/", new Nothing());
    try {
      container.addEndpoint(
          ServerEndpointConfig.Builder.create(JakartaSocketPeer.class, "/feed")
              .configurator(configurator)
              .build());
    } catch (DeploymentException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    session.setMaxIdleTimeout(0); // Jetty would end a quiet one
    Subscriber<String> opened = socket.apply(session);
    subscriber = opened;
    subscribers.add(opened);
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    Subscriber<String> closed = subscriber;
    if (closed != null) {
      subscribers.remove(closed);
    }
  }

  @Override
  public void onError(Session session, Throwable error) {
    // Its end follows.
  }

  private static final class Nothing extends HttpServlet {
    private static final long serialVersionUID = 1;
  }
}
