package io.eventchannel.examples;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import java.util.concurrent.CountDownLatch;
import okhttp3.OkHttpClient;

/** Both sides in one program: a server publishes three events, a client prints them. */
public final class HelloFeed {
  private HelloFeed() {}

  /** Runs it and ends. */
  public static void main(String[] args) throws Exception {
    EventFeed feed = EventFeed.inMemory();
    ChannelEndpoint endpoint = ChannelEndpoint.builder(feed).build();
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch printed = new CountDownLatch(3);
    try (EmbeddedTomcat tomcat =
            EmbeddedTomcat.start(0, context -> JakartaChannels.mount(context, "/feed", endpoint));
        ChannelClient client = OkHttpChannels.newClient(new OkHttpClient()).build()) {
      client.open(
          "http://127.0.0.1:" + tomcat.port() + "/feed?topic=greetings",
          new EventChannelListener() {
            @Override
            public void onOpen(EventChannel channel) {
              System.out.println("open over " + channel.transport());
              open.countDown();
            }

            @Override
            public void onEvent(EventChannel channel, Event event) {
              System.out.println(event.type() + ": " + event.data());
              printed.countDown();
            }
          });
      open.await();
      for (String name : new String[] {"Ada", "Grace", "Barbara"}) {
        feed.publish("greetings", Event.of("hello", name));
      }
      printed.await();
    } finally {
      endpoint.close();
      feed.close();
    }
  }
}
