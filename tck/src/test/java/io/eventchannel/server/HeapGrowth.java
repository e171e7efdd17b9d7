package io.eventchannel.server;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What has come into the heap since a moment, counted object by object: unlike the heap in use, it
 * knows nothing of how a collector rounds and leaves holes.
 */
final class HeapGrowth {
  // With arrays of this type collectors fill the holes that they leave; we keep none.
  private static final String FILLER = "[I";

  private final Map<String, Long> before = bytesByClass();

  /** The bytes of what has come and lives, but for objects of these classes. */
  long bytes(Set<Class<?>> except) {
    long grown = 0;
    for (Map.Entry<String, Long> now : bytesByClass().entrySet()) {
      String name = now.getKey();
      if (!name.equals(FILLER) && except.stream().noneMatch(c -> c.getName().equals(name))) {
        grown += now.getValue() - before.getOrDefault(name, 0L);
      }
    }
    return grown;
  }

  /** A limit set for references of four bytes; half as much again if those here have eight. */
  static long limit(long bytes) {
    return Boolean.parseBoolean(
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("UseCompressedOops")
                .getValue())
        ? bytes
        : bytes * 3 / 2;
  }

  private static Map<String, Long> bytesByClass() {
    String histogram;
    try {
      histogram =
          (String)
              ManagementFactory.getPlatformMBeanServer()
                  .invoke(
                      new ObjectName("com.sun.management:type=DiagnosticCommand"),
                      "gcClassHistogram", // of what lives, after a collection
                      new Object[] {new String[0]},
                      new String[] {String[].class.getName()});
    } catch (JMException e) {
      throw new IllegalStateException("no histogram of the heap", e);
    }
    Map<String, Long> bytes = new HashMap<>();
    // A line is "rank: instances bytes class", with its module behind it.
    for (String line : histogram.split("\n", -1)) {
      String[] columns = line.trim().split("\\s+", -1);
      if (columns.length >= 4 && columns[0].endsWith(":")) {
        bytes.merge(columns[3], Long.parseLong(columns[2]), Long::sum);
      }
    }
    if (!bytes.containsKey(String.class.getName())) {
      throw new IllegalStateException("no histogram of the heap: " + histogram);
    }
    return bytes;
  }
}
