package io.eventchannel.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** What the poms say of what we publish; the enforcer checks what comes of it, further down too. */
class DependenciesTest {
  private static final Set<String> PUBLISHED =
      Set.of("bom", "cli", "client-okhttp", "core", "metrics-micrometer", "server-jakarta");

  private final Reactor reactor = Reactor.ofThisBuild();
  private final Element parent = pom(reactor.root());

  @Test
  void S41_publishedModulesBringOnlyWhatIsOnTheListOfTheBuild() {
    Set<String> listed = new TreeSet<>();
    for (Element include : all(rule("bannedDependencies"), "include")) {
      listed.add(include.getTextContent().trim());
    }
    assertTrue(listed.remove("io.eventchannel"));
    assertTrue(listed.stream().noneMatch(name -> name.contains("*")), listed.toString());

    Set<String> published = new TreeSet<>();
    List<String> unlisted = new ArrayList<>();
    for (Reactor.Module module : reactor.modules()) {
      Element pom = pom(module.directory());
      if (!all(pom, "maven.deploy.skip").stream()
          .anyMatch(e -> e.getTextContent().equals("false"))) {
        continue;
      }
      published.add(module.path());
      for (Element dependency : all(pom, "dependency")) {
        String scope = text(dependency, "scope");
        String name = text(dependency, "groupId") + ":" + text(dependency, "artifactId");
        boolean brought = scope.isEmpty() || scope.equals("compile") || scope.equals("runtime");
        if (brought && !name.startsWith("io.eventchannel:") && !listed.contains(name)) {
          unlisted.add(module.path() + " brings " + name);
        }
      }
    }
    assertEquals(new TreeSet<>(PUBLISHED), published);
    assertEquals(List.of(), unlisted);
  }

  @Test
  void S41_everyVersionIsOneVersion() {
    List<String> loose = new ArrayList<>();
    for (Element managed : all(one(parent, "dependencyManagement"), "version")) {
      String version = resolved(managed.getTextContent().trim());
      if (!version.matches("[0-9]+(\\.[0-9A-Za-z]+)*([.-][0-9A-Za-z]+)*")) {
        loose.add(version);
      }
    }
    for (Reactor.Module module : reactor.modules()) {
      if (!PUBLISHED.contains(module.path()) || module.path().equals("bom")) {
        continue; // tests against other versions, and our own modules
      }
      for (Element dependency : all(pom(module.directory()), "dependency")) {
        String version = text(dependency, "version");
        if (!version.isEmpty()) {
          loose.add(module.path() + " sets a version of its own: " + version);
        }
      }
    }
    assertEquals(List.of(), loose);
  }

  @Test
  void S41_theBuildChecksClassFilesAndVersionsAndAReleaseListsWhatItConsistsOf() {
    for (String rule :
        List.of(
            "dependencyConvergence",
            "enforceBytecodeVersion",
            "banDuplicateClasses",
            "bannedDependencies",
            "requirePluginVersions")) {
      rule(rule);
    }
    List<String> ofReleases = new ArrayList<>();
    for (Element profile : all(parent, "profile")) {
      if (text(profile, "id").equals("release")) {
        all(profile, "plugin").forEach(plugin -> ofReleases.add(text(plugin, "artifactId")));
      }
    }
    assertTrue(ofReleases.contains("cyclonedx-maven-plugin"), ofReleases.toString());
  }

  private Element rule(String name) {
    for (Element rules : all(parent, "rules")) {
      List<Element> found = all(rules, name);
      if (!found.isEmpty()) {
        return found.get(0);
      }
    }
    throw new AssertionError("the enforcer has no rule " + name);
  }

  private String resolved(String version) {
    return version.startsWith("${") && !version.equals("${project.version}")
        ? text(one(parent, "properties"), version.substring(2, version.length() - 1))
        : version.replace("${project.version}", text(parent, "version"));
  }

  private static Element one(Element in, String name) {
    return all(in, name).get(0);
  }

  /** The text of a child, or nothing. */
  private static String text(Element in, String name) {
    NodeList children = in.getChildNodes();
    for (int i = 0; i < children.getLength(); i++) {
      if (children.item(i) instanceof Element && children.item(i).getNodeName().equals(name)) {
        return children.item(i).getTextContent().trim();
      }
    }
    return "";
  }

  private static List<Element> all(Element in, String name) {
    NodeList found = in.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  private static Element pom(Path directory) {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(directory.resolve("pom.xml").toFile())
          .getDocumentElement();
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
