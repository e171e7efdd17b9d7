package consumer;

import io.eventchannel.Event;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import okhttp3.OkHttpClient;

/** Both sides on the module path; what is required here brings the rest along. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    EventFeed feed = EventFeed.inMemory();
    ChannelEndpoint endpoint = ChannelEndpoint.builder(feed).build();
    feed.publish("prices", Event.of("tick", "{\"EURUSD\":1.08}"));
    ChannelClient client = OkHttpChannels.newClient(new OkHttpClient()).build();
    require(endpoint != null && client != null, "nothing was built");

    requireModule(Main.class, "com.example.consumer");
    requireModule(EventFeed.class, "io.eventchannel.core");
    requireModule(OkHttpChannels.class, "io.eventchannel.okhttp");
    requireModule(JakartaChannels.class, "io.eventchannel.jakarta");
    require(
        !EventFeed.class.getModule().isExported("io.eventchannel.internal", Main.class.getModule()),
        "internals are open to strangers");
    System.out.println("module path: fine");
  }

  private static void requireModule(Class<?> type, String name) {
    require(name.equals(type.getModule().getName()), type + " is in " + type.getModule());
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }
}
