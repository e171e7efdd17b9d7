package io.eventchannel.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ComparisonTableTest {
  @Test
  void aRowHasMediansTheRatioToTheFirstAndAllThatWasLost() {
    Map<String, List<Compare.Run>> runs = new LinkedHashMap<>();
    runs.put("ours", List.of(run(2, 0), run(4, 0), run(3, 0)));
    runs.put("theirs", List.of(run(5, 1), run(7, 2)));
    List<String> rows = ComparisonTable.of(runs).lines().skip(2).toList();
    assertEquals(
        List.of(
            "| ours | 3.00 | 2.00–4.00 | 1.00 | 0.500 | 1.0 | 2.5 | 0 | 0 |",
            "| theirs | 6.00 | 5.00–7.00 | 2.00 | 0.500 | 1.0 | 2.5 | 3 | 0 |"),
        rows);
  }

  @Test
  void aRunIsReadFromWhatALoadClientPrints() {
    Compare.Run run =
        Compare.Run.of(
            "{\"mode\":\"ws\",\"delivered\":1000,\"lost\":4,\"dups\":5,\"cpu_s\":0.03,"
                + "\"cpu_jit_s\":0.01,\"vcsw\":40,\"ivcsw\":10,\"p50_us\":7,\"p99_us\":8}");
    assertEquals(20, run.cpuPerEvent(), 1e-9);
    assertEquals(0.05, run.switchesPerEvent(), 1e-9);
    assertEquals(7, run.p50());
    assertEquals(8, run.p99());
    assertEquals(4, run.lost());
    assertEquals(5, run.dups());
  }

  private static Compare.Run run(double cpu, long lost) {
    return new Compare.Run(cpu, 0.5, 1_000, 2_500, lost, 0);
  }
}
