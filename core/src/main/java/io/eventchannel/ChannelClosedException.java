package io.eventchannel;

import org.jspecify.annotations.Nullable;

/** The channel is closed: nothing more can be sent, or nothing more will come. */
public final class ChannelClosedException extends EventChannelException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable CloseReason reason;

  /** Creates one that says {@code message}. */
  public ChannelClosedException(String message) {
    super(message);
    reason = null;
  }

  /** Creates one of a channel that ended for this reason. */
  public ChannelClosedException(CloseReason reason) {
    super("the channel has ended: " + reason);
    this.reason = reason;
    if (reason.cause() != null) {
      initCause(reason.cause());
    }
  }

  /**
   * Why the channel ended, where somebody reads it; null where the exception tells of an event that
   * was not sent.
   */
  public @Nullable CloseReason reason() {
    return reason;
  }
}
