package io.eventchannel.benchmarks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * The HTTP port by which a load generator drives a server under measurement.
 *
 * <ul>
 *   <li>{@code GET /control/publish?n=&size=&rate=} answers the first sequence number at once and
 *       publishes in the background, one broadcast after the other: {@code rate} events a second,
 *       or as fast as possible with 0, at most {@value #UNDER_WAY} under way for the slowest.
 *   <li>{@code GET /control/stats} answers how many connections there are, whether a broadcast is
 *       going on, how many events were published, and the heap in use; {@code GET /control/gc} the
 *       same after a collection.
 * </ul>
 *
 * <p>The data of an event begins with {@code #seq:<number>;ts:<nanoseconds since 1970>;} and is
 * padded to its size. The numbers go up by one from 1 over all broadcasts.
 */
final class ControlSurface {
  private static final int UNDER_WAY = 64;
  private static final long LOOK_AGAIN_NANOS = 50_000;

  private final Broadcaster broadcaster;
  private final ExecutorService publisher =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "publisher"));

  // Guarded by this: what is asked for.
  private long lastAsked;
  private int broadcasts;

  private volatile long published; // the publisher's

  private ControlSurface(Broadcaster broadcaster) {
    this.broadcaster = broadcaster;
  }

  /** Serves it on a port of the loopback interface until the process ends. */
  static void serve(int port, Broadcaster broadcaster) throws IOException {
    ControlSurface surface = new ControlSurface(broadcaster);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext(
        "/control/publish", exchange -> answer(exchange, surface.publish(query(exchange))));
    server.createContext("/control/stats", exchange -> answer(exchange, surface.stats()));
    server.createContext(
        "/control/gc",
        exchange -> {
          // Weak references of a first collection are freed by the second.
          System.gc();
          System.gc();
          answer(exchange, surface.stats());
        });
    server.start();
  }

  private synchronized String publish(Map<String, String> query) {
    int events = (int) number(query, "n", 1);
    int size = (int) number(query, "size", 200);
    double rate = number(query, "rate", 0);
    long first = lastAsked + 1;
    lastAsked += events;
    broadcasts++;
    publisher.execute(() -> broadcast(first, events, size, rate));
    return "{\"first\":" + first + ",\"n\":" + events + "}";
  }

  private void broadcast(long first, int events, int size, double rate) {
    long began = System.nanoTime();
    long room = 0;
    for (int i = 0; i < events; i++) {
      if (rate > 0) {
        waitUntil(began + (long) (i * 1e9 / rate));
      } else {
        while (room <= 0) { // asked once for many: to look at all subscribers costs, too
          room = UNDER_WAY - broadcaster.underWay();
          if (room <= 0) {
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
          }
        }
        room--;
      }
      broadcaster.publish(data(first + i, size));
      published = first + i;
    }
    synchronized (this) {
      broadcasts--;
    }
  }

  private static void waitUntil(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static String data(long seq, int size) {
    Instant now = Instant.now();
    long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    String head = "#seq:" + seq + ";ts:" + nanos + ";";
    return head + "x".repeat(Math.max(0, size - head.length()));
  }

  private synchronized String stats() {
    Runtime runtime = Runtime.getRuntime();
    return "{\"connections\":"
        + broadcaster.connections()
        + ",\"publishing\":"
        + (broadcasts > 0)
        + ",\"published\":"
        + published
        + ",\"heap\":"
        + (runtime.totalMemory() - runtime.freeMemory())
        + "}";
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new HashMap<>();
    String text = exchange.getRequestURI().getQuery();
    for (String pair : text == null ? new String[0] : text.split("&")) {
      int equals = pair.indexOf('=');
      query.put(pair.substring(0, Math.max(0, equals)), pair.substring(equals + 1));
    }
    return query;
  }

  private static double number(Map<String, String> query, String name, double otherwise) {
    String value = query.get(name);
    return value == null ? otherwise : Double.parseDouble(value);
  }

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.US_ASCII);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
