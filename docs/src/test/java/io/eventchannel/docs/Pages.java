package io.eventchannel.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Markdown pages of the project: those at its root, and those in {@code docs}. */
record Pages(Path root, List<Path> files) {
  static Pages of(Path root) {
    List<Path> files = new ArrayList<>();
    for (Path file : List.of(root, root.resolve("docs"), root.resolve("docs/adr"))) {
      files.addAll(markdownIn(file));
    }
    return new Pages(root, List.copyOf(files));
  }

  private static List<Path> markdownIn(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var list = Files.list(directory)) {
      return list.filter(file -> file.toString().endsWith(".md")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The name of a page as messages say it. */
  String name(Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }
}
