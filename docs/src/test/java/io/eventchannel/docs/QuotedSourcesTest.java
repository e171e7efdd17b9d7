package io.eventchannel.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a page quotes of a file that is compiled elsewhere is what the file says. */
class QuotedSourcesTest {
  private static final Pattern QUOTE =
      Pattern.compile("<!-- source: (\\S+) -->\\n```text\\n(.*?)```", Pattern.DOTALL);

  @Test
  void everyQuotedClassIsTheOneInItsFile() throws IOException {
    Path root = Reactor.ofThisBuild().root();
    Pages pages = Pages.of(root);
    List<String> quoted = new ArrayList<>();
    for (Path page : pages.files()) {
      Matcher quote = QUOTE.matcher(pages.read(page));
      while (quote.find()) {
        String source = Files.readString(root.resolve(quote.group(1)));
        assertEquals(source.substring(source.indexOf("/**")), quote.group(2), quote.group(1));
        quoted.add(quote.group(1));
      }
    }
    assertTrue(quoted.size() >= 4, () -> "expected the classes of android.md, got " + quoted);
  }
}
