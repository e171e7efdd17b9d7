package io.eventchannel;

/** The channel is closed, so nothing more can be sent. */
public final class ChannelClosedException extends EventChannelException {
  private static final long serialVersionUID = 1L;

  /** Creates one that says {@code message}. */
  public ChannelClosedException(String message) {
    super(message);
  }
}
