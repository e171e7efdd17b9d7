package io.eventchannel.tck;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.codec.CloseRules;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a {@link ScriptedTransport}: the test says what comes, by verbs in the present
 * tense ({@link #opens()}, {@link #event}, {@link #closes}), and asks what the engine did ({@link
 * #takeSent}, {@link #isPaused}, {@link #isGivenUp}).
 *
 * <p>What comes is told to the engine on the thread that says it. Calls of the engine's listener
 * are serial, as the contract of {@link ConnectionListener} demands: said inside a call or while
 * another thread makes one, it is told right after it. A script that breaks the order of that
 * contract fails with {@link IllegalStateException}.
 */
public final class ScriptedConnection implements Connection {
  private final ConnectRequest request;
  private final ConnectionListener listener;
  private final Duration patience;
  private final boolean lingering;
  private final Consumer<String> failureSink;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All guarded by lock; the listener is never called under it.
  private final Queue<Runnable> tellings = new ArrayDeque<>();
  private final Queue<Sent> sent = new ArrayDeque<>();
  private boolean telling;
  private boolean opened;
  private boolean ended;
  private boolean paused;
  private @Nullable CloseReason closed;
  private boolean cancelled;
  private long lastSeq;
  private int pings;

  /** An event that the engine sent. */
  public record Sent(long seq, Event event) {}

  ScriptedConnection(
      ConnectRequest request,
      ConnectionListener listener,
      Duration patience,
      boolean lingering,
      Consumer<String> failureSink) {
    this.request = request;
    this.listener = listener;
    this.patience = patience;
    this.lingering = lingering;
    this.failureSink = failureSink;
  }

  /** What the engine asked for. */
  public ConnectRequest request() {
    return request;
  }

  /** The handshake succeeds with a server that is none of ours. */
  public ScriptedConnection opens() {
    return opens(ConnectionInfo.foreign());
  }

  /** The handshake succeeds. */
  public ScriptedConnection opens(ConnectionInfo info) {
    lock.lock();
    try {
      if (opened) {
        throw new IllegalStateException("script: a connection opens once");
      }
      requireNotEnded();
      opened = true;
      tellings.add(() -> listener.onOpen(info));
    } finally {
      lock.unlock();
    }
    tell();
    return this;
  }

  /** An event comes whose ID becomes the position; without an ID it moves nothing. */
  public ScriptedConnection event(Event event) {
    return event(event, event.id());
  }

  /**
   * An event comes.
   *
   * @param position as in {@link ConnectionListener#onEvent}
   */
  public ScriptedConnection event(Event event, @Nullable String position) {
    return tellWhileOpen(() -> listener.onEvent(event, position));
  }

  /** The position moves without an event. */
  public ScriptedConnection position(String position) {
    return tellWhileOpen(() -> listener.onPosition(position));
  }

  /** Bytes come that are nothing else. */
  public ScriptedConnection activity() {
    return tellWhileOpen(listener::onActivity);
  }

  /** The server asks for another reconnection time. */
  public ScriptedConnection retryHint(long millis) {
    return tellWhileOpen(() -> listener.onRetryHint(millis));
  }

  /** The server has decided every event up to {@code seq}. */
  public ScriptedConnection acknowledges(long seq) {
    return tellWhileOpen(() -> listener.onAcknowledged(seq));
  }

  /** The server does not take an event. */
  public ScriptedConnection refuses(long seq, String reason) {
    return tellWhileOpen(() -> listener.onRefused(seq, reason));
  }

  /** The connection ends, or could not be made. */
  public void closes(ConnectionEnd end) {
    lock.lock();
    try {
      requireNotEnded();
      ended = true;
      tellings.add(() -> listener.onClosed(end));
    } finally {
      lock.unlock();
    }
    tell();
  }

  /** The connection ends, or could not be made, without an HTTP answer that told more. */
  public void closes(CloseReason reason) {
    closes(ConnectionEnd.of(reason));
  }

  /** The network fails: the connection ends, or could not be made. */
  public void breaks() {
    closes(CloseReason.of(CloseReason.Kind.NETWORK, "cut by the script"));
  }

  private ScriptedConnection tellWhileOpen(Runnable telling) {
    lock.lock();
    try {
      requireNotEnded();
      if (!opened) {
        throw new IllegalStateException("script: nothing comes before the connection opens");
      }
      tellings.add(telling);
    } finally {
      lock.unlock();
    }
    tell();
    return this;
  }

  private void requireNotEnded() {
    if (ended) {
      throw new IllegalStateException("script: nothing comes after the connection has ended");
    }
  }

  /** Tells what waits, unless somebody is at it, who then tells this, too. */
  private void tell() {
    Runnable next = nextTelling(false);
    while (next != null) {
      try {
        next.run();
      } catch (Throwable t) { // the engine must not throw; others may still have something to tell
        failureSink.accept("the engine's listener threw " + t);
      }
      next = nextTelling(true);
    }
  }

  private @Nullable Runnable nextTelling(boolean mine) {
    lock.lock();
    try {
      if (telling && !mine) {
        return null;
      }
      Runnable next = tellings.poll();
      telling = next != null;
      return next;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void send(long seq, Event event) {
    lock.lock();
    try {
      if (seq < 1 || (lastSeq > 0 && seq != lastSeq + 1)) {
        failureSink.accept("send: expected sequence number " + (lastSeq + 1) + ", got " + seq);
      }
      lastSeq = seq;
      sent.add(new Sent(seq, event));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void ping() {
    lock.lock();
    try {
      pings++;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void pauseReading() {
    setPaused(true);
  }

  @Override
  public void resumeReading() {
    setPaused(false);
  }

  private void setPaused(boolean now) {
    lock.lock();
    try {
      paused = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close(int code, String reason) {
    try {
      if (code != CloseRules.GOING_AWAY) { // which the engine says itself
        CloseRules.checkApplicationClose(code, reason);
      }
    } catch (RuntimeException unchecked) {
      failureSink.accept("close: the engine let pass what it should check: " + unchecked);
    }
    giveUp(CloseReason.local(code, String.valueOf(reason)), false);
  }

  @Override
  public void cancel() {
    giveUp(CloseReason.of(CloseReason.Kind.LOCAL, "cancelled"), true);
  }

  private void giveUp(CloseReason how, boolean cancel) {
    lock.lock();
    try {
      if (!cancel && closed == null) {
        closed = how;
      }
      cancelled |= cancel;
      changed.signalAll();
      if (!ended && !lingering) {
        ended = true;
        tellings.add(() -> listener.onClosed(ConnectionEnd.of(how)));
      }
    } finally {
      lock.unlock();
    }
    tell();
  }

  /**
   * Takes the next event that the engine sent.
   *
   * @throws AssertionError if none comes within the transport's patience
   */
  public Sent takeSent() throws InterruptedException {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (sent.isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
      Sent next = sent.poll();
      if (next == null) {
        throw new AssertionError("expected a sent event within " + patience + ", none came");
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the engine closes or cancels the connection.
   *
   * @throws AssertionError if it does not within the transport's patience
   */
  public void awaitGivenUp() throws InterruptedException {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (closed == null && !cancelled && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (closed == null && !cancelled) {
        throw new AssertionError("expected close or cancel within " + patience + ": " + request);
      }
    } finally {
      lock.unlock();
    }
  }

  /** How often the engine asked for a sign of life. */
  public int pings() {
    lock.lock();
    try {
      return pings;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the engine has paused reading. Only told: a script may go on all the same. */
  public boolean isPaused() {
    lock.lock();
    try {
      return paused;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the engine said {@link #close}: goodbye in an orderly way. */
  public boolean isClosed() {
    return closedWith() != null;
  }

  /**
   * The code and the reason with which the engine first said {@link #close}; null if it did not.
   */
  public @Nullable CloseReason closedWith() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the engine said {@link #cancel}. */
  public boolean isCancelled() {
    lock.lock();
    try {
      return cancelled;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the engine closed or cancelled it. */
  public boolean isGivenUp() {
    return isClosed() || isCancelled();
  }

  /** Checks that it has ended and that every sent event was taken. */
  void assertExhausted() {
    lock.lock();
    try {
      if (!ended) {
        throw new AssertionError("expected the connection to have ended: " + request);
      }
      if (!sent.isEmpty()) {
        throw new AssertionError(
            sent.size() + " sent events were not taken, first: " + sent.peek());
      }
    } finally {
      lock.unlock();
    }
  }
}
