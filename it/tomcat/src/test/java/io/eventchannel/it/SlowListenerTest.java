package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.server.Authorization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A listener that takes longer for an event than the server waits for a sign of life. Its client
 * stops reading meanwhile, so that pings stay unanswered.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class SlowListenerTest {
  private static final Duration HEARTBEAT = Duration.ofMillis(400); // the deadline is a second
  private static final long STANDSTILL_MILLIS = 3_000;
  private static final int STANDSTILLS = 3;
  private static final int EVENTS = 120;
  private static final int LOT = 10;

  @Test
  void aListenerSlowerThanTheDeadlineCostsAResumeAndNoEvent() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    List<Integer> received = new ArrayList<>();
    AtomicInteger gaps = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(EVENTS);
    CountDownLatch open = new CountDownLatch(1);
    EventChannelListener slow =
        new EventChannelListener() {
          @Override
          public void onOpen(EventChannel channel) {
            open.countDown();
          }

          @Override
          public void onEvent(EventChannel channel, Event event) {
            int number = Integer.parseInt(event.data());
            received.add(number);
            all.countDown();
            if (number % (EVENTS / STANDSTILLS) == 1) {
              rest(STANDSTILL_MILLIS);
            }
          }

          @Override
          public void onGap(EventChannel channel, Gap gap) {
            gaps.incrementAndGet();
          }
        };
    try (FeedServer server =
            FeedServer.start(
                endpoint ->
                    endpoint
                        .heartbeat(HEARTBEAT)
                        .authorizer(
                            handshake -> {
                              connections.incrementAndGet();
                              return Authorization.allow();
                            }));
        ChannelClient client =
            OkHttpChannels.newClient(new OkHttpClient())
                .transportPreference(TransportPreference.webSocketOnly())
                .inboundQueue(4, 64 * 1024)
                .build()) {
      EventChannel channel = client.open(server.tomcat.uri(FeedServer.PATH).toString(), slow);
      assertTrue(open.await(20, TimeUnit.SECONDS));
      FeedServer.await(() -> channel.lastEventId() != null, () -> "no position");
      for (int n = 1; n <= EVENTS; n++) {
        server.publish(Integer.toString(n));
        if (n % LOT == 0) { // so that the later lots find the reader at a standstill, or cut off
          rest(500);
        }
      }
      assertTrue(all.await(60, TimeUnit.SECONDS), () -> received.size() + " events");
      channel.close();

      List<Integer> expected = new ArrayList<>();
      for (int n = 1; n <= EVENTS; n++) {
        expected.add(n);
      }
      assertEquals(expected, received);
      assertEquals(0, gaps.get());
      System.out.printf("%d standstills, %d connections%n", STANDSTILLS, connections.get());
      assertTrue(connections.get() >= 2, "nobody was cut: the test shows nothing");
      assertTrue(connections.get() <= 1 + 3 * STANDSTILLS, connections.get() + " connections");
    }
  }

  private static void rest(long millis) {
    try {
      new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
