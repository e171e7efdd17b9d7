package io.eventchannel.client;

import io.eventchannel.EventChannel;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Writes what went wrong to the platform's log, which Android shows too. */
enum LoggingErrorReporter implements ErrorReporter {
  INSTANCE;

  private static final Logger LOGGER = Logger.getLogger("io.eventchannel.client");

  @Override
  public void onError(EventChannel channel, Throwable error) {
    LOGGER.log(Level.WARNING, "A failure on " + channel + ", which goes on", error);
  }
}
