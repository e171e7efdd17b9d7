package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.server.ChannelEndpoint;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Clients that come and go while others publish. A container reuses the objects of a connection
 * that has ended for one that begins; a server that still touches them after that writes into a
 * stranger's answer, or breaks it. A steady load does not show it, this does.
 *
 * <p>The server sends to each channel its own id and nothing else, so each line says to whom it was
 * sent. A client that is alive and waits in vain is a hang; one that reads an id which is not its
 * own, or anything that is no such line, is cross-talk.
 */
abstract class ChurnContract implements EventChannelListener {
  private static final long SECONDS = Long.getLong("eventchannel.churn.seconds", 10);
  private static final long MAX_SECONDS = 60; // on a machine that has other things to do
  private static final int CONNECTIONS = 2_000;
  private static final int CLIENTS = 40;
  private static final int POSTING_CLIENTS = 5;
  private static final int PUBLISHERS = 4;
  private static final int HANG_MILLIS = 10_000;
  private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(2_500); // 2.5 heartbeats

  private final Set<EventChannel> channels = ConcurrentHashMap.newKeySet();
  private final AtomicInteger openedChannels = new AtomicInteger();
  private final AtomicInteger closedChannels = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger posts = new AtomicInteger();
  private final AtomicInteger lines = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
  private volatile boolean running = true;

  /** Starts the container. */
  abstract Container start(String path, ChannelEndpoint endpoint);

  @Override
  public void onOpen(EventChannel channel) {
    openedChannels.incrementAndGet();
    channels.add(channel);
  }

  @Override
  public void onClosed(EventChannel channel, CloseReason reason) {
    closedChannels.incrementAndGet();
    channels.remove(channel);
  }

  @Test
  void S25_streamsThatComeAndGoNeverTouchEachOther() throws Exception {
    churn(this::streamOnce);
  }

  @Test
  void S25_sessionsThatComeAndGoNeverTouchEachOtherAndAllAreClosed() throws Exception {
    churn(this::sessionOnce);
  }

