package com.example.prices;

import com.android.tools.r8.ClassFileResourceProvider;
import com.android.tools.r8.ProgramResource;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Class files that a tool takes for a library's, so that it draws no conclusions from their code.
 */
final class StandIns implements ClassFileResourceProvider {
  private final Map<String, ProgramResource> resources = new TreeMap<>();

  StandIns(Path root, Iterable<Path> classFiles) {
    for (Path file : classFiles) {
      String name = root.relativize(file).toString().replace('\\', '/');
      String descriptor = "L" + name.substring(0, name.length() - ".class".length()) + ";";
      resources.put(
          descriptor, ProgramResource.fromFile(ProgramResource.Kind.CF, file, Set.of(descriptor)));
    }
  }

  @Override
  public Set<String> getClassDescriptors() {
    return resources.keySet();
  }

  @Override
  public ProgramResource getProgramResource(String descriptor) {
    return resources.get(descriptor);
  }

  @Override
  public void getProgramResources(Consumer<ProgramResource> consumer) {
    resources.values().forEach(consumer);
  }
}
