package io.eventchannel;

/** The connection was lost before the peer said whether it took the event. */
public final class DeliveryUnknownException extends EventChannelException {
  private static final long serialVersionUID = 1L;

  /** Creates one that says {@code message}. */
  public DeliveryUnknownException(String message) {
    super(message);
  }
}
