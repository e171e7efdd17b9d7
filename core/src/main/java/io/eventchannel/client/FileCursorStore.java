package io.eventchannel.client;

import io.eventchannel.CursorStore;
import io.eventchannel.codec.FieldRules;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the position of one channel in a file, as one line of UTF-8. A save writes a new file
 * beside it, forces it to the disk and moves it over the old one, so a crash at any moment leaves a
 * whole position: the new one or the one before.
 *
 * <p>Each save waits for the disk, some milliseconds. A channel of hundreds of events a second had
 * better commit now and then by hand ({@link ChannelRequest.Builder#manualCommit}).
 *
 * <p>One store serves one channel; two processes must not share the file.
 */
public final class FileCursorStore implements CursorStore {
  private final Path file;
  private final File next;

  private FileCursorStore(Path file) {
    this.file = file.toAbsolutePath();
    this.next = this.file.resolveSibling(this.file.getFileName() + ".next").toFile();
  }

  /**
   * Returns a store in that file, whose folder must exist; the file need not.
   *
   * @throws IllegalArgumentException if the path has no name
   * @throws UnsupportedOperationException if it is not of the default file system
   */
  public static FileCursorStore of(Path file) {
    if (file.getFileName() == null) {
      throw new IllegalArgumentException("file: expected a path with a name, got " + file);
    }
    return new FileCursorStore(Objects.requireNonNull(file, "file"));
  }

  /**
   * Returns the stored position.
   *
   * @throws UncheckedIOException if the file is there but cannot be read, or does not hold one
   *     whole line: the beginning of a position might be another one
   */
  @Override
  public @Nullable String load() {
    try {
      String text = decode(Files.readAllBytes(file));
      int end = text.length() - 1;
      if (text.indexOf('\n') != end) {
        throw new IOException("expected one line that ends in LF");
      }
      return end <= 0 ? null : text.substring(0, end);
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
   * @throws IllegalArgumentException if it holds CR, LF or NUL, which would come back as another
   *     one; the file then holds the one before
   */
  @Override
  public void save(@Nullable String lastEventId) {
    String position = lastEventId == null ? "" : lastEventId;
    if (FieldRules.breaksLine(position)) {
      throw new IllegalArgumentException("position: expected no CR, LF or NUL");
    }
    try {
      write(encode(position + "\n"));
      // Not forced itself: a power cut may undo the move, and so leave the position before.
      Files.move(
          next.toPath(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot store the position in " + file, e);
    }
  }

  private void write(ByteBuffer line) throws IOException {
    // A channel would do as well, were it not closed by the interrupt of the thread that reads.
    FileOutputStream out = new FileOutputStream(next);
    try (out) {
      out.write(line.array(), line.arrayOffset(), line.remaining());
      out.getFD().sync();
    } catch (IOException e) {
      if (!next.delete()) { // half a line has no use, and a full disk no room for it
        e.addSuppressed(new IOException("cannot delete " + next));
      }
      throw e;
    }
  }

  // Both refuse what a replacement character would turn into another position.

  private static ByteBuffer encode(String text) throws IOException {
    return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
  }

  private static String decode(byte[] bytes) throws IOException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
