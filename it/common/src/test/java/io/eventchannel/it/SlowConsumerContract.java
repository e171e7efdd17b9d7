package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.codec.ControlData;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.ChannelEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Some clients stop reading under large events. The others get every event in its order; those that
 * stopped get, once they read again, what their policy promises: what came and what was told to be
 * missing are together what was published.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
abstract class SlowConsumerContract {
  private static final int STOPPED = 5;
  private static final int OTHERS = 45;
  private static final int TOPICS = 10;
  // More than the kernels buffer for one connection, which is up to 4 MiB here, several times over.
  private static final int EVENTS = 640;
  // Long enough that no random bytes of a ping are taken for it.
  private static final String MARK = "number:";

  private static final String FILL = "x".repeat(16 * 1024);
  private static final int LOG_EVENTS = 100;

  private final RecordingServer application = new RecordingServer();
  private final List<String> ids = new ArrayList<>();

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  @Test
  void F27_SSE_S_20_stoppedClientsThatStayInTheLogGetItsRestAfterAGapAndHoldNoMemory()
      throws Exception {
    try (Scene scene = new Scene(SlowConsumerPolicy.stayInLog(), LOG_EVENTS / TOPICS)) {
      scene.publish(LOG_EVENTS);
      long before = usedHeap();
      scene.publish(EVENTS);
      long growth = usedHeap() - before;
      scene.end();

      int dropped = 0;
      for (StoppedClient stopped : scene.stopped) {
        stopped.readUpTo("end");
        dropped += judge(stopped.received, "evicted");
      }
      System.out.printf("stay in the log: %d dropped, heap grew by %,d bytes%n", dropped, growth);
      assertTrue(dropped > STOPPED * LOG_EVENTS, "too little happened: " + dropped);
      // The log was full before, and is as full now. A stopped client may hold a batch, of 64 KiB,
      // and the container's copies of it; its whole backlog, beyond what the kernel holds, were
      // 6 MiB. What else differs from run to run is a few MB of a JVM that warms up.
      assertTrue(growth < STOPPED * 1_000_000 + 8_000_000, "the heap grew by " + growth);
    }
  }

  @Test
  void F27_stoppedClientsThatConflateGetTheNewestOfEachTopicAfterAGap() throws Exception {
    Duration lag = Duration.ofSeconds(1);
    try (Scene scene =
        new Scene(SlowConsumerPolicy.conflate().withLagTimeout(lag), EVENTS + LOG_EVENTS)) {
      scene.publish(EVENTS);
      passAtLeast(lag.plus(lag));
      scene.end();

      int dropped = 0;
      for (StoppedClient stopped : scene.stopped) {
        stopped.readUpTo("end");
        dropped += judge(stopped.received, "slow");
      }
      System.out.printf("conflate: %d dropped%n", dropped);
      assertTrue(dropped > STOPPED * LOG_EVENTS, "too little happened: " + dropped);
    }
  }

  @Test
  void F27_WS_21_stoppedClientsAreClosedWithACodeAndResumeWithoutLoss() throws Exception {
    Duration lag = Duration.ofSeconds(3);
    try (Scene scene =
        new Scene(SlowConsumerPolicy.disconnect().withLagTimeout(lag), EVENTS + LOG_EVENTS)) {
      scene.publish(EVENTS);
      passAtLeast(lag.plus(lag)); // a tick of the server's timer included
      scene.end();
      for (int i = 0; i < STOPPED; i++) {
        StoppedClient stopped = scene.stopped.get(i);
        while (stopped.read()) {
          continue; // what the kernels held
        }
        assertEquals(4000, stopped.closeCode);
        CloseReason told = RecordingServer.next(application.closed);
        while (told.code() != 4000) { // those who came back and left
          assertEquals(CloseReason.Kind.NETWORK, told.kind(), told::toString);
          told = RecordingServer.next(application.closed);
        }
        List<Event> all = new ArrayList<>(stopped.received);
        try (StoppedClient back = scene.comeBack(i, lastId(all))) {
          back.readUpTo("end");
          all.addAll(back.received);
        }
        assertEquals(0, judge(all, "none"));
      }
    }
  }

  private static String lastId(List<Event> received) {
    String last = "";
    for (Event event : received) {
      last = event.id() == null ? last : event.id();
    }
    return last;
  }

  /** Checks what a client saw, from its first position on; returns how many events it missed. */
  private int judge(List<Event> received, String reason) {
    int last = 0; // event
    int heardOf = 0; // up to there all was received, or told to be missing by a gap before it
    int missed = 0;
    int toldUpTo = 0;
    int delivered = 0;
    for (Event event : received) {
      int at = event.id() == null ? last : ids.indexOf(event.id()) + 1;
      if (event.type().equals("eventchannel.gap")) {
        ControlData gap = ControlData.of(event);
        assertEquals(reason, gap.text("reason"));
        int after = ids.indexOf(gap.text("after", "")) + 1;
        assertEquals(heardOf, after, "a gap begins where events, or the gap before it, end");
        assertTrue(at >= heardOf, "a gap leads on");
        heardOf = at;
        String until = gap.text("until");
        toldUpTo = until == null ? at : ids.indexOf(until) + 1;
      } else if (!event.type().startsWith("eventchannel.")) {
        delivered++;
        for (int lost = last + 1; lost < at; lost++) {
          missed++;
          assertTrue(lost <= toldUpTo, "event " + lost + " is lost in silence, before " + at);
          boolean outdated = lost + TOPICS <= toldUpTo; // topics take turns
          assertTrue(outdated || !reason.equals("slow"), "the newest of its topic: " + lost);
        }
        if (event.type().equals("n")) {
          assertEquals(MARK + at + ";", event.data().substring(0, event.data().indexOf('x')));
        }
        last = at;
        heardOf = at;
      }
    }
    assertEquals(ids.size(), delivered + missed, "delivered and told are all that was published");
    return missed;
  }

