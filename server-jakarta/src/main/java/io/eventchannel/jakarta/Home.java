package io.eventchannel.jakarta;

import io.eventchannel.transport.Scheduler;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Where connections belong: to a servlet, and in some containers to an {@link OwnThread}. One
 * serves all connections that have no thread of their own.
 */
final class Home {
  final ContainerCalls calls;
  final OpenConnections connections;
  final SendWatch watch;
  final BodyRoom bodies;
  private final @Nullable OwnThread own;

  /** Creates the home of a servlet's connections that have no thread of their own. */
  Home(ContainerCalls calls, BodyRoom bodies) {
    this(calls, new OpenConnections(), new SendWatch(calls.timer()), bodies, null);
  }

  private Home(
      ContainerCalls calls,
      OpenConnections connections,
      SendWatch watch,
      BodyRoom bodies,
      @Nullable OwnThread own) {
    this.calls = calls;
    this.connections = connections;
    this.watch = watch;
    this.bodies = bodies;
    this.own = own;
  }

  /** The same servlet, for a connection that belongs to a thread. */
  Home on(OwnThread thread) {
    return new Home(calls, connections, watch, bodies, thread);
  }

  /** Whether the connection belongs to a thread. */
  boolean isOwn() {
    return own != null;
  }

  /** Runs calls on the connection's own thread; null if it has none. */
  @Nullable Executor executor() {
    return own == null ? null : own.executor();
  }

  /** Whether the connection's own thread has ended, and with it the connection. */
  boolean isAway() {
    return own != null && !own.isCurrent();
  }

  /** Whether the caller runs on the connection's own thread. */
  boolean isHere() {
    return own != null && own.isCurrent();
  }

  /** Cuts a connection that has its own thread, on that thread; false if it could not be cut. */
  boolean cut() {
    return own != null && own.cut();
  }

  /** Runs a call into the container that may block; false if the servlet has ended. */
  boolean run(Runnable call) {
    if (own == null) {
      return calls.run(call);
    }
    own.executor().execute(call);
    return true;
  }

  /** Runs a call when what is under way on the connection's own thread is over; else at once. */
  void afterThis(Runnable call) {
    if (own == null) {
      call.run();
    } else {
      own.executor().execute(call);
    }
  }

  /** Runs a call that does not block after a delay, unless it is taken back. */
  Scheduler.Cancellable later(Runnable call, long delayMillis) {
    OwnThread thread = own;
    return calls.later(thread == null ? call : () -> thread.executor().execute(call), delayMillis);
  }

  /**
   * Runs a call when the container's thread has left the callback that it is in. A connection's own
   * thread has always left it before it runs the next write.
   */
  void afterReturn(Runnable call) {
    if (own == null) {
      calls.afterReturn(call);
    } else {
      call.run();
    }
  }
}
