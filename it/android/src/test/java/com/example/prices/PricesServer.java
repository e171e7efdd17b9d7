package com.example.prices;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** A server on the loopback interface that answers each order with a price. */
final class PricesServer implements AutoCloseable {
  // Kept, because a logger that nobody holds forgets its level.
  private static final Logger CONTAINER = Logger.getLogger("org.apache");

  // Its warnings are about what a container looks at in its own JVM.
  private static final Logger LEAKS =
      Logger.getLogger("org.apache.catalina.loader.WebappClassLoaderBase");

  private final EventFeed feed = EventFeed.inMemory();
  private final ChannelEndpoint endpoint =
      ChannelEndpoint.builder(feed)
          .listener(
              new EventChannelListener() {
                @Override
                public void onEvent(EventChannel channel, Event event) {
                  feed.publish("prices", Event.of("tick", "a price for " + event.data()));
                }
              })
          .build();
  private final Tomcat tomcat = new Tomcat();

  PricesServer(Path folder) throws Exception {
    CONTAINER.setLevel(Level.WARNING);
    LEAKS.setLevel(Level.SEVERE);
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext("", folder.toString());
    context.addServletContainerInitializer(new WsSci(), null);
    context.addServletContainerInitializer(
        (types, servletContext) -> JakartaChannels.mount(servletContext, "/feed", endpoint), null);
    tomcat.start();
  }

  String url() {
    return "http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/feed?topic=prices";
  }

  @Override
  public void close() throws Exception {
    endpoint.close();
    feed.close();
    tomcat.stop();
    tomcat.destroy();
  }
}
