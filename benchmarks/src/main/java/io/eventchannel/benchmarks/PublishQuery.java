package io.eventchannel.benchmarks;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a {@link ControlSurface} is asked to publish.
 *
 * @param text {@code n=1000&size=200&rate=20}
 * @param rate events a second; 0 for as fast as possible
 */
record PublishQuery(String text, int events, double rate) {
  static PublishQuery of(String text) {
    return new PublishQuery(text, (int) number(text, "n"), number(text, "rate"));
  }

  /** How long it takes; 0 where that is for the server to say. */
  long nanos() {
    return rate == 0 ? 0 : (long) (events * 1e9 / rate);
  }

  private static double number(String text, String name) {
    Matcher number = Pattern.compile("(?:^|&)" + name + "=([0-9.]+)").matcher(text);
    if (!number.find()) {
      throw new IllegalArgumentException("expected " + name + "= in " + text);
    }
    return Double.parseDouble(number.group(1));
  }
}
