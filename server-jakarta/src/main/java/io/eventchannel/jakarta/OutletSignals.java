package io.eventchannel.jakarta;

import io.eventchannel.CloseReason;
import io.eventchannel.server.spi.OutletListener;
import org.jspecify.annotations.Nullable;

/**
 * The listener of an outlet from the outlet's first moment. The engine may write to an outlet
 * before {@code Admission.open} has returned its listener, so the container may answer before
 * anyone knows whom to tell. What comes in that time is kept and told at {@link #bind}: one ready,
 * since one write can be in flight, and the first end.
 *
 * <p>{@code target} is written once, under this, together with taking out what was kept: every
 * signal is either kept before that and told by {@code bind}, or told directly. The listener is
 * called outside the lock.
 */
final class OutletSignals {
  // Guarded by this; target never changes once it is set.
  private volatile @Nullable OutletListener target;
  private boolean readyKept;
  private boolean closed;
  private @Nullable CloseReason closedKept;

  /** Names the listener and tells it what came before. Called once. */
  void bind(OutletListener listener) {
    boolean ready;
    CloseReason reason;
    synchronized (this) {
      target = listener;
      ready = readyKept;
      reason = closedKept;
    }
    if (ready) {
      listener.ready();
    }
    if (reason != null) {
      listener.closed(reason);
    }
  }

  void ready() {
    OutletListener listener;
    synchronized (this) {
      listener = target;
      if (listener == null) {
        readyKept = true;
      }
    }
    if (listener != null) {
      listener.ready();
    }
  }

  /** Tells the end of the connection; only the first call counts. */
  void closed(CloseReason reason) {
    OutletListener listener;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      listener = target;
      if (listener == null) {
        closedKept = reason;
      }
    }
    if (listener != null) {
      listener.closed(reason);
    }
  }

  /** Tells of a sign of life. Containers read nothing before they have opened the session. */
  void pong() {
    OutletListener listener = target;
    if (listener != null) {
      listener.pong();
    }
  }

  /** Passes a message on; comes after {@link #bind}, for the same reason as a pong. */
  void received(byte[] frame) {
    OutletListener listener = target;
    if (listener != null) {
      listener.received(frame);
    }
  }
}
