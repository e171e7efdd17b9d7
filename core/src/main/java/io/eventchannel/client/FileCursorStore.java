package io.eventchannel.client;

import io.eventchannel.CursorStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the position of one channel in a file, as one line of UTF-8. A save writes a new file
 * beside it, forces it to the disk and moves it over the old one, so a crash at any moment leaves a
 * whole position: the new one or the one before.
 *
 * <p>One store serves one channel; two processes must not share the file.
 */
public final class FileCursorStore implements CursorStore {
  private final Path file;
  private final Path next;

  private FileCursorStore(Path file) {
    this.file = file.toAbsolutePath();
    this.next = this.file.resolveSibling(this.file.getFileName() + ".next");
  }

  /** Returns a store in that file, whose folder must exist; the file need not. */
  public static FileCursorStore of(Path file) {
    if (file.getFileName() == null) {
      throw new IllegalArgumentException("file: expected a path with a name, got " + file);
    }
    return new FileCursorStore(Objects.requireNonNull(file, "file"));
  }

  /**
   * Returns the stored position.
   *
   * @throws UncheckedIOException if the file is there but cannot be read
   */
  @Override
  public @Nullable String load() {
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      int end = text.indexOf('\n');
      String position = end < 0 ? text : text.substring(0, end);
      return position.isEmpty() ? null : position;
    } catch (NoSuchFileException none) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the position in " + file, e);
    }
  }

  /**
   * Stores a position.
   *
   * @throws UncheckedIOException if it could not be written; the file then holds the one before
   */
  @Override
  public void save(@Nullable String lastEventId) {
    byte[] line =
        ((lastEventId == null ? "" : lastEventId) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      try (FileChannel channel =
          FileChannel.open(
              next,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer buffer = ByteBuffer.wrap(line);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot store the position in " + file, e);
    }
  }
}
