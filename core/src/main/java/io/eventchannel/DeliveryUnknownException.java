package io.eventchannel;

/** Nobody can say any more whether the peer took the event: its connection was lost before. */
public final class DeliveryUnknownException extends EventChannelException {
  private static final long serialVersionUID = 1L;

  /** Creates one that says {@code message}. */
  public DeliveryUnknownException(String message) {
    super(message);
  }
}
