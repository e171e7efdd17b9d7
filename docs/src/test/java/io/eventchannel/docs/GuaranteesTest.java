package io.eventchannel.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every numbered sentence of {@code guarantees.md} stands on rows that have tests. */
class GuaranteesTest {
  private static final Pattern SENTENCE =
      Pattern.compile("(?ms)^(\\d+)\\. (.*?)(?=^\\d+\\. |^\\S|\\z)");
  private static final Pattern ROWS = Pattern.compile("\\(([A-Z][A-Z0-9, -]*)\\)\\s*\\z");

  @Test
  void everySentenceNamesRowsThatHaveTests() {
    Reactor reactor = Reactor.ofThisBuild();
    Pages pages = Pages.of(reactor.root());
    Path docs = reactor.root().resolve("docs");
    Requirements requirements = Requirements.parse(pages.read(docs.resolve("requirements.md")));
    Coverage coverage = new Coverage(requirements, TestSources.scan(reactor).guards());
    assertEquals(List.of(), withoutProof(pages.read(docs.resolve("guarantees.md")), coverage));
  }

  @Test
  void aSentenceWithoutARowOrWithAnOpenOneIsFound() {
    String page = "1. Proved. (F01)\n2. No row\n   at all.\n\nText (F02).\n\n3. Open. (F01, F02)\n";
    Requirements requirements =
        Requirements.parse("## F: faults\n| F01 | One. |\n| F02 | Two. |\n");
    List<Guard> guards =
        List.of(
            new Guard(
                new TreeSet<>(List.of("F01")), "ATest", "F01_x", new TreeSet<>(), new TreeSet<>()));
    assertEquals(
        List.of("sentence 2 names no row", "sentence 3 names F02, which no test guards"),
        withoutProof(page, new Coverage(requirements, guards)));
  }

  private static List<String> withoutProof(String page, Coverage coverage) {
    List<String> missing = new ArrayList<>();
    Matcher sentence = SENTENCE.matcher(page);
    int count = 0;
    while (sentence.find()) {
      count++;
      Matcher rows = ROWS.matcher(sentence.group(2).strip());
      if (!rows.find()) {
        missing.add("sentence " + sentence.group(1) + " names no row");
        continue;
      }
      for (String row : rows.group(1).split(", ")) {
        if (!coverage.isGuarded(row)) {
          missing.add("sentence " + sentence.group(1) + " names " + row + ", which no test guards");
        }
      }
    }
    assertTrue(count > 0, "no numbered sentence");
    return missing;
  }
}
