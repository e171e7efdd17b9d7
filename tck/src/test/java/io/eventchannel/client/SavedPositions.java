package io.eventchannel.client;

import io.eventchannel.CursorStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A store in memory that remembers every save, and whether two ever came at once. */
final class SavedPositions implements CursorStore {
  private final @Nullable String stored;
  // Guarded by this.
  private final List<@Nullable String> saved = new ArrayList<>();
  private @Nullable Thread inside;
  private boolean overlapped;

  SavedPositions(@Nullable String stored) {
    this.stored = stored;
  }

  @Override
  public @Nullable String load() {
    return stored;
  }

  @Override
  public void save(@Nullable String lastEventId) {
    synchronized (this) {
      overlapped |= inside != null;
      inside = Thread.currentThread();
    }
    Thread.yield(); // gives another one, were it allowed, its chance
    synchronized (this) {
      inside = null;
      saved.add(lastEventId);
    }
  }

  synchronized List<@Nullable String> saved() {
    return Collections.unmodifiableList(new ArrayList<>(saved));
  }

  /** The last position saved; null also when none was. */
  synchronized @Nullable String last() {
    return saved.isEmpty() ? null : saved.get(saved.size() - 1);
  }

  synchronized boolean overlapped() {
    return overlapped;
  }
}
