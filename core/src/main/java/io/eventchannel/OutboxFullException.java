package io.eventchannel;

/** A bound on unacknowledged events is reached; nothing was sent. */
public final class OutboxFullException extends EventChannelException {
  private static final long serialVersionUID = 1L;

  /** Creates one that says {@code message}. */
  public OutboxFullException(String message) {
    super(message);
  }

  /** Creates one that says {@code message}, of a wait for room that its cause ended. */
  public OutboxFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
