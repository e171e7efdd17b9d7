package io.eventchannel.jakarta;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The thread that a connection belongs to, in a container whose connections have one. Whatever
 * touches the connection runs there, so nothing runs beside the container's own handling of it. It
 * serves many connections and must never be kept waiting.
 */
final class OwnThread {
  private final Lane lane;
  private final @Nullable Closeable connection;

  /**
   * Creates one.
   *
   * @param connection closes the socket; null if the socket carries more than this connection
   */
  OwnThread(Lane lane, @Nullable Closeable connection) {
    this.lane = lane;
    this.connection = connection;
  }

  /** Runs what must run on the thread; elsewhere only when the thread has ended. */
  Executor executor() {
    return lane;
  }

  /** Whether the caller runs on it. */
  boolean isCurrent() {
    return lane.isCurrent();
  }

  /**
   * Closes the socket, whatever is under way; only on the thread itself. Returns false if it
   * cannot, since the socket carries other connections, too.
   */
  boolean cut() {
    if (connection == null) {
      return false;
    }
    try {
      connection.close();
    } catch (IOException e) {
      ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "cutting a connection", e);
    }
    return true;
  }
}
