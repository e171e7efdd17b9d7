package io.eventchannel.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/** Options of a command line, each a name and a value. Not thread-safe. */
final class Options {
  private final Map<String, String> values = new LinkedHashMap<>();

  Options(String... args) {
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length || !args[i].startsWith("--")) {
        throw new IllegalArgumentException(args[i] + ": expected an option and its value");
      }
      values.put(args[i], args[i + 1]);
    }
  }

  String text(String name, String otherwise) {
    String value = values.remove(name);
    return value == null ? otherwise : value;
  }

  int number(String name, int otherwise) {
    String value = values.remove(name);
    try {
      return value == null ? otherwise : Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + ": expected a number, got " + value, e);
    }
  }

  /** All options have been asked for. */
  void end() {
    if (!values.isEmpty()) {
      throw new IllegalArgumentException("unknown options: " + values.keySet());
    }
  }
}
