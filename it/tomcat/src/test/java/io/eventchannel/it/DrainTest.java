package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.client.ChannelClient;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.FaultProxy;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.RecordingListener.Received;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that goes away in an orderly way and comes back. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class DrainTest {
  private static final int CLIENTS = 20;

  private static FeedServer start(EventLog log) {
    return FeedServer.start(feed -> feed.log(log), endpoint -> {}, tomcat -> {});
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "sse"})
  void F16_aServerThatEndsTellsEachClientADelayOfItsOwnAndNothingIsLost(String transport)
      throws Exception {
    EventLog log = InMemoryEventLog.create();
    List<RecordingListener> listeners = new ArrayList<>();
    try (FaultProxy proxy = new FaultProxy(0);
        ChannelClient client =
            OkHttpChannels.newClient(new OkHttpClient())
                .transportPreference(TransportPreference.of(transport))
                .build()) {
      try (FeedServer first = start(log)) {
        proxy.setTarget(first.port());
        for (int i = 0; i < CLIENTS; i++) {
          RecordingListener listener = new RecordingListener();
          listeners.add(listener);
          client.open(proxy.uri(FeedServer.PATH).toString(), listener);
        }
        for (RecordingListener listener : listeners) {
          listener.takeOpen();
        }
        first.publish("before");
        for (RecordingListener listener : listeners) {
          assertEquals("before", listener.takeEvent().data());
        }
      }
      Set<Long> delays = new HashSet<>();
      try (FeedServer second = start(log)) {
        proxy.setTarget(second.port());
        second.publish("after");
        for (RecordingListener listener : listeners) {
          ConnectionLost lost = listener.takeConnectionLost();
          assertEquals(1001, lost.reason().code(), lost.toString());
          delays.add(lost.retryDelay().toMillis());
          // Attempts before the other server was there have failed.
          assertEquals("after", listener.skipTo(Received.class).event().data());
          assertEquals(0, listener.gaps());
        }
        assertTrue(delays.size() > CLIENTS / 2, "the clients' return is spread: " + delays);
      }
    }
  }
}
