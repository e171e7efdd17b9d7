package io.eventchannel.cli;

/** The command line is not one that we understand; the message says what was expected. */
final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
