package io.eventchannel.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SnippetsTest {
  static Stream<Snippet> snippets() {
    Pages pages = Pages.of(Reactor.ofThisBuild().root());
    return pages.files().stream()
        .flatMap(file -> Snippet.of(pages.name(file), pages.read(file)).stream());
  }

  @ParameterizedTest
  @MethodSource("snippets")
  void theJavaInThePagesCompiles(Snippet snippet) {
    assertEquals(List.of(), snippet.errors());
  }

  @Test
  void theReadmesSnippetsAreAmongThem() {
    assertTrue(snippets().filter(snippet -> snippet.page().equals("README.md")).count() >= 3);
  }

  @Test
  void anErrorIsFoundAndNamesItsLineInThePage() {
    String page =
        """
        # Page

        <!-- given: Event event -->
        ```java
        String data = event.data();
        int size = event.sizeInFurlongs();
        ```
        """;
    Snippet snippet = Snippet.of("PAGE.md", page).get(0);
    List<String> errors = snippet.errors();
    assertEquals(1, errors.size(), errors::toString);
    assertTrue(errors.get(0).startsWith("PAGE.md:6: "), errors::toString);
    assertTrue(errors.get(0).contains("sizeInFurlongs"), errors::toString);
  }

  @Test
  void aVariableThatIsNotGivenIsAnError() {
    Snippet snippet = Snippet.of("PAGE.md", "```java\nevent.data();\n```\n").get(0);
    assertFalse(snippet.errors().isEmpty());
  }

  @Test
  void anUnclosedBlockIsReadToTheEndAndMembersStandInAClass() {
    String page = "<!-- members -->\n```java\nint one() {\n  return 1;\n}\n";
    assertEquals(List.of(), Snippet.of("PAGE.md", page).get(0).errors());
  }
}
