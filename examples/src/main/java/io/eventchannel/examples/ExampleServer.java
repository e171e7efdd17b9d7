package io.eventchannel.examples;

import io.eventchannel.EventChannelListener;
import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What the servers of the examples have in common: a feed at {@code /feed} and a page at {@code /}.
 */
final class ExampleServer implements AutoCloseable {
  private final EventFeed feed;
  private final ChannelEndpoint endpoint;
  private final EmbeddedTomcat tomcat;

  private ExampleServer(EventFeed feed, ChannelEndpoint endpoint, EmbeddedTomcat tomcat) {
    this.feed = feed;
    this.endpoint = endpoint;
    this.tomcat = tomcat;
  }

  /**
   * Starts it on a port of the loopback interface; 0 takes a free one.
   *
   * @param page the resource that is served as page
   * @param start the position from which the page reads; empty for none
   * @param listener takes what clients send; null for a feed that is only read
   */
  static ExampleServer start(
      int port, EventFeed feed, String page, String start, @Nullable EventChannelListener listener)
      throws IOException {
    ChannelEndpoint.Builder builder = ChannelEndpoint.builder(feed);
    if (listener != null) {
      builder.listener(listener);
    }
    ChannelEndpoint endpoint = builder.build();
    EmbeddedTomcat tomcat =
        EmbeddedTomcat.start(
            port,
            context -> {
              JakartaChannels.mount(context, "/feed", endpoint);
              context
                  .addServlet("page", new PageServlet(page, start))
                  .addMapping("/", "/live.js", "/page.css");
            });
    return new ExampleServer(feed, endpoint, tomcat);
  }

  int port() {
    return tomcat.port();
  }

  /** Says where to look, and returns when the process is ended. */
  void await(String... hints) {
    System.out.println();
    System.out.println("  Open      http://localhost:" + port() + "/");
    for (String hint : hints) {
      System.out.println("  " + hint);
    }
    System.out.println("  and stop with Ctrl-C");
    System.out.println();
    tomcat.await();
  }

  @Override
  public void close() throws IOException {
    endpoint.close();
    tomcat.close();
    feed.close();
  }
}
