package io.eventchannel;

/** A named limit was exceeded; the message holds its name, its bound and what came. */
public final class LimitExceededException extends EventChannelException {
  private static final long serialVersionUID = 1L;

  /** Creates one that says {@code message}. */
  public LimitExceededException(String message) {
    super(message);
  }
}
