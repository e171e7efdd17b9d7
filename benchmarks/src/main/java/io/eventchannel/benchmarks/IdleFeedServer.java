package io.eventchannel.benchmarks;

import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/**
 * A feed in which nothing happens, for {@link ChannelFootprint}: it prints its port and serves
 * {@code /feed} until its input ends.
 */
final class IdleFeedServer {
  // Held here: a logger that nobody holds forgets its level.
  private static final Logger CONTAINER = Logger.getLogger("org.apache");

  private IdleFeedServer() {}

  /**
   * Runs it.
   *
   * @param args the heartbeat in milliseconds
   */
  public static void main(String[] args) throws IOException, LifecycleException {
    CONTAINER.setLevel(Level.WARNING);
    EventFeed feed = EventFeed.inMemory();
    ChannelEndpoint endpoint =
        ChannelEndpoint.builder(feed).heartbeat(Duration.ofMillis(Long.parseLong(args[0]))).build();
    Path base = Files.createTempDirectory("eventchannel-idle-feed");
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setProperty("acceptCount", "1000"); // all come at once
    Context context = tomcat.addContext("", null);
    context.addServletContainerInitializer(new WsSci(), null);
    context.addServletContainerInitializer(
        (types, servletContext) -> JakartaChannels.mount(servletContext, "/feed", endpoint), null);
    tomcat.start();
    System.out.println(tomcat.getConnector().getLocalPort());
    while (System.in.read() >= 0) {}
    endpoint.close();
    feed.close();
    tomcat.stop();
    tomcat.destroy();
  }
}
