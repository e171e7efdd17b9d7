package io.eventchannel;

/** The peer decided not to take a sent event; the message is its reason. */
public final class SendRejectedException extends EventChannelException {
  private static final long serialVersionUID = 1L;

  /** Creates one that says {@code message}. */
  public SendRejectedException(String message) {
    super(message);
  }
}
