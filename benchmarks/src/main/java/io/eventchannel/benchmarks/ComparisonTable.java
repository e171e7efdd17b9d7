package io.eventchannel.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The table of a {@link Compare}: a row for each server and case, over the rounds. */
final class ComparisonTable {
  private final List<Column> columns;
  private final Map<String, List<Run>> rows = new LinkedHashMap<>();
  private final Map<String, String> references = new LinkedHashMap<>();

  ComparisonTable(List<Column> columns) {
    this.columns = columns;
  }

  /**
   * Takes in the run of the next round.
   *
   * @param reference the row to which ratios are, which has a run of each round too
   */
  void add(String row, String reference, Run run) {
    rows.computeIfAbsent(row, name -> new ArrayList<>()).add(run);
    references.put(row, reference);
  }

  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    table.append(line("server", columns.stream().map(Column::title).toList()));
    table.append(line("---", columns.stream().map(column -> "---").toList()));
    rows.forEach(
        (name, runs) -> {
          List<Run> reference = rows.get(references.get(name));
          if (reference == null) {
            throw new IllegalStateException("no run of " + references.get(name));
          }
          table.append(
              line(name, columns.stream().map(column -> column.cell(runs, reference)).toList()));
        });
    return table.toString();
  }

  private static String line(String first, List<String> cells) {
    return cells.stream().collect(Collectors.joining(" | ", "| " + first + " | ", " |\n"));
  }
}
