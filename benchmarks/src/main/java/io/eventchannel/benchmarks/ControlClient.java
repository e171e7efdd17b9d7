package io.eventchannel.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Asks the {@link ControlSurface} of a server on the loopback interface. */
final class ControlClient {
  private static final int COLLECTIONS = 5;

  private final String base;

  ControlClient(int port) {
    base = "http://127.0.0.1:" + port + "/control/";
  }

  /** Begins a broadcast and returns the number of its first event. */
  long publish(PublishQuery query) throws IOException {
    return (long) JsonNumbers.of(get("publish?" + query.text()), "first");
  }

  /** Whether a broadcast is going on. */
  boolean publishing() throws IOException {
    return get("stats").contains("\"publishing\":true");
  }

  /** The number of the last event that was published. */
  long published() throws IOException {
    return (long) JsonNumbers.of(get("stats"), "published");
  }

  /** How many connections the server has. */
  int connections() throws IOException {
    return (int) JsonNumbers.of(get("stats"), "connections");
  }

  /** The bytes of heap that the server uses: the median of what repeated collections leave. */
  long heap() throws IOException {
    long[] used = new long[COLLECTIONS];
    for (int i = 0; i < used.length; i++) {
      used[i] = (long) JsonNumbers.of(get("gc"), "heap");
    }
    Arrays.sort(used);
    return used[used.length / 2];
  }

  private String get(String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(base + path).toURL().openConnection();
    try (InputStream body = connection.getInputStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
