package io.eventchannel.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ComparisonTableTest {
  @Test
  void aRowHasMediansWithTheirSpreadAndAllThatWasLost() {
    ComparisonTable table =
        new ComparisonTable(
            List.of(
                Column.spread("cost", 2, run -> run.get("cost")),
                Column.ratio("÷", run -> run.get("cost")),
                Column.difference("−", run -> run.get("cost")),
                Column.sum("lost", run -> run.get("lost"))));
    // Each round is slower than the last one, for both; the ratio is that of one round.
    table.add("ours", "ours", run(2, 0));
    table.add("theirs", "ours", run(4, 1));
    table.add("ours", "ours", run(20, 0));
    table.add("theirs", "ours", run(60, 2));
    table.add("ours", "ours", run(10, 0));
    table.add("theirs", "ours", run(10, 0));
    assertEquals(
        List.of(
            "| server | cost | ÷ | − | lost |",
            "| --- | --- | --- | --- | --- |",
            "| ours | 10.00 (2.00–20.00) | 1.00 | 0 | 0 |",
            "| theirs | 10.00 (4.00–60.00) | 2.00 (1.00–3.00) | 2 (0–40) | 3 |"),
        table.toString().lines().toList());
  }

  @Test
  void aRunIsReadFromWhatALoadClientPrints() {
    Run run =
        Run.of(
            "{\"mode\":\"ws\",\"delivered\":1000,\"lost\":4,\"dups\":5,\"cpu_s\":0.03,"
                + "\"cpu_jit_s\":0.01,\"vcsw\":40,\"ivcsw\":10,\"p50_us\":7,\"p99_us\":8}");
    assertEquals(20, run.cpuPerEvent(), 1e-9);
    assertEquals(0.04, run.switchesPerEvent("vcsw"), 1e-9);
    assertEquals(0.01, run.switchesPerEvent("ivcsw"), 1e-9);
    assertEquals(7, run.get("p50_us"));
    assertEquals(4, run.get("lost"));
  }

  @Test
  void switchesThatThreadsTookWithThemAreUnknown() {
    Column column = Column.spread("switches", 3, run -> run.switchesPerEvent("vcsw"));
    Run wrapped = new Run(Map.of("delivered", 10.0, "vcsw", 1.8446744073709552e19));
    Run known = new Run(Map.of("delivered", 10.0, "vcsw", 2.0));
    assertEquals("unknown", column.cell(List.of(wrapped), List.of(wrapped)));
    assertEquals("0.200", column.cell(List.of(wrapped, known), List.of(wrapped, known)));
  }

  private static Run run(double cost, double lost) {
    return new Run(Map.of("cost", cost, "lost", lost));
  }
}
