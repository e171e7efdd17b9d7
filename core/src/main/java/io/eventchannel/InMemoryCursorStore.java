package io.eventchannel;

import org.jspecify.annotations.Nullable;

/** What {@link CursorStore#inMemory} returns: one position, visible to all threads. */
final class InMemoryCursorStore implements CursorStore {
  private volatile @Nullable String position;

  @Override
  public @Nullable String load() {
    return position;
  }

  @Override
  public void save(@Nullable String lastEventId) {
    position = lastEventId;
  }
}
