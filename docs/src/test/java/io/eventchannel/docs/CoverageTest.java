package io.eventchannel.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Joins requirements and tests, and writes {@code docs/coverage.md}. */
class CoverageTest {
  private static final String REQUIREMENTS =
      """
      # Requirements

      ## SSE-P: parsing

      | id | what must hold |
      | --- | --- |
      | SSE-P-01 | One. |
      | SSE-P-02 | Two. |

      ## F: faults

      | id | what must hold |
      | --- | --- |
      | F01 | A reset. |
      """;

  @Test
  void everyRowThatATestNamesIsARequirementAndThePageSaysWhichTestsGuardIt() throws IOException {
    Reactor reactor = Reactor.ofThisBuild();
    Path docs = reactor.root().resolve("docs");
    Requirements requirements =
        Requirements.parse(Files.readString(docs.resolve("requirements.md")));
    TestSources.Found found = TestSources.scan(reactor);
    Coverage coverage = new Coverage(requirements, found.guards());

    List<String> mistakes = new ArrayList<>(found.mistakes());
    mistakes.addAll(coverage.unknown());
    assertEquals(List.of(), mistakes);

    writeIfChanged(docs.resolve("coverage.md"), coverage.page());
    Path target = Files.createDirectories(docs.resolve("target"));
    writeIfChanged(
        target.resolve("coverage-last-run.md"), coverage.page(SurefireReports.read(reactor)));
  }

  private static void writeIfChanged(Path file, String page) throws IOException {
    if (!Files.exists(file) || !Files.readString(file).equals(page)) {
      Files.writeString(file, page);
    }
  }

  @Test
  void aRowThatStandsTwiceIsRefused() {
    String twice = REQUIREMENTS + "| F01 | Another reset. |\n";
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Requirements.parse(twice));
    assertEquals("row F01 stands twice", refused.getMessage());
  }

  @Test
  void aRowInAnotherFamilyIsRefused() {
    String astray = REQUIREMENTS + "| S01 | An attack among faults. |\n";
    assertThrows(IllegalArgumentException.class, () -> Requirements.parse(astray));
  }

  @Test
  void anUnknownRowIsFoundWithTheTestThatNamesIt() {
    Coverage coverage =
        new Coverage(
            Requirements.parse(REQUIREMENTS), List.of(guard("ATest", "F99_fact", "F99", "F01")));
    assertEquals(
        List.of("ATest.F99_fact names F99, which is no row of docs/requirements.md"),
        coverage.unknown());
    assertTrue(coverage.isGuarded("F01"));
  }

  @Test
  void thePageListsTestsTheirHomesAndOpenRows() {
    Coverage coverage =
        new Coverage(
            Requirements.parse(REQUIREMENTS),
            List.of(guard("ATest", "F01_fact", "F01"), guard("BTest", "F01_other", "F01")));
    assertEquals(
        """
        # Coverage of requirements

        Written by the build from the names of tests and [requirements.md](requirements.md); edit those, not this.

        | family | rows | with a test | open |
        | --- | ---: | ---: | ---: |
        | SSE-P | 2 | 0 | 2 |
        | F | 1 | 1 | 0 |
        | all | 3 | 1 | 2 |

        ## SSE-P: parsing

        Open (2): SSE-P-01, SSE-P-02.

        ## F: faults

        | row | test | Run by |
        | --- | --- | --- |
        | F01 | `ATest.F01_fact` | `verify` |
        |  | `BTest.F01_other` | `verify` |

        Open (0): none.
        """,
        coverage.page());
  }

  @Test
  void theLastRunShowsWhatTheReportsSay(@TempDir Path root) throws IOException {
    write(root.resolve("pom.xml"), "<project><modules><module>a</module></modules></project>");
    write(root.resolve("a/pom.xml"), "<project/>");
    write(
        root.resolve("a/target/surefire-reports/TEST-x.ATest.xml"),
        """
        <testsuite>
          <testcase classname="x.ATest" name="F01_fact(int)[1]"/>
          <testcase classname="x.ATest" name="F01_fact(int)[2]"><failure/></testcase>
          <testcase classname="x.ATest$Inner" name="F01_other"/>
        </testsuite>
        """);
    SurefireReports reports = SurefireReports.read(Reactor.of(root));
    assertEquals(SurefireReports.Outcome.FAILED, reports.of(guard("ATest", "F01_fact", "F01")));
    assertEquals(
        SurefireReports.Outcome.PASSED, reports.of(guard("ATest.Inner", "F01_other", "F01")));
    assertEquals(SurefireReports.Outcome.NOT_RUN, reports.of(guard("BTest", "F01_fact", "F01")));
  }

  @Test
  void thisBuildsRequirementsAreReadToTheLastRow() throws IOException {
    Path page = Reactor.ofThisBuild().root().resolve("docs/requirements.md");
    Requirements requirements = Requirements.parse(Files.readString(page));
    assertTrue(requirements.contains("SSE-P-01"));
    assertTrue(requirements.contains("INV-42"));
    assertFalse(requirements.contains("INV-09"));
    assertEquals(
        Set.of("SSE-P", "SSE-C", "SSE-S", "WS", "F", "S", "INV"),
        Set.copyOf(requirements.families().stream().map(Requirements.Family::prefix).toList()));
  }

  private static Guard guard(String type, String method, String... rows) {
    return new Guard(
        new TreeSet<>(List.of(rows)),
        type,
        method,
        new TreeSet<>(Set.of(type)),
        new TreeSet<>(Set.of(Guard.Home.VERIFY)));
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
