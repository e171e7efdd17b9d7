package io.eventchannel.okhttp;

import io.eventchannel.Event;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.ConnectionListener;
import org.jspecify.annotations.Nullable;

/**
 * Makes the calls of a connection serial and its end final, though a reader, a poster and whoever
 * cancels may speak at once. It holds its own monitor during a call; no method of a connection
 * takes that monitor unless it tells something, so the engine may call a connection from inside.
 */
final class SerialListener implements ConnectionListener {
  private final ConnectionListener listener;
  private boolean ended;

  SerialListener(ConnectionListener listener) {
    this.listener = listener;
  }

  synchronized boolean isEnded() {
    return ended;
  }

  @Override
  public synchronized void onOpen(ConnectionInfo info) {
    if (!ended) {
      listener.onOpen(info);
    }
  }

  @Override
  public synchronized void onActivity() {
    if (!ended) {
      listener.onActivity();
    }
  }

  @Override
  public synchronized void onEvent(Event event, @Nullable String position) {
    if (!ended) {
      listener.onEvent(event, position);
    }
  }

  @Override
  public synchronized void onPosition(String position) {
    if (!ended) {
      listener.onPosition(position);
    }
  }

  @Override
  public synchronized void onRetryHint(long millis) {
    if (!ended) {
      listener.onRetryHint(millis);
    }
  }

  @Override
  public synchronized void onAcknowledged(long seq) {
    if (!ended) {
      listener.onAcknowledged(seq);
    }
  }

  @Override
  public synchronized void onRefused(long seq, String reason) {
    if (!ended) {
      listener.onRefused(seq, reason);
    }
  }

  @Override
  public synchronized void onClosed(ConnectionEnd end) {
    if (!ended) {
      ended = true;
      listener.onClosed(end);
    }
  }
}
