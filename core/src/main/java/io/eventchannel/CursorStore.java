package io.eventchannel;

import org.jspecify.annotations.Nullable;

/**
 * Where a client keeps the position of a channel across a restart of its process. Never called by
 * two threads at once for one channel, nor under a lock of the channel; it may block.
 *
 * <p>{@link #load} is called once, on the client's executor, before the first attempt to connect.
 * {@link #save} is called after each listener call that moved the position, in the row of those
 * calls, which wait for it. With manual commit ({@link EventChannel#commit}) it is called on the
 * client's executor beside them, and a position that was replaced before its turn came is skipped.
 *
 * <p>One store serves one channel at a time: of two, each would overwrite what the other has done.
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

  /**
   * Returns a new store that keeps the position in memory: for a later channel of this process,
   * such as the next one of a screen that was left. Any thread may call it.
   */
  static CursorStore inMemory() {
    return new InMemoryCursorStore();
  }
}
