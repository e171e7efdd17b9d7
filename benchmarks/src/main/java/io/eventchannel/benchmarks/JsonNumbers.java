package io.eventchannel.benchmarks;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads numbers of flat objects, as the programs of a measurement print them. */
final class JsonNumbers {
  private static final Pattern NUMBER = Pattern.compile("\"(\\w+)\":(-?[0-9.]+)");

  private JsonNumbers() {}

  /** All numbers of the object by their names. */
  static Map<String, Double> all(String json) {
    Map<String, Double> numbers = new HashMap<>();
    Matcher number = NUMBER.matcher(json);
    while (number.find()) {
      numbers.put(number.group(1), Double.parseDouble(number.group(2)));
    }
    return numbers;
  }

  /** The number of that name in the object. */
  static double of(String json, String name) {
    Double number = all(json).get(name);
    if (number == null) {
      throw new IllegalArgumentException("no " + name + " in " + json);
    }
    return number;
  }
}
