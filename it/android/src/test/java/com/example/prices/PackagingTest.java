package com.example.prices;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** What an application packs; Android's build refuses a file that two of its jars bring. */
class PackagingTest {
  // These that build leaves out by itself.
  private static final Set<String> LEFT_OUT =
      Set.of("META-INF/MANIFEST.MF", "META-INF/LICENSE", "META-INF/NOTICE");

  // A class of no use on Android, which no file is made of.
  private static final String DESCRIPTOR = "module-info.class";

  @Test
  void noTwoJarsBringTheSameFile() throws Exception {
    Map<String, Set<String>> jarsByFile = new TreeMap<>();
    for (Path jar : ApplicationFiles.gradleJars()) {
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        zip.stream()
            .filter(entry -> !entry.isDirectory())
            .filter(entry -> !LEFT_OUT.contains(entry.getName()))
            .filter(entry -> !entry.getName().endsWith(DESCRIPTOR))
            .forEach(
                entry ->
                    jarsByFile
                        .computeIfAbsent(entry.getName(), name -> new TreeSet<>())
                        .add(jar.getFileName().toString()));
      }
    }
    jarsByFile.values().removeIf(jars -> jars.size() == 1);
    assertEquals(Map.of(), jarsByFile);
  }
}
