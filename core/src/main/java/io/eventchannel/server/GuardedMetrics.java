package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.Gap;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Keeps from the engine what an application's metrics throw: errors, too, since a class that is
 * missing must not end a connection. Only the first one is logged, because it may be thrown again
 * at each write.
 */
final class GuardedMetrics implements ServerMetrics {
  private static final Logger LOGGER = System.getLogger(GuardedMetrics.class.getName());

  private final ServerMetrics told;
  private final AtomicBoolean failed = new AtomicBoolean();

  private GuardedMetrics(ServerMetrics told) {
    this.told = told;
  }

  /** Returns metrics that never throw; those that do nothing are returned as they are. */
  static ServerMetrics of(ServerMetrics told) {
    return told == ServerMetrics.none() ? told : new GuardedMetrics(told);
  }

  private void failed(Throwable t) {
    if (failed.compareAndSet(false, true)) {
      LOGGER.log(Level.WARNING, "The metrics failed; later failures are not logged", t);
    }
  }

  @Override
  public void onPublished(long nanos) {
    try {
      told.onPublished(nanos);
    } catch (Throwable t) {
      failed(t);
    }
  }

  @Override
  public void onPublishFailed(long nanos) {
    try {
      told.onPublishFailed(nanos);
    } catch (Throwable t) {
      failed(t);
    }
  }

  @Override
  public void onOpened(String transport, boolean resumed) {
    try {
      told.onOpened(transport, resumed);
    } catch (Throwable t) {
      failed(t);
    }
  }

  @Override
  public void onClosed(String transport, CloseReason reason) {
    try {
      told.onClosed(transport, reason);
    } catch (Throwable t) {
      failed(t);
    }
  }

  @Override
  public void onWritten(String transport, int events, int bytes) {
    try {
      told.onWritten(transport, events, bytes);
    } catch (Throwable t) {
      failed(t);
    }
  }

  @Override
  public void onReplayed(String transport, int events) {
    try {
      told.onReplayed(transport, events);
    } catch (Throwable t) {
      failed(t);
    }
  }

  @Override
  public void onGap(String transport, Gap.Reason reason) {
    try {
      told.onGap(transport, reason);
    } catch (Throwable t) {
      failed(t);
    }
  }

  @Override
  public void onLag(String transport, long events, boolean beyondWindow) {
    try {
      told.onLag(transport, events, beyondWindow);
    } catch (Throwable t) {
      failed(t);
    }
  }

  @Override
  public void onStallBegan(String transport) {
    try {
      told.onStallBegan(transport);
    } catch (Throwable t) {
      failed(t);
    }
  }

  @Override
  public void onStallEnded(String transport, long nanos) {
    try {
      told.onStallEnded(transport, nanos);
    } catch (Throwable t) {
      failed(t);
    }
  }

  @Override
  public void onDelivered(long nanos) {
    try {
      told.onDelivered(nanos);
    } catch (Throwable t) {
      failed(t);
    }
  }
}
