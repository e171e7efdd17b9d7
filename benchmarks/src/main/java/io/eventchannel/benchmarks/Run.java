package io.eventchannel.benchmarks;

import java.util.Map;

/** What a {@link LoadClient} found in one run. */
record Run(Map<String, Double> numbers) {
  private static final double MOST_SWITCHES = 1e15;

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

  /**
   * The switches of that kind for one event; not a number if threads ended meanwhile, whose
   * switches a sum over those that live has lost: a client that subtracts unsigned tells an absurd
   * one.
   */
  double switchesPerEvent(String kind) {
    double switches = get(kind);
    return switches < 0 || switches > MOST_SWITCHES
        ? Double.NaN
        : switches / Math.max(1, get("delivered"));
  }
}
