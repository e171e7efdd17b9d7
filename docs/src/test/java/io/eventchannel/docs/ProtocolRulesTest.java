package io.eventchannel.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The rules that Javadoc and pages cite stand in {@code protocol.md}, each once. */
class ProtocolRulesTest {
  private static final Pattern DEFINITION = Pattern.compile("(?m)^\\*\\*([A-Z]-\\d+)\\*\\* ");
  private static final Pattern CITATION =
      Pattern.compile("\\brules? ([A-Z]-\\d+(?:(?:, | to | and |, and | or )[A-Z]-\\d+)*)");
  private static final Pattern RULE = Pattern.compile("([A-Z])-(\\d+)");

  @Test
  void noRuleStandsTwice() {
    List<String> rules = definitions();
    assertEquals(rules.size(), Set.copyOf(rules).size(), rules::toString);
    assertTrue(rules.size() > 20, rules::toString);
  }

  @Test
  void everyRuleThatCodeOrPagesCiteIsDefined() {
    Reactor reactor = Reactor.ofThisBuild();
    Pages pages = Pages.of(reactor.root());
    List<Path> files = new ArrayList<>(pages.files());
    for (Reactor.Module module : reactor.modules()) {
      files.addAll(Reactor.javaFiles(module.mainSources()));
      if (!module.path().equals("docs")) { // whose tests cite rules that do not exist
        files.addAll(Reactor.javaFiles(module.testSources()));
      }
    }
    Set<String> defined = new TreeSet<>(definitions());
    List<String> undefined = new ArrayList<>();
    for (Path file : files) {
      for (String rule : citations(pages.read(file))) {
        if (!defined.contains(rule)) {
          undefined.add(pages.name(file) + " cites rule " + rule);
        }
      }
    }
    assertEquals(List.of(), undefined);
  }

  @Test
  void citationsAreFoundAcrossLinesAndRanges() {
    assertEquals(List.of("Z-1"), citations("see (protocol\n   * rule Z-1)."));
    assertEquals(List.of("Z-1"), citations("(protocol rule\n   * Z-1)"));
    assertEquals(List.of("Z-1", "Y-2"), citations("protocol rules Z-1, Y-2"));
    assertEquals(List.of("Z-1", "Z-2", "Z-3"), citations("protocol rules Z-1 to Z-3"));
    assertEquals(List.of(), citations("UTF-8, and rule 7 of RFC-1"));
  }

  private static List<String> definitions() {
    Pages pages = Pages.of(Reactor.ofThisBuild().root());
    String page = pages.read(pages.root().resolve("docs/protocol.md"));
    return DEFINITION.matcher(page).results().map(match -> match.group(1)).toList();
  }

  private static List<String> citations(String text) {
    String oneLine = text.replaceAll("\\s+(?:(?:\\*|//+) )?\\s*", " ");
    List<String> rules = new ArrayList<>();
    Matcher citation = CITATION.matcher(oneLine);
    while (citation.find()) {
      Matcher rule = RULE.matcher(citation.group(1));
      int last = 0;
      int end = 0;
      while (rule.find()) {
        int number = Integer.parseInt(rule.group(2));
        boolean range = citation.group(1).substring(end, rule.start()).equals(" to ");
        for (int i = range ? last + 1 : number; i <= number; i++) {
          rules.add(rule.group(1) + "-" + i);
        }
        last = number;
        end = rule.end();
      }
    }
    return rules;
  }
}
