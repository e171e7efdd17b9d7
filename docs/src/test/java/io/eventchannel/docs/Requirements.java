package io.eventchannel.docs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rows of {@code requirements.md}, by family, in the order of the page. */
final class Requirements {
  private static final Pattern HEADING = Pattern.compile("## ([A-Z-]+): (.+)");
  private static final Pattern ROW = Pattern.compile("\\| ([A-Z-]*\\d+) \\| (.+) \\|");

  /** A family: its prefix ({@code SSE-P}), its title and its rows. */
  record Family(String prefix, String title, List<String> rows) {}

  private final List<Family> families;
  private final Map<String, String> texts;

  private Requirements(List<Family> families, Map<String, String> texts) {
    this.families = families;
    this.texts = texts;
  }

  /**
   * Reads the page.
   *
   * @throws IllegalArgumentException if a row stands twice or outside its family
   */
  static Requirements parse(String markdown) {
    List<Family> families = new ArrayList<>();
    Map<String, String> texts = new LinkedHashMap<>();
    for (String line : markdown.lines().toList()) {
      Matcher heading = HEADING.matcher(line);
      if (heading.matches()) {
        families.add(new Family(heading.group(1), heading.group(2), new ArrayList<>()));
        continue;
      }
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        String id = row.group(1);
        Family family = families.isEmpty() ? null : families.get(families.size() - 1);
        if (family == null || !RowNames.familyOf(id).equals(family.prefix())) {
          throw new IllegalArgumentException("row " + id + " does not stand in its own family");
        }
        if (texts.put(id, row.group(2)) != null) {
          throw new IllegalArgumentException("row " + id + " stands twice");
        }
        family.rows().add(id);
      }
    }
    return new Requirements(List.copyOf(families), texts);
  }

  List<Family> families() {
    return families;
  }

  boolean contains(String id) {
    return texts.containsKey(id);
  }

  int size() {
    return texts.size();
  }
}
