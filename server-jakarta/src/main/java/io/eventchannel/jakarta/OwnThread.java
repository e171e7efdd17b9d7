package io.eventchannel.jakarta;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The thread that a connection belongs to, in a container whose connections have one. Whatever
 * touches the connection runs there, so nothing runs beside the container's own handling of it. It
 * serves many connections and must never be kept waiting.
 */
final class OwnThread {
  private final Executor thread;
  private final @Nullable Closeable connection;

  /**
   * Creates one.
   *
   * @param connection closes the socket; null if the socket carries more than this connection
   */
  OwnThread(Executor thread, @Nullable Closeable connection) {
    this.thread = thread;
    this.connection = connection;
  }

  Executor executor() {
    return thread;
  }

  /** Whether the caller runs on it. */
  boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /** Runs a call on it; returns false, and does not run it, if the container has stopped. */
  boolean run(Runnable call) {
    try {
      thread.execute(call);
      return true;
    } catch (RejectedExecutionException stopped) {
      return false;
    }
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
