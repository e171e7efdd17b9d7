package io.eventchannel.examples;

import io.eventchannel.CloseReason;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The demo: a live feed of this JVM's own metrics at {@code /feed}, and a page that shows it over
 * WebSocket and over SSE side by side. Run it with {@code -Dport=} for another port than 8080.
 */
public final class DemoServer implements AutoCloseable {
  private final EventFeed feed = EventFeed.inMemory();
  private final Map<String, EventChannel> open = new ConcurrentHashMap<>();
  private final ChannelEndpoint endpoint =
      ChannelEndpoint.builder(feed).listener(new OpenChannels()).build();
  private final JvmFeed metrics;
  private final EmbeddedTomcat tomcat;

  private DemoServer(int port) throws IOException {
    this.tomcat =
        EmbeddedTomcat.start(
            port,
            context -> {
              JakartaChannels.mount(context, "/feed", endpoint);
              DemoServlet page = new DemoServlet(this::cut);
              context.addServlet("demo", page).addMapping("/", "/cut", "/garbage");
            });
    this.metrics = JvmFeed.start(feed);
  }

  /** Starts the demo on a port of the loopback interface; 0 takes a free one. */
  public static DemoServer start(int port) throws IOException {
    return new DemoServer(port);
  }

  /** Starts the demo, says where to look, and runs until the process is ended. */
  public static void main(String[] args) throws IOException {
    int port = Integer.getInteger("port", 8080);
    try (DemoServer demo = start(port)) {
      System.out.println();
      System.out.println("  Open      http://localhost:" + demo.port() + "/");
      System.out.println("  or run    curl -N http://localhost:" + demo.port() + "/feed");
      System.out.println("  and stop with Ctrl-C");
      System.out.println();
      demo.tomcat.await();
    }
  }

  /** The port it listens on. */
  public int port() {
    return tomcat.port();
  }

  /** The feed that the page shows. */
  public EventFeed feed() {
    return feed;
  }

  /** Ends one connection, as a network would; false if there is no such channel. */
  private boolean cut(String channelId) {
    EventChannel channel = open.get(channelId);
    if (channel == null) {
      return false;
    }
    channel.close();
    return true;
  }

  @Override
  public void close() throws IOException {
    metrics.close();
    endpoint.close();
    tomcat.close();
    feed.close();
  }

  private final class OpenChannels implements EventChannelListener {
    @Override
    public void onOpen(EventChannel channel) {
      String id = channel.id();
      if (id != null) {
        open.put(id, channel);
      }
    }

    @Override
    public void onClosed(EventChannel channel, CloseReason reason) {
      open.values().remove(channel);
    }
  }
}
