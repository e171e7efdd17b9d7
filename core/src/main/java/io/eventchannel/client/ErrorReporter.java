package io.eventchannel.client;

import io.eventchannel.EventChannel;

/**
 * Told what went wrong in code that is not ours and did not end the channel: a listener, a cursor
 * store, a stage completed by {@code send}. Called on any thread, never under a lock; returns
 * quickly and throws nothing.
 */
@FunctionalInterface
public interface ErrorReporter {
  /** Something failed; the channel goes on. */
  void onError(EventChannel channel, Throwable error);

  /** Returns the reporter that writes warnings with {@code java.util.logging}. */
  static ErrorReporter logging() {
    return LoggingErrorReporter.INSTANCE;
  }
}
