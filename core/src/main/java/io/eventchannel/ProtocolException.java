package io.eventchannel;

/** The peer broke the protocol; the message names what was expected and what came. */
public final class ProtocolException extends EventChannelException {
  private static final long serialVersionUID = 1L;

  /** Creates one that says {@code message}. */
  public ProtocolException(String message) {
    super(message);
  }
}
