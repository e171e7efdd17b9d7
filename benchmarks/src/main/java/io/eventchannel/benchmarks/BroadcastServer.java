package io.eventchannel.benchmarks;

import io.eventchannel.Event;
import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import io.eventchannel.server.FeedLag;

/**
 * A server of ours that a load generator can drive: the feed at {@code /feed} over both transports,
 * and on the next port a {@link ControlSurface}. With {@code --topics}, the events go round that
 * many topics, {@code t-0} and so on, or the first of them with {@code --active}; without, they
 * have none.
 *
 * <pre>{@code
 * BroadcastServer --port 9000 --container tomcat|jetty|undertow [--loops 2]
 *     [--topics 100000 [--active 1]]
 * }</pre>
 */
public final class BroadcastServer {
  private BroadcastServer() {}

  /** Runs it until the process is ended; prints {@code up} when it serves. */
  public static void main(String[] args) throws Exception {
    Options options = new Options(args);
    int port = options.number("--port", 9_000);
    String container = options.text("--container", "tomcat");
    int topics = options.number("--topics", 0);
    int active = options.number("--active", topics);
    int loops = options.number("--loops", 0);
    options.end();

    EventFeed.Builder builder = EventFeed.builder();
    if (loops > 0) {
      builder.loops(loops);
    }
    EventFeed feed = builder.build();
    ChannelEndpoint endpoint =
        ChannelEndpoint.builder(feed).maxConnections(Math.max(20_000, 2 * topics)).build();
    Containers.start(container, port, context -> JakartaChannels.mount(context, "/feed", endpoint));
    ControlSurface.serve(port + 1, new Feed(feed, endpoint, active));
    System.out.println("up");
  }

  private static final class Feed implements Broadcaster {
    private final EventFeed feed;
    private final ChannelEndpoint endpoint;
    private final int topics; // that events go to
    private int turn;

    Feed(EventFeed feed, ChannelEndpoint endpoint, int topics) {
      this.feed = feed;
      this.endpoint = endpoint;
      this.topics = topics;
    }

    @Override
    public int connections() {
      return endpoint.connections();
    }

    @Override
    public void publish(String data) {
      Event event = Event.message(data);
      if (topics == 0) {
        feed.publish(event);
      } else {
        feed.publish("t-" + turn, event);
        turn = (turn + 1) % topics;
      }
    }

    @Override
    public long underWay() {
      return FeedLag.of(feed);
    }
  }
}
