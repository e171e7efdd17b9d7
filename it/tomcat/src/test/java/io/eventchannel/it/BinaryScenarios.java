package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Capability;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.server.EventFeed;
import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.FaultProxy;
import io.eventchannel.tck.RecordingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** Bytes arrive as they were, both ways and after a cut, whatever carries them. */
abstract class BinaryScenarios extends ChannelScenarios {
  private static final String TYPE = "chunk";
  private static final int MOST = EventFeed.MAX_EVENT_BYTES - TYPE.length();

  BinaryScenarios(TransportPreference only) {
    super(only);
  }

  @Test
  void SSE_C_38_binaryEventsArriveAsTheyWere() throws Exception {
    RecordingServer application = new RecordingServer();
    RecordingListener listener = new RecordingListener();
    OkHttpClient okHttp = new OkHttpClient();
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.listener(application));
        FaultProxy proxy = new FaultProxy(server.port());
        ChannelClient client =
            OkHttpChannels.newClient(okHttp)
                .transportPreference(only)
                .reconnectPolicy(Scenario.QUICK)
                .build()) {
      EventChannel channel = client.open("http://127.0.0.1:" + proxy.port() + "/feed", listener);
      listener.takeOpen();
      FeedServer.await(() -> channel.lastEventId() != null, () -> "no position");
      assertTrue(channel.supports(Capability.BINARY));

      Random random = new Random(19);
      List<Event> published = new ArrayList<>();
      for (int size : new int[] {0, 1, 2, 3, 255, 65_536, MOST}) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        published.add(Event.binary(TYPE, bytes));
        published.add(Event.of("text", "after " + size));
      }
      for (Event event : published) {
        server.publish("t", event);
      }
      for (Event event : published) {
        Event got = listener.takeEvent();
        assertEquals(event, got.withId(null).withTopic(null));
        assertEquals("t", got.topic());
      }

      proxy.cutAll(Cut.RST);
      server.publish("t", published.get(4));
      listener.skipTo(RecordingListener.Opened.class);
      assertEquals(published.get(4), listener.takeEvent().withId(null).withTopic(null));

      RecordingServer.next(application.opened);
      EventChannel there = RecordingServer.next(application.opened);
      assertTrue(there.supports(Capability.BINARY));
      there.send(Event.binary("direct", new byte[] {13, 10, 0, -1}));
      assertArrayEquals(new byte[] {13, 10, 0, -1}, listener.takeEvent().bytes());

      Event up = Event.binary("up", new byte[] {10, 10, '{', 0, -1});
      channel.send(up).toCompletableFuture().get(10, TimeUnit.SECONDS);
      assertEquals(up, RecordingServer.next(application.events));
    } finally {
      okHttp.dispatcher().executorService().shutdown();
      okHttp.connectionPool().evictAll();
    }
  }
}
