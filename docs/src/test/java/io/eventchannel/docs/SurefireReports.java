package io.eventchannel.docs;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What the newest reports in the modules' {@code target} directories say about tests. */
final class SurefireReports {
  /** What became of a test; of its repetitions the worst counts, and a pass outweighs a skip. */
  enum Outcome {
    NOT_RUN("not run"),
    SKIPPED("skipped"),
    PASSED("passed"),
    FAILED("FAILED");

    final String label;

    Outcome(String label) {
      this.label = label;
    }
  }

  private final Map<String, Outcome> outcomes = new HashMap<>();

  static SurefireReports read(Reactor reactor) {
    SurefireReports reports = new SurefireReports();
    for (Reactor.Module module : reactor.modules()) {
      for (Path file : Reactor.files(module.reports(), ".xml")) {
        NodeList cases = Reactor.Xml.read(file).getElementsByTagName("testcase");
        for (int i = 0; i < cases.getLength(); i++) {
          reports.add((Element) cases.item(i));
        }
      }
    }
    return reports;
  }

  private void add(Element testcase) {
    Outcome outcome = Outcome.PASSED;
    if (has(testcase, "failure") || has(testcase, "error")) {
      outcome = Outcome.FAILED;
    } else if (has(testcase, "skipped")) {
      outcome = Outcome.SKIPPED;
    }
    String type = testcase.getAttribute("classname");
    type = type.substring(type.lastIndexOf('.') + 1).replace('$', '.');
    // A repetition adds its parameters: method(int)[1], method{int}[1].
    String method = testcase.getAttribute("name").replaceFirst("[^A-Za-z0-9_$].*", "");
    outcomes.merge(type + "." + method, outcome, (a, b) -> a.compareTo(b) >= 0 ? a : b);
  }

  private static boolean has(Element testcase, String child) {
    return testcase.getElementsByTagName(child).getLength() > 0;
  }

  /** Returns the worst of what became of a test in all classes that run it. */
  Outcome of(Guard guard) {
    Outcome worst = Outcome.NOT_RUN;
    for (String runner : guard.runners()) {
      Outcome outcome = outcomes.getOrDefault(runner + "." + guard.method(), Outcome.NOT_RUN);
      worst = outcome.compareTo(worst) >= 0 ? outcome : worst;
    }
    return worst;
  }
}
