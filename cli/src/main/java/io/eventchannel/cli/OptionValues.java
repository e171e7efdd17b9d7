package io.eventchannel.cli;

import io.eventchannel.policy.TransportPreference;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Iterator;
import java.util.Map;

/** Reads the values that several commands take. */
final class OptionValues {
  private OptionValues() {}

  static String next(String option, Iterator<String> words) throws UsageException {
    if (!words.hasNext()) {
      throw new UsageException(option + " needs a value");
    }
    return words.next();
  }

  static TransportPreference transport(String name) throws UsageException {
    switch (name) {
      case "auto":
        return TransportPreference.webSocketFirst();
      case "websocket":
        return TransportPreference.webSocketOnly();
      case "sse":
        return TransportPreference.sseOnly();
      default:
        throw new UsageException("--transport: expected auto, websocket or sse, got " + name);
    }
  }

  static void header(String line, Map<String, String> headers) throws UsageException {
    int colon = line.indexOf(':');
    if (colon < 1) {
      throw new UsageException("--header: expected 'NAME: VALUE', got no colon after a name");
    }
    headers.put(line.substring(0, colon).trim(), line.substring(colon + 1).trim());
  }

  static String url(String text) throws UsageException {
    try {
      URI uri = new URI(text);
      String scheme = uri.getScheme();
      boolean known =
          "http".equals(scheme)
              || "https".equals(scheme)
              || "ws".equals(scheme)
              || "wss".equals(scheme);
      if (!known || uri.getHost() == null) {
        throw new UsageException("expected an http, https, ws or wss URL, got " + text);
      }
      return text;
    } catch (URISyntaxException e) {
      throw new UsageException("expected a URL, got " + text + ": " + e.getReason());
    }
  }
}
