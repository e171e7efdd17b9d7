package io.eventchannel.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each test writes a reactor of three modules with the sources it is about. */
class TestSourcesTest {
  @TempDir Path root;

  @BeforeEach
  void writePoms() throws IOException {
    write(
        "pom.xml",
        "<project><modules><module>core</module><module>tck</module><module>it/box</module>"
            + "</modules></project>");
    for (String module : List.of("core", "tck", "it/box")) {
      write(module + "/pom.xml", "<project/>");
    }
  }

  @Test
  void aTestIsFoundWithItsRowsItsClassAndItsHome() throws IOException {
    write(
        "core/src/test/java/ATest.java",
        "class ATest { @Test void F01_SSE_P_02_fact() {} @Test void plainFact() {} }");
    write("it/box/src/test/java/BTest.java", "class BTest { @ParameterizedTest void F03_x() {} }");
    List<Guard> guards = scan().guards();
    assertEquals(List.of("ATest.F01_SSE_P_02_fact", "BTest.F03_x"), names(guards));
    assertEquals(Set.of("F01", "SSE-P-02"), guards.get(0).rows());
    assertEquals(Set.of(Guard.Home.VERIFY), guards.get(0).homes());
    assertEquals(Set.of(Guard.Home.IT), guards.get(1).homes());
  }

  @Test
  void aBrowserTestIsSaidToBeOne() throws IOException {
    write(
        "it/box/src/test/java/ATest.java",
        "class ATest { @Test @Tag(\"browser\") void F01_x() {} @Test @Tag(\"slow\") void F02_x() {} }");
    write(
        "it/box/src/test/java/BTest.java",
        "@Tag(\"browser\") class BTest { @Test void F03_x() {} }");
    List<Guard> guards = scan().guards();
    assertEquals(Set.of(Guard.Home.BROWSER), guards.get(0).homes());
    assertEquals(Set.of(Guard.Home.IT), guards.get(1).homes());
    assertEquals(Set.of(Guard.Home.BROWSER), guards.get(2).homes());
  }

  @Test
  void namesInCommentsAndStringsAreNotTests() throws IOException {
    write(
        "core/src/test/java/ATest.java",
        "class ATest { /* @Test void F01_x() {} */ String s = \"@Test void F02_x() {}\"; }");
    assertEquals(new TestSources.Found(List.of(), List.of()), scan());
  }

  @Test
  void aNestedClassKeepsItsOuterName() throws IOException {
    write(
        "core/src/test/java/ATest.java",
        "class ATest { @Nested class Inner { @Test void F01_x() {} } }");
    assertEquals(List.of("ATest.Inner.F01_x"), names(scan().guards()));
  }

  @Test
  void aContractGuardsNothingUntilSomeClassExtendsIt() throws IOException {
    write(
        "tck/src/main/java/LogContract.java",
        "public abstract class LogContract { @Test void INV_01_x() {} }");
    assertEquals(List.of(), scan().guards());

    write("tck/src/test/java/Middle.java", "abstract class Middle<T> extends LogContract {}");
    assertEquals(List.of(), scan().guards());

    write("it/box/src/test/java/MyLogTest.java", "class MyLogTest extends a.b.Middle<String> {}");
    Guard guard = scan().guards().get(0);
    assertEquals("LogContract.INV_01_x", guard.name());
    assertEquals(Set.of("MyLogTest"), guard.runners());
    assertEquals(Set.of(Guard.Home.IT), guard.homes());
  }

  @Test
  void aDisabledTestGuardsNothing() throws IOException {
    write(
        "core/src/test/java/ATest.java",
        "class ATest { @Disabled(\"why\") @Test void F01_x() {} }");
    write("core/src/test/java/BTest.java", "@Disabled class BTest { @Test void F02_x() {} }");
    assertEquals(List.of(), scan().guards());
  }

  @Test
  void aRowOnAMethodThatIsNoTestIsAMistake() throws IOException {
    write("core/src/test/java/ATest.java", "class ATest { void F01_x() {} }");
    assertEquals(List.of("ATest.F01_x names a row but is not a test"), scan().mistakes());
  }

  @Test
  void aMisspeltRowIsAMistake() throws IOException {
    write("core/src/test/java/ATest.java", "class ATest { @Test void SSE_P_3_x() {} }");
    assertEquals(
        List.of("ATest.SSE_P_3_x begins like a row but is not written as one, as in SSE_P_03_fact"),
        scan().mistakes());
  }

  private TestSources.Found scan() {
    return TestSources.scan(Reactor.of(root));
  }

  private static List<String> names(List<Guard> guards) {
    return guards.stream().map(Guard::name).toList();
  }

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
