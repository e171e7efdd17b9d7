package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileCursorStoreTest {
  @TempDir Path folder;

  @Test
  void noFileIsNoPosition() {
    assertNull(FileCursorStore.of(folder.resolve("cursor")).load());
  }

  @Test
  void anotherProcessReadsWhatWasSavedLast() {
    FileCursorStore store = FileCursorStore.of(folder.resolve("cursor"));
    store.save("epoch-1");
    store.save("epoch-10");
    store.save("epoch-9");
    assertEquals("epoch-9", FileCursorStore.of(folder.resolve("cursor")).load());
  }

  @Test
  void idsOfForeignServersKeepEveryCharacter() {
    FileCursorStore store = FileCursorStore.of(folder.resolve("cursor"));
    store.save(" ключ/42 ");
    assertEquals(" ключ/42 ", store.load());
  }

  @Test
  void aPositionThatWasTakenBackIsNone() {
    FileCursorStore store = FileCursorStore.of(folder.resolve("cursor"));
    store.save("epoch-1");
    store.save(null);
    assertNull(store.load());
  }

  @Test
  void aCrashBeforeTheMoveLeavesTheOldPosition() throws Exception {
    FileCursorStore store = FileCursorStore.of(folder.resolve("cursor"));
    store.save("epoch-1");
    Files.writeString(folder.resolve("cursor.next"), "epo");
    assertEquals("epoch-1", store.load());
    store.save("epoch-2");
    assertEquals("epoch-2", store.load());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count(), "nothing but the cursor is left behind");
    }
  }

  @Test
  void F41_aFailedSaveIsLoudAndKeepsTheOldPosition() throws Exception {
    FileCursorStore store = FileCursorStore.of(folder.resolve("cursor"));
    store.save("epoch-1");
    // A folder in the place of the next file cannot be opened for writing, whoever runs the test.
    Files.createDirectory(folder.resolve("cursor.next"));
    assertThrows(UncheckedIOException.class, () -> store.save("epoch-2"));
    assertEquals("epoch-1", store.load());
  }
}
