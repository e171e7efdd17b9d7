package io.eventchannel.server;

import org.jspecify.annotations.Nullable;

/**
 * Whether what a principal may do was called into question since a moment. Each time makes a mark
 * that is linked from the one before. Whoever asks holds the mark at which it began and looks at
 * those behind it; what nobody holds any more is garbage, so nothing has to be forgotten. For the
 * same reason a mark must not be held for longer than a request is decided. Thread-safe.
 */
final class Revocations {
  /** A moment. */
  static final class Mark {
    private final @Nullable String principal; // null for the first
    private volatile @Nullable Mark next;

    private Mark(@Nullable String principal) {
      this.principal = principal;
    }
  }

  private volatile Mark last = new Mark(null); // written under the lock of this

  /** Now; to be read before the authorizer is asked. */
  Mark now() {
    return last;
  }

  /** The principal may do less from now on. */
  synchronized void add(String principal) {
    Mark added = new Mark(principal);
    last.next = added;
    last = added;
  }

  /** Whether the principal may do less since then; nobody never does. */
  boolean isRevokedSince(Mark then, @Nullable String principal) {
    if (principal == null) {
      return false;
    }
    for (Mark mark = then.next; mark != null; mark = mark.next) {
      if (principal.equals(mark.principal)) {
        return true;
      }
    }
    return false;
  }
}
