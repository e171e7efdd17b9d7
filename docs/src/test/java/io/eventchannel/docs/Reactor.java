package io.eventchannel.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** The modules of the build, as its poms list them. */
record Reactor(Path root, List<Module> modules) {

  /** A module: its path below the root, with forward slashes, and its directory. */
  record Module(String path, Path directory) {
    Path testSources() {
      return directory.resolve("src/test/java");
    }

    Path mainSources() {
      return directory.resolve("src/main/java");
    }

    Path reports() {
      return directory.resolve("target/surefire-reports");
    }
  }

  /** Returns the reactor that this test's module belongs to. */
  static Reactor ofThisBuild() {
    Path module = Path.of(System.getProperty("basedir", System.getProperty("user.dir")));
    Path root = module.toAbsolutePath().normalize();
    while (root != null && !Files.exists(root.resolve(".mvn"))) {
      root = root.getParent();
    }
    if (root == null) {
      throw new IllegalStateException("no .mvn directory above " + module.toAbsolutePath());
    }
    return of(root);
  }

  static Reactor of(Path root) {
    List<Module> modules = new ArrayList<>();
    collect(root, root, modules);
    return new Reactor(root, List.copyOf(modules));
  }

  private static void collect(Path root, Path directory, List<Module> modules) {
    for (String name : moduleNames(directory.resolve("pom.xml"))) {
      Path module = directory.resolve(name).normalize();
      modules.add(new Module(root.relativize(module).toString().replace('\\', '/'), module));
      collect(root, module, modules);
    }
  }

  private static List<String> moduleNames(Path pom) {
    List<String> names = new ArrayList<>();
    Element project = Xml.read(pom);
    for (Node node = project.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node.getNodeName().equals("modules")) {
        for (Node child = node.getFirstChild(); child != null; child = child.getNextSibling()) {
          if (child.getNodeName().equals("module")) {
            names.add(child.getTextContent().strip());
          }
        }
      }
    }
    return names;
  }

  /** Returns the Java files below a directory, in a stable order; none if it does not exist. */
  static List<Path> javaFiles(Path directory) {
    return files(directory, ".java");
  }

  static List<Path> files(Path directory, String suffix) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> walk = Files.walk(directory)) {
      return walk.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads XML without looking at anything outside the file. */
  static final class Xml {
    private Xml() {}

    static Element read(Path file) {
      try {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(file.toFile()).getDocumentElement();
      } catch (ParserConfigurationException | SAXException | IOException e) {
        throw new IllegalStateException("cannot read " + file, e);
      }
    }
  }
}
