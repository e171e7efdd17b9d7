package io.eventchannel.server;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * Whether what a principal may do was called into question since a moment. Counts for principals of
 * the same remainder of their hash together, so it takes no memory for each of them; now and then
 * that says yes where it is no. Thread-safe.
 */
final class Revocations {
  private static final int COUNTS = 1024;

  private final AtomicIntegerArray counts = new AtomicIntegerArray(COUNTS);

  /** What to compare with later; to be read before the authorizer is asked. */
  int of(@Nullable String principal) {
    return principal == null ? 0 : counts.get(indexOf(principal));
  }

  /** The principal may do less from now on. */
  void add(String principal) {
    counts.incrementAndGet(indexOf(principal));
  }

  private static int indexOf(String principal) {
    int hash = principal.hashCode();
    return (hash ^ hash >>> 16) & COUNTS - 1;
  }
}
