package io.eventchannel.server.spi;

import io.eventchannel.codec.WireFormat;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing side of one physical connection, which an adapter implements over its container.
 *
 * <p>All methods are called by the subscription's owner, one at a time: a loop of the engine, or
 * {@link #executor()} where the container demands its own thread. None of them blocks.
 */
public interface Outlet {
  /** What became of a write. */
  enum WriteResult {
    /** The container took it; the next write may come at once. */
    DONE,
    /**
     * The container took it and is busy with it: no further write or ping until {@link
     * OutletListener#ready()}, which comes at most once for it, from any thread, possibly before
     * this call returns.
     */
    PENDING,
    /** The connection is dead; {@link OutletListener#closed} comes or has come. */
    DEAD
  }

  /**
   * The executor that must run every call of this outlet, or null where any thread will do. The
   * same object for all outlets of one thread: each executor costs a visit for every event of the
   * feed. It queues what it is given, and refuses a task only when its thread has ended: then the
   * outlets are aborted by whoever is there, and their connections end.
   */
  @Nullable Executor executor();

  /** Writes a batch as one write: one flush of a stream, or one WebSocket frame. */
  WriteResult write(Batch batch);

  /**
   * Asks the peer for a sign of life (a WebSocket ping), answered by {@link OutletListener#pong()}.
   * A transport without such a thing does nothing and returns {@link WriteResult#DONE}.
   */
  WriteResult ping();

  /**
   * Ends the connection in an orderly way after what was written: a close frame, or the end of the
   * response body. Idempotent; {@link OutletListener#closed} follows.
   *
   * @param code a close code (protocol rule C-1); SSE carries it in a goodbye event written before
   */
  void close(int code, String text);

  /**
   * Cuts the connection and frees what it holds. Idempotent; {@link OutletListener#closed} follows.
   */
  void abort();

  /** The form in which this connection gets its events. */
  WireFormat format();

  /**
   * How many bytes of events one write should carry at most, a single larger event apart: what the
   * connection takes as one. Asked once. Default 64 KiB, which no outlet should exceed.
   */
  default int batchBytes() {
    return 64 * 1024;
  }
}
