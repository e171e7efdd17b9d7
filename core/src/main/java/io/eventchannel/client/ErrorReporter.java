package io.eventchannel.client;

import io.eventchannel.EventChannel;

/**
 * Told what went wrong and did not end the channel: in the application's code (a listener, a cursor
 * store, a stage completed by {@code send}), or by what the server sent (an ID too long to resume
 * from). Called on any thread, never under a lock; returns quickly. What it throws is logged.
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
