package io.eventchannel.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The table of a {@link Compare}: medians over the rounds, and losses over all of them. */
final class ComparisonTable {
  private static final String HEAD =
      """
      | server | CPU µs an event | least–most | ÷ first | switches an event | p50 ms | p99 ms \
      | lost | duplicates |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- |
      """;

  private ComparisonTable() {}

  /** The table, by the runs of each server; ratios are to the first of them. */
  static String of(Map<String, List<Compare.Run>> runs) {
    StringBuilder table = new StringBuilder(HEAD);
    double first = median(runs.values().iterator().next(), Compare.Run::cpuPerEvent);
    runs.forEach((server, found) -> table.append(row(server, found, first)));
    return table.toString();
  }

  private static String row(String server, List<Compare.Run> runs, double first) {
    double cpu = median(runs, Compare.Run::cpuPerEvent);
    return String.format(
        Locale.ROOT,
        "| %s | %.2f | %.2f–%.2f | %.2f | %.3f | %.1f | %.1f | %d | %d |%n",
        server,
        cpu,
        runs.stream().mapToDouble(Compare.Run::cpuPerEvent).min().orElse(0),
        runs.stream().mapToDouble(Compare.Run::cpuPerEvent).max().orElse(0),
        cpu / first,
        median(runs, Compare.Run::switchesPerEvent),
        median(runs, Compare.Run::p50) / 1e3,
        median(runs, Compare.Run::p99) / 1e3,
        runs.stream().mapToLong(Compare.Run::lost).sum(),
        runs.stream().mapToLong(Compare.Run::dups).sum());
  }

  /** The middle one; of an even number, the mean of the two in the middle. */
  static double median(List<Compare.Run> runs, ToDoubleFunction<Compare.Run> value) {
    double[] sorted = runs.stream().mapToDouble(value).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
