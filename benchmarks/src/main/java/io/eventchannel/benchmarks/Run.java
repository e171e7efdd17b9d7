package io.eventchannel.benchmarks;

import java.util.Map;

/** What a {@link LoadClient} found in one run. */
record Run(Map<String, Double> numbers) {
  static Run of(String json) {
    return new Run(JsonNumbers.all(json));
  }

  /** The number of that name. */
  double get(String name) {
    Double number = numbers.get(name);
    if (number == null) {
      throw new IllegalArgumentException("the load client told no " + name);
    }
    return number;
  }

  /** The processor time without that of the compilers, for one event, in microseconds. */
  double cpuPerEvent() {
    return (get("cpu_s") - get("cpu_jit_s")) * 1e6 / Math.max(1, get("delivered"));
  }

  double switchesPerEvent() {
    return (get("vcsw") + get("ivcsw")) / Math.max(1, get("delivered"));
  }
}
