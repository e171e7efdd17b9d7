package io.eventchannel.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Requirements joined with the tests that name them. */
final class Coverage {
  private final Requirements requirements;
  private final Map<String, List<Guard>> guardsByRow = new TreeMap<>();

  /** Names in tests that are no row, each with the test; a build with any of them must fail. */
  private final List<String> unknown = new ArrayList<>();

  Coverage(Requirements requirements, List<Guard> guards) {
    this.requirements = requirements;
    for (Guard guard : guards) {
      for (String row : guard.rows()) {
        if (requirements.contains(row)) {
          guardsByRow.computeIfAbsent(row, k -> new ArrayList<>()).add(guard);
        } else {
          unknown.add(guard.name() + " names " + row + ", which is no row of docs/requirements.md");
        }
      }
    }
  }

  List<String> unknown() {
    return unknown;
  }

  boolean isGuarded(String row) {
    return guardsByRow.containsKey(row);
  }

  /** Returns {@code coverage.md}: names and homes only, so that it changes with the code alone. */
  String page() {
    return page("Run by", Coverage::homesOf);
  }

  /** Returns the same page with what became of each test. */
  String page(SurefireReports reports) {
    return page("Last run", guard -> reports.of(guard).label);
  }

  private static String homesOf(Guard guard) {
    return String.join(", ", guard.homes().stream().map(home -> home.label).toList());
  }

  private String page(String lastColumn, Function<Guard, String> lastCell) {
    StringBuilder page = new StringBuilder();
    page.append("# Coverage of requirements\n\n")
        .append("Written by the build from the names of tests and [requirements.md]")
        .append("(requirements.md); edit those, not this.\n\n")
        .append("| family | rows | with a test | open |\n| --- | ---: | ---: | ---: |\n");
    int guarded = 0;
    for (Requirements.Family family : requirements.families()) {
      int rows = family.rows().size();
      int withTest = (int) family.rows().stream().filter(this::isGuarded).count();
      guarded += withTest;
      appendRow(page, family.prefix(), rows, withTest, rows - withTest);
    }
    appendRow(page, "all", requirements.size(), guarded, requirements.size() - guarded);
    for (Requirements.Family family : requirements.families()) {
      appendFamily(page, family, lastColumn, lastCell);
    }
    return page.toString();
  }

  private static void appendRow(StringBuilder page, Object... cells) {
    for (Object cell : cells) {
      page.append("| ").append(cell).append(' ');
    }
    page.append("|\n");
  }

  private void appendFamily(
      StringBuilder page,
      Requirements.Family family,
      String lastColumn,
      Function<Guard, String> lastCell) {
    page.append("\n## ").append(family.prefix()).append(": ").append(family.title()).append("\n\n");
    List<String> open = family.rows().stream().filter(row -> !isGuarded(row)).toList();
    if (open.size() < family.rows().size()) {
      page.append("| row | test | ").append(lastColumn).append(" |\n| --- | --- | --- |\n");
      for (String row : family.rows()) {
        String shown = row;
        for (Guard guard : guardsByRow.getOrDefault(row, List.of())) {
          appendRow(page, shown, "`" + guard.name() + "`", lastCell.apply(guard));
          shown = "";
        }
      }
      page.append('\n');
    }
    page.append("Open (").append(open.size()).append("): ");
    page.append(open.isEmpty() ? "none" : String.join(", ", open)).append(".\n");
  }
}
