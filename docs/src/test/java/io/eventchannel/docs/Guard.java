package io.eventchannel.docs;

import java.util.Set;
import java.util.TreeSet;

/**
 * A test whose name says that it guards rows.
 *
 * @param rows the ids, as {@code SSE-P-03}
 * @param type the simple name of the class that declares it, nested ones with a dot
 * @param runners the simple names of the classes in which it runs: the declaring one, or, when that
 *     is abstract, the concrete classes that extend it
 * @param homes what makes it run
 */
record Guard(
    Set<String> rows, String type, String method, TreeSet<String> runners, TreeSet<Home> homes)
    implements Comparable<Guard> {

  /** What makes a test run, in the order of how often that is done. */
  enum Home {
    VERIFY("`verify`"),
    IT("`-Pit`"),
    BROWSER("`-Pit,browser`");

    final String label;

    Home(String label) {
      this.label = label;
    }
  }

  /** The name as people say it. */
  String name() {
    return type + "." + method;
  }

  @Override
  public int compareTo(Guard other) {
    return name().compareTo(other.name());
  }
}
