package io.eventchannel;

import org.jspecify.annotations.Nullable;

/** The null object of {@link CursorStore}. */
enum NoCursorStore implements CursorStore {
  INSTANCE;

  @Override
  public @Nullable String load() {
    return null;
  }

  @Override
  public void save(@Nullable String lastEventId) {}
}
