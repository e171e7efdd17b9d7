package consumer;

import io.eventchannel.Event;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.micrometer.MicrometerServerMetrics;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import okhttp3.OkHttpClient;

/** Both sides on the module path; what is required here brings the rest along. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    EventFeed feed = EventFeed.builder().metrics(MicrometerServerMetrics.create(registry)).build();
    ChannelEndpoint endpoint = ChannelEndpoint.builder(feed).build();
    feed.publish("prices", Event.of("tick", "{\"EURUSD\":1.08}"));
    ChannelClient client = OkHttpChannels.newClient(new OkHttpClient()).build();
    require(endpoint != null && client != null, "nothing was built");

    require(
        registry.get("eventchannel.publish").tag("outcome", "success").timer().count() == 1,
        "publishing was not measured");

    requireModule(Main.class, "com.example.consumer");
    requireModule(EventFeed.class, "io.eventchannel.core");
    requireModule(OkHttpChannels.class, "io.eventchannel.okhttp");
    requireModule(JakartaChannels.class, "io.eventchannel.jakarta");
    requireModule(MicrometerServerMetrics.class, "io.eventchannel.micrometer");
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
