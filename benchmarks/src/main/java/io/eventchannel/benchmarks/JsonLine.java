package io.eventchannel.benchmarks;

import java.util.Locale;

/** A flat object of names and numbers, in one line. Not thread-safe. */
final class JsonLine {
  private final StringBuilder line = new StringBuilder("{");

  JsonLine add(String name, String value) {
    return raw(name, "\"" + value + "\"");
  }

  JsonLine add(String name, long value) {
    return raw(name, Long.toString(value));
  }

  JsonLine add(String name, double value, int decimals) {
    return raw(name, String.format(Locale.ROOT, "%." + decimals + "f", value));
  }

  private JsonLine raw(String name, String value) {
    line.append(line.length() > 1 ? "," : "").append('"').append(name).append("\":").append(value);
    return this;
  }

  @Override
  public String toString() {
    return line + "}";
  }
}
