package io.eventchannel.jakarta;

import io.eventchannel.server.ChannelEndpoint;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletRegistration;
import java.util.Objects;
import java.util.Set;

/**
 * Mounts a {@link ChannelEndpoint} in a Jakarta container: one servlet answers WebSocket upgrades,
 * SSE streams and POSTs at one URL (protocol v1, "One URL").
 *
 * <p>Tested on Tomcat 11, Jetty 12.1 and Undertow 2.3. On Undertow everything is written on the
 * connection's own I/O thread; a version of it whose I/O threads cannot be found is refused when
 * the servlet starts, since a write on any other thread may reach another user.
 *
 * <p>When the container stops it, the servlet closes the endpoint and waits up to two seconds for
 * the open connections to end in an orderly way. That is the last moment; some containers cut
 * connections before it, and others wait first for streams that would never end by themselves. So
 * {@linkplain ChannelEndpoint#drain drain} the endpoint before the container is told to stop.
 */
public final class JakartaChannels {
  private JakartaChannels() {}

  /**
   * Registers a servlet for the endpoint. To be called while the context still takes registrations:
   * from a {@code ServletContainerInitializer}, Spring's {@code ServletContextInitializer}, or a
   * declared {@code ServletContextListener}. Filters in front of the path must support asynchronous
   * requests.
   *
   * @param path the URL within the context, beginning with a slash; a slash alone is its root
   * @throws IllegalArgumentException if the path does not begin with a slash or is a pattern
   * @throws IllegalStateException if the path is taken, or the context has started already
   */
  public static void mount(ServletContext context, String path, ChannelEndpoint endpoint) {
    Objects.requireNonNull(context, "context");
    if (!path.startsWith("/") || path.indexOf('*') >= 0) {
      throw new IllegalArgumentException(
          "path: expected one that begins with / and holds no *, got " + path);
    }
    ChannelServlet servlet = new ChannelServlet(endpoint);
    ServletRegistration.Dynamic registration = context.addServlet("eventchannel:" + path, servlet);
    if (registration == null) {
      throw new IllegalStateException("path " + path + " has a channel endpoint already");
    }
    registration.setAsyncSupported(true);
    Set<String> taken = registration.addMapping(path.equals("/") ? "" : path);
    if (!taken.isEmpty()) {
      throw new IllegalStateException("path " + path + " is mapped to another servlet already");
    }
    try {
      context.addListener(new Unmount(servlet));
    } catch (IllegalArgumentException | UnsupportedOperationException refused) {
      // Called from a listener, where the container takes no further one. Servlet.destroy, which
      // every container calls, does the same; the listener is only earlier in some of them.
      ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "no context listener", refused);
    }
  }

  /**
   * Returns the servlet for those who register it themselves, for example as Spring's {@code
   * ServletRegistrationBean}. It must be registered with support for asynchronous requests, as must
   * the filters in front of it, and be used for one registration only.
   */
  public static Servlet servlet(ChannelEndpoint endpoint) {
    return new ChannelServlet(endpoint);
  }

  /** Ends the channels when the context ends. */
  private static final class Unmount implements ServletContextListener {
    private final ChannelServlet servlet;

    Unmount(ChannelServlet servlet) {
      this.servlet = servlet;
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
      servlet.unmount();
    }
  }
}
