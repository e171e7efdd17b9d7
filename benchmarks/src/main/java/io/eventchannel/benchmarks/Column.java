package io.eventchannel.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** A column of a {@link ComparisonTable}. */
final class Column {
  private final String title;
  private final Kind kind;
  private final int decimals;
  private final ToDoubleFunction<Run> value;

  private enum Kind {
    SPREAD,
    RATIO,
    DIFFERENCE,
    SUM
  }

  private Column(String title, Kind kind, int decimals, ToDoubleFunction<Run> value) {
    this.title = title;
    this.kind = kind;
    this.decimals = decimals;
    this.value = value;
  }

  /** The median over the rounds that know it, with the least and the most of them. */
  static Column spread(String title, int decimals, ToDoubleFunction<Run> value) {
    return new Column(title, Kind.SPREAD, decimals, value);
  }

  /** The same of what each run is to the reference of its own round. */
  static Column ratio(String title, ToDoubleFunction<Run> value) {
    return new Column(title, Kind.RATIO, 2, value);
  }

  /** The same of how much more each run has than the reference of its own round. */
  static Column difference(String title, ToDoubleFunction<Run> value) {
    return new Column(title, Kind.DIFFERENCE, 0, value);
  }

  /** The sum over the rounds. */
  static Column sum(String title, ToDoubleFunction<Run> value) {
    return new Column(title, Kind.SUM, 0, value);
  }

  String title() {
    return title;
  }

  /** The cell, of the runs of a row and those of its reference, round by round. */
  String cell(List<Run> runs, List<Run> reference) {
    double[] values = runs.stream().mapToDouble(value).toArray();
    double[] others = reference.stream().mapToDouble(value).toArray();
    return switch (kind) {
      case SUM -> number(Arrays.stream(values).sum());
      case SPREAD -> spread(values);
      case RATIO -> spread(each(values, others, (one, other) -> one / other));
      case DIFFERENCE -> spread(each(values, others, (one, other) -> one - other));
    };
  }

  private static double[] each(double[] values, double[] others, DoubleBinaryOperator operator) {
    return IntStream.range(0, values.length)
        .mapToDouble(i -> operator.applyAsDouble(values[i], others[i]))
        .toArray();
  }

  private String spread(double[] values) {
    double[] sorted =
        Arrays.stream(values).filter(value -> !Double.isNaN(value)).sorted().toArray();
    if (sorted.length == 0) {
      return "unknown";
    }
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    String least = number(sorted[0]);
    String most = number(sorted[sorted.length - 1]);
    return least.equals(most) ? number(median) : number(median) + " (" + least + "–" + most + ")";
  }

  private String number(double number) {
    return String.format(Locale.ROOT, "%." + decimals + "f", number);
  }
}
