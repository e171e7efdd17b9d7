package io.eventchannel.benchmarks;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads numbers of flat objects, as the programs of a measurement print them. */
final class JsonNumbers {
  private JsonNumbers() {}

  /** The number of that name in the object. */
  static double of(String json, String name) {
    Matcher number = Pattern.compile("\"" + name + "\":(-?[0-9.]+)").matcher(json);
    if (!number.find()) {
      throw new IllegalArgumentException("no " + name + " in " + json);
    }
    return Double.parseDouble(number.group(1));
  }
}
