package io.eventchannel;

/** Root of the exceptions of this library. */
public class EventChannelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates one that says {@code message}. */
  public EventChannelException(String message) {
    super(message);
  }

  /** Creates one that says {@code message}, with its cause. */
  public EventChannelException(String message, Throwable cause) {
    super(message, cause);
  }
}