  private void churn(Visit visit) throws Exception {
    try (ServedFeed server =
        ServedFeed.start(
            this::start,
            feed -> {},
            endpoint -> endpoint.listener(this).heartbeat(Duration.ofSeconds(1)))) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < PUBLISHERS; i++) {
        threads.add(new Thread(this::publish, "publisher-" + i));
      }
      for (int i = 0; i < CLIENTS; i++) {
        Random random = new Random(i);
        boolean posting = i < POSTING_CLIENTS;
        threads.add(new Thread(() -> come(server, random, posting ? null : visit), "client-" + i));
      }
      threads.forEach(Thread::start);
      long begun = System.nanoTime();
      for (long seconds = 0;
          seconds < SECONDS || (connections.get() < CONNECTIONS && seconds < MAX_SECONDS);
          seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun)) {
        threads.get(0).join(100);
      }
      running = false;
      for (Thread thread : threads) {
        thread.join(20_000);
      }
      System.out.printf(
          "churn: %d connections, %d lines, %d POSTs in %d s%n",
          connections.get(),
          lines.get(),
          posts.get(),
          TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun));
      assertAll(
          () -> assertEquals(List.of(), List.copyOf(faults).subList(0, Math.min(5, faults.size()))),
          () -> assertTrue(connections.get() >= CONNECTIONS, "too few to mean anything"),
          () -> assertTrue(posts.get() > 100, "too few POSTs to mean anything"),
          () -> assertTrue(lines.get() > 1_000, "too few lines to mean anything"));
      server.awaitConnections(0);
      ServedFeed.await(
          () -> closedChannels.get() == openedChannels.get(),
          () -> openedChannels + " opened, " + closedChannels + " closed");
    }
  }

  private void publish() {
    int sent = 0;
    while (running) {
      for (EventChannel channel : channels) {
        String id = String.valueOf(channel.id());
        channel.send(Event.of("mine", ++sent % 64 == 0 ? longLine(id) : line(id)));
      }
      LockSupport.parkNanos(100_000);
    }
  }

  /**
   * A visitor that posts has no visit: it posts on, over one connection, for a stream of its own.
   */
  private void come(ServedFeed server, Random random, @Nullable Visit visit) {
    while (running) {
      try {
        if (visit == null) {
          post(server);
        } else {
          visit.once(server, random);
          connections.incrementAndGet();
        }
      } catch (SocketTimeoutException e) {
        faults.add("hang: " + e);
      } catch (IOException | RuntimeException e) {
        faults.add("fault: " + e);
      }
    }
  }

  private void streamOnce(ServedFeed server, Random random) throws IOException {
    try (RawHttp http = RawHttp.connect(server.port())) {
      RawHttp.Head head = http.send("GET", "/feed").head();
      if (head.status() != 200) {
        throw new EOFException("expected 200, got " + head);
      }
      String id = String.valueOf(head.header("EventChannel-Id"));
      http.timeout(HANG_MILLIS);
      long leaveAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(61));
      do {
        String block = http.blockOrHeartbeat();
        if (block == null) {
          throw new EOFException("the server ended the stream of a client that did nothing");
        }
        for (String line : block.split("\n")) {
          checkStreamLine(line, id);
        }
      } while (System.nanoTime() - leaveAt < 0);
      if (random.nextBoolean()) {
        http.reset();
      }
    }
  }

  private void checkStreamLine(String line, String id) {
    if (line.startsWith("data: ") && line.length() > 6) {
      lines.incrementAndGet();
      if (!isMine(line.substring(6), id)) {
        faults.add("cross-talk: " + id + " read " + start(line));
      }
    } else if (!line.matches("(retry|id|event): .*|data: ?|:.*")) {
      faults.add("cross-talk: " + id + " read " + start(line));
    }
  }

  private void sessionOnce(ServedFeed server, Random random) throws IOException {
    long born = System.nanoTime();
    try (RawWebSocket socket = RawWebSocket.open(server.port(), "/feed")) {
      String id = String.valueOf(socket.head().header("EventChannel-Id"));
      socket.http().timeout(HANG_MILLIS);
      long leaveAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(61));
      do {
        RawWebSocket.Frame frame =
            socket.messageOrHeartbeat(); // a long one comes in several frames
        String text = frame.text();
        if (text.contains("\"mine\"")) {
          lines.incrementAndGet();
          int data = text.indexOf("\"data\":\"") + 8;
          if (data < 8 || !isMine(text.substring(data, text.indexOf('"', data)), id)) {
            faults.add("cross-talk: " + id + " read " + start(text));
          }
        } else if (!text.contains("eventchannel.position")) {
          faults.add("cross-talk: " + id + " read " + frame + " " + start(text));
        }
      } while (System.nanoTime() - leaveAt < 0);
      if (random.nextBoolean()) {
        socket.http().reset();
      } else if (random.nextBoolean()) {
        socket.frame(true, RawWebSocket.CLOSE, new byte[] {3, (byte) 0xE8});
        socket.close(1000);
      }
    } catch (SocketTimeoutException hangs) {
      throw hangs;
    } catch (IOException ended) {
      if (System.nanoTime() - born < SILENCE_NANOS) {
        throw ended;
      } // else all stood still, and who has answered no ping for so long is taken for dead
    }
  }

  /** POSTs over kept connections, for a stream that stays. */
  private void post(ServedFeed server) throws IOException {
    try (RawHttp stream = RawHttp.connect(server.port())) {
      String id = String.valueOf(stream.send("GET", "/feed").head().header("EventChannel-Id"));
      Thread reader = new Thread(() -> readAll(stream, id));
      reader.start();
      for (int seq = 1; running; ) {
        try (RawHttp http = RawHttp.connect(server.port())) {
          for (boolean kept = true; running && kept; seq++) {
            String body = "{\"seq\":" + seq + ",\"event\":\"e\",\"data\":\"" + id + "\"}\n";
            RawHttp.Head head =
                http.post(
                        "/feed",
                        body.getBytes(UTF_8),
                        "Content-Type: application/x-ndjson",
                        "EventChannel-Id: " + id)
                    .head();
            if (head.status() != 204 || !("" + seq).equals(head.header("EventChannel-Ack"))) {
              faults.add("POST: expected 204 and ack " + seq + ", got " + head);
              return;
            }
            posts.incrementAndGet();
            kept = !"close".equals(head.header("Connection")); // Tomcat keeps one for 100 requests
          }
        }
      }
    }
  }

  private void readAll(RawHttp stream, String id) {
    try {
      for (String block = stream.blockOrHeartbeat();
          block != null;
          block = stream.blockOrHeartbeat()) {
        for (String line : block.split("\n")) {
          checkStreamLine(line, id);
        }
      }
      if (running) {
        faults.add("the server ended a stream that reads");
      }
    } catch (IOException e) {
      if (running) {
        faults.add("a stream that reads broke: " + e);
      }
    }
  }

  private static String line(String id) {
    return (id + " ").repeat(10) + "end";
  }

  /** One that no buffer of a container holds, so that clients leave in the middle of it. */
  private static String longLine(String id) {
    return (id + " ").repeat(1_500) + "end";
  }

  private static boolean isMine(String data, String id) {
    return data.equals(line(id)) || data.equals(longLine(id));
  }

  private static String start(String text) {
    return text.length() <= 300 ? text : text.substring(0, 300) + "...";
  }

  private interface Visit {
    void once(ServedFeed server, Random random) throws IOException;
  }
}
