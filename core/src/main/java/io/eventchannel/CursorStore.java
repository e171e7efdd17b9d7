package io.eventchannel;

import org.jspecify.annotations.Nullable;

/**
 * Where a client keeps the position of a channel across a restart of its process. Called on the
 * channel's own serial executor, after the listener returned; it may block that executor, and only
 * that.
 */
public interface CursorStore {
  /** Returns the stored position, or null if there is none. */
  @Nullable String load();

  /**
   * Stores a position, replacing the one before atomically. An exception is reported and the
   * channel goes on: the stored position is then older than what was handled, which repeats events
   * after a crash but loses none.
   *
   * @param lastEventId the position, or null when the server took it back
   */
  void save(@Nullable String lastEventId);

  /** Returns a store that remembers nothing. */
  static CursorStore none() {
    return NoCursorStore.INSTANCE;
  }
}
