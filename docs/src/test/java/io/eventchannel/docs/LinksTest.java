package io.eventchannel.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links between pages lead somewhere. Addresses outside the project are not asked. */
class LinksTest {
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern NO_TEXT = Pattern.compile("(?s)```.*?```|<!--.*?-->|`[^`\n]*`");

  @Test
  void everyLinkBetweenPagesLeadsToAFileAndAHeading() {
    assertEquals(List.of(), brokenLinks(Pages.of(Reactor.ofThisBuild().root())));
  }

  @Test
  void aLinkToNowhereIsFound(@TempDir Path root) throws IOException {
    Files.writeString(
        root.resolve("A.md"),
        "# A page\n[a](A.md) [b](B.md) [c](#a-page) [d](A.md#nothing) [e](https://example.com/)\n"
            + "`[f](C.md)` <!-- [g](D.md) -->\n");
    assertEquals(List.of("A.md: B.md", "A.md: A.md#nothing"), brokenLinks(Pages.of(root)));
  }

  private static List<String> brokenLinks(Pages pages) {
    List<String> broken = new ArrayList<>();
    for (Path page : pages.files()) {
      Matcher link = LINK.matcher(NO_TEXT.matcher(pages.read(page)).replaceAll(""));
      while (link.find()) {
        String target = link.group(1);
        if (!target.contains("://") && !leadsSomewhere(pages, page, target)) {
          broken.add(pages.name(page) + ": " + target);
        }
      }
    }
    return broken;
  }

  private static boolean leadsSomewhere(Pages pages, Path page, String target) {
    int hash = target.indexOf('#');
    String path = hash < 0 ? target : target.substring(0, hash);
    Path file = path.isEmpty() ? page : page.resolveSibling(path).normalize();
    if (!Files.exists(file)) {
      return false;
    }
    return hash < 0 || headings(pages.read(file)).contains(target.substring(hash + 1));
  }

  /** The anchors that usual viewers of Markdown make of headings. */
  private static List<String> headings(String markdown) {
    return markdown
        .lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
        .map(text -> text.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
        .toList();
  }
}
