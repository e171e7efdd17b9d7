package io.eventchannel.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Asks the {@link ControlSurface} of a server on the loopback interface. */
final class ControlClient {
  private final String base;

  ControlClient(int port) {
    base = "http://127.0.0.1:" + port + "/control/";
  }

  /** Begins a broadcast and returns the number of its first event. */
  long publish(String query) throws IOException {
    return (long) JsonNumbers.of(get("publish?" + query), "first");
  }

  /** Whether a broadcast is going on. */
  boolean publishing() throws IOException {
    return get("stats").contains("\"publishing\":true");
  }

  /** The number of the last event that was published. */
  long published() throws IOException {
    return (long) JsonNumbers.of(get("stats"), "published");
  }

  private String get(String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(base + path).toURL().openConnection();
    try (InputStream body = connection.getInputStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
