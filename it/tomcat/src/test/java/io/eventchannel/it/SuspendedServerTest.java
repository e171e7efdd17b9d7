package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.transport.Transport;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A server whose machine stands still, or that collects garbage for long: its clients give it up
 * meanwhile, some leave, some come, and when it goes on everything is late at once.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class SuspendedServerTest {
  private static final Duration HEARTBEAT = Duration.ofMillis(500); // the deadline is 1.25 s
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int LEAVE = 200;
  private static final int COME = 50; // fewer than a listening socket holds
  private static final int EVENTS = 100;

  // What a JVM of some seconds still loads and compiles; 200 connections that held 64 KiB each were
  // 13 MB.
  private static final long MOST_GROWTH = 8_000_000;

  @BeforeAll
  static void signals() {
    Assumptions.assumeTrue(File.separatorChar == '/', "there are no signals to stop a process by");
  }

  @Test
  void F20_aServerThatStoodStillHoldsNoMoreThanBeforeAndDropsThoseWhoLeft() throws Exception {
    List<RawHttp> raw = new ArrayList<>();
    try (FeedProcess server = FeedProcess.start(HEARTBEAT);
        ChannelClient sockets = client(Transport.WEBSOCKET);
        ChannelClient streams = client(Transport.SSE);
        RawHttp stays = RawHttp.connect(server.port())) {
      RecordingListener[] listeners = {listener(), listener()};
      EventChannel[] channels = {
        sockets.open(server.url(), listeners[0]), streams.open(server.url(), listeners[1])
      };
      for (RecordingListener listener : listeners) {
        listener.takeOpen();
      }
      // A plain stream has no deadline: it waits.
      stays.timeout((int) PATIENCE.toMillis());
      stays.send("GET", FeedServer.PATH).head();
      stays.blockWith("event: eventchannel.position");
      for (int i = 0; i < LEAVE; i++) {
        raw.add(come(server, i));
      }
      for (EventChannel channel : channels) {
        FeedServer.await(() -> channel.lastEventId() != null, () -> "no position yet");
      }
      long before = server.usedHeap();

      server.process().suspend();
      for (RawHttp http : raw) {
        http.close();
      }
      for (int i = 0; i < COME; i++) { // the kernel takes them in; they leave before they are seen
        RawHttp http = RawHttp.connect(server.port());
        http.send("GET", FeedServer.PATH);
        http.close();
      }
      for (RecordingListener listener : listeners) {
        listener.skipTo(RecordingListener.ConnectionLost.class);
      }
      server.process().resume();

      FeedServer.await(PATIENCE, () -> server.connections() == 3, () -> "" + server.connections());
      for (int number = 1; number <= EVENTS; number++) {
        server.publish(number);
      }
      for (RecordingListener listener : listeners) {
        assertEquals(IntStream.rangeClosed(1, EVENTS).boxed().toList(), numbers(listener, EVENTS));
      }
      assertTrue(
          beatsBefore(stays, "data: 1") <= 40, "the heartbeats that it missed were made up for");
      long growth = server.usedHeap() - before;
      System.out.printf("the server's heap grew by %,d bytes%n", growth);
      assertTrue(growth <= MOST_GROWTH, () -> "the heap grew by " + growth + " bytes");
      assertEquals(3, server.connections());
    }
  }

  private static ChannelClient client(String transport) {
    return OkHttpChannels.newClient(new OkHttpClient())
        .transportPreference(TransportPreference.of(transport))
        .build();
  }

  private static RecordingListener listener() {
    return new RecordingListener(PATIENCE, Duration.ofMillis(100));
  }

  /** Opens a connection, a stream or a session, and reads up to its position. */
  private static RawHttp come(FeedProcess server, int number) throws IOException {
    RawHttp http = RawHttp.connect(server.port());
    if (number % 2 == 0) {
      http.send("GET", FeedServer.PATH).head();
      http.blockWith("event: eventchannel.position");
    } else {
      RawWebSocket.open(http, FeedServer.PATH).messageWith("eventchannel.position");
    }
    return http;
  }

  /** Takes so many events, over as many connections as it takes, and no gap. */
  private static List<Integer> numbers(RecordingListener listener, int count)
      throws InterruptedException {
    List<Integer> numbers = new ArrayList<>();
    while (numbers.size() < count) {
      RecordingListener.Call call = listener.take();
      if (call instanceof RecordingListener.Received received) {
        numbers.add(Integer.parseInt(received.event().data()));
      } else if (call instanceof RecordingListener.Missed) {
        throw new AssertionError("expected no gap, got " + call);
      }
    }
    return numbers;
  }

  private static int beatsBefore(RawHttp http, String line) throws IOException {
    for (int beats = 0; ; beats++) {
      String block = http.blockOrHeartbeat();
      if (block == null) {
        throw new IOException("the stream ended");
      }
      if (List.of(block.split("\n")).contains(line)) {
        return beats;
      }
    }
  }
}
