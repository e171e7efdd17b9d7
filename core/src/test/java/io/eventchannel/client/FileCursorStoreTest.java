package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  @Test
  void F41_aFullDiskIsLoudAndLeavesNoHalfRecord() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.isWritable(full), "a device that takes no byte");
    FileCursorStore store = FileCursorStore.of(folder.resolve("cursor"));
    store.save("epoch-1");
    Files.createSymbolicLink(folder.resolve("cursor.next"), full);
    assertThrows(UncheckedIOException.class, () -> store.save("epoch-2"));
    assertEquals("epoch-1", store.load());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count(), "the half of a record is gone");
    }
    store.save("epoch-3");
    assertEquals("epoch-3", store.load());
  }

  @Test
  void F41_halfARecordIsNoPosition() throws Exception {
    FileCursorStore store = FileCursorStore.of(folder.resolve("cursor"));
    for (String half : List.of("epoch-1", "epoch-1\nepoch-2", "epoch-1\n\n")) {
      Files.writeString(folder.resolve("cursor"), half);
      assertThrows(UncheckedIOException.class, store::load, half);
    }
    Files.write(folder.resolve("cursor"), new byte[] {'e', (byte) 0xD0, '\n'});
    assertThrows(UncheckedIOException.class, store::load, "half a character");
  }

  @Test
  void aPositionThatWouldComeBackAsAnotherIsRefusedAndTheOldOneKept() {
    FileCursorStore store = FileCursorStore.of(folder.resolve("cursor"));
    store.save("epoch-1");
    for (String position : List.of("a\nb", "a\rb", "a\0b")) {
      assertThrows(IllegalArgumentException.class, () -> store.save(position));
    }
    assertThrows(UncheckedIOException.class, () -> store.save("\uD83D"), "half a pair");
    assertEquals("epoch-1", store.load());
  }

  @Test
  void anInterruptedReaderStillStoresItsPosition() {
    FileCursorStore store = FileCursorStore.of(folder.resolve("cursor"));
    Thread.currentThread().interrupt();
    try {
      store.save("epoch-1");
    } finally {
      assertTrue(Thread.interrupted(), "the flag is kept");
    }
    assertEquals("epoch-1", store.load());
  }
}