  private static void passAtLeast(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    ServedFeed.await(() -> System.nanoTime() - end >= 0, () -> "the clock stands still");
  }

  /** The least that repeated collections leave. */
  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  /** The server and its clients. */
  private final class Scene implements AutoCloseable {
    final List<StoppedClient> stopped = new ArrayList<>();
    private final ServedFeed server;
    private final List<Counter> others = new ArrayList<>();

    Scene(SlowConsumerPolicy policy, int logEventsPerTopic) throws IOException {
      server =
          ServedFeed.start(
              SlowConsumerContract.this::start,
              feed ->
                  feed.log(InMemoryEventLog.builder().maxEventsPerTopic(logEventsPerTopic).build())
                      .windowEvents(Math.min(16_384, logEventsPerTopic * TOPICS))
                      .slowConsumerPolicy(policy),
              endpoint -> endpoint.listener(application));
      for (int i = 0; i < STOPPED; i++) {
        StoppedClient client = connect(i, "");
        client.readUpTo("eventchannel.position");
        client.received.clear();
        stopped.add(client);
      }
      for (int i = 0; i < OTHERS; i++) {
        others.add(new Counter(server.port(), i % 2 == 0));
      }
      server.awaitConnections(STOPPED + OTHERS);
    }

    private StoppedClient connect(int number, String query) throws IOException {
      return number % 2 == 0
          ? StoppedClient.stream(server.port(), query)
          : StoppedClient.session(server.port(), query);
    }

    StoppedClient comeBack(int number, String lastId) throws IOException {
      return connect(number, "?lastEventId=" + lastId);
    }

    /**
     * Publishes events, each of the topics in its turn, and as the others take them: they are never
     * behind by two events of one topic.
     */
    void publish(int count) {
      for (int i = 0; i < count; i++) {
        int number = ids.size() + 1;
        String topic = "k" + number % TOPICS;
        ids.add(server.publish(topic, Event.of("n", MARK + number + ";" + FILL)));
        if (number % TOPICS == 0) {
          awaitOthers();
        }
      }
    }

    void end() {
      ids.add(server.publish("end", Event.of("end", MARK + (ids.size() + 1) + ";")));
      awaitOthers();
    }

    private void awaitOthers() {
      for (Counter other : others) {
        ServedFeed.await(() -> other.isAt(ids.size()), () -> "one of the others: " + other);
      }
    }

    @Override
    public void close() throws Exception {
      for (StoppedClient client : stopped) {
        client.close();
      }
      for (Counter other : others) {
        other.close();
      }
      server.close();
    }
  }

  /** A client that reads, over either transport, and sees that the numbers follow one another. */
  private static final class Counter implements AutoCloseable {
    private final Socket socket;
    private final boolean stream;
    private final Thread thread;
    private volatile long bytesRead;
    private volatile int count;
    private volatile @Nullable String fault;

    Counter(int port, boolean stream) throws IOException {
      this.stream = stream;
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      String upgrade =
          stream
              ? ""
              : "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
      String request = "GET " + ServedFeed.PATH + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n";
      socket.getOutputStream().write((request + upgrade + "\r\n").getBytes(US_ASCII));
      thread = new Thread(this::readAll, "reads-all");
      thread.setDaemon(true);
      thread.start();
    }

    boolean isAt(int number) {
      if (fault != null) {
        throw new AssertionError(fault);
      }
      return count == number;
    }

    private void readAll() {
      byte[] bytes = new byte[64 * 1024];
      int matched = 0; // bytes of the mark that were seen, one after the other
      int number = 0;
      try (InputStream in = socket.getInputStream()) {
        for (int size = in.read(bytes); size >= 0; size = in.read(bytes)) {
          bytesRead += size;
          for (int i = 0; i < size; i++) {
            int b = bytes[i];
            if (matched < MARK.length()) {
              matched = b == MARK.charAt(matched) ? matched + 1 : b == MARK.charAt(0) ? 1 : 0;
            } else if (b >= '0' && b <= '9') {
              number = number * 10 + (b - '0');
            } else {
              if (number != count + 1) {
                fault = "expected " + (count + 1) + ", got " + number;
              }
              count = number;
              number = 0;
              matched = 0;
            }
          }
        }
        fault = "ended after " + count;
      } catch (IOException closed) {
        fault = "failed after " + count + ": " + closed;
      }
    }

    @Override
    public String toString() {
      String kind = stream ? "a stream" : "a session";
      return kind + " of " + bytesRead + " bytes, at " + count + ", fault: " + fault;
    }

    @Override
    public void close() throws Exception {
      socket.close();
      thread.join(10_000);
    }
  }
}
