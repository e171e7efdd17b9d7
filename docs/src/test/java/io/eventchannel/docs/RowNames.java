package io.eventchannel.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a test's name says which rows it guards: {@code SSE_P_03_SSE_P_04_fact}. A name such as
 * {@code S3_client} is an ordinary one, because rows of the families F and S have two digits.
 */
final class RowNames {
  private static final Pattern PREFIX =
      Pattern.compile("((?:SSE_P|SSE_C|SSE_S|WS|INV)_\\d\\d|[FS]\\d\\d)_");

  // Names that can only be meant as rows but are not written like one.
  private static final Pattern MISSPELT =
      Pattern.compile("(?:SSE_?[A-Z]_?\\d+|WS_?\\d+|INV_?\\d+|[FS]_\\d+)(?:_.*)?");

  private RowNames() {}

  /** Returns the ids that the name begins with, as {@code SSE-P-03}; empty for an ordinary name. */
  static List<String> rowsOf(String method) {
    List<String> rows = new ArrayList<>();
    Matcher matcher = PREFIX.matcher(method);
    while (matcher.lookingAt()) {
      rows.add(matcher.group(1).replace('_', '-'));
      matcher.region(matcher.end(), method.length());
    }
    return rows;
  }

  /** Whether the name, behind the rows it does name, begins with what must be a misspelt row. */
  static boolean isMisspelt(String method) {
    Matcher matcher = PREFIX.matcher(method);
    int start = 0;
    while (matcher.lookingAt()) {
      start = matcher.end();
      matcher.region(start, method.length());
    }
    return MISSPELT.matcher(method.substring(start)).matches();
  }

  /** Returns the family of an id: {@code SSE-P}, {@code WS}, {@code F}. */
  static String familyOf(String id) {
    return id.replaceFirst("-?\\d+$", "");
  }
}
