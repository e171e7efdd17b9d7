package io.eventchannel.client;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The channels of a client that have not ended yet. Thread-safe. */
final class OpenChannels {
  private final Runnable whenLastEnded;

  private final Object lock = new Object();
  // Guarded by lock.
  private final Set<ReconnectingChannel> channels = new LinkedHashSet<>();
  private boolean closed;

  /**
   * Creates an empty set.
   *
   * @param whenLastEnded run when the last channel ends after {@link #close}; not where there was
   *     none to end
   */
  OpenChannels(Runnable whenLastEnded) {
    this.whenLastEnded = whenLastEnded;
  }

  /**
   * Adds a channel that is about to begin.
   *
   * @throws IllegalStateException if the client is closed
   */
  void add(ReconnectingChannel channel) {
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("the client is closed; open channels on another one");
      }
      channels.add(channel);
    }
  }

  /** A channel has ended. */
  void ended(ReconnectingChannel channel) {
    boolean last;
    synchronized (lock) {
      last = channels.remove(channel) && closed && channels.isEmpty();
    }
    if (last) {
      whenLastEnded.run();
    }
  }

  /** Those that are open now, in the order in which they were opened. */
  List<ReconnectingChannel> all() {
    synchronized (lock) {
      return new ArrayList<>(channels);
    }
  }

  /** Admits no more, and returns those that are to be closed; null if this was called before. */
  @Nullable List<ReconnectingChannel> close() {
    synchronized (lock) {
      if (closed) {
        return null;
      }
      closed = true;
      return new ArrayList<>(channels);
    }
  }
}
