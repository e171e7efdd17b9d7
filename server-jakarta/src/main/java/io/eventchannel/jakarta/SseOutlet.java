package io.eventchannel.jakarta;

import io.eventchannel.CloseReason;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.Admission;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.transport.Scheduler;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One event stream over an asynchronous servlet response, written without blocking.
 *
 * <p><b>Who comes here.</b> The engine's loop calls {@link Outlet}'s methods, one at a time. The
 * container calls {@link #onWritePossible} and the error callbacks from threads of its own, at any
 * moment, some containers also from inside a write on the loop's thread.
 *
 * <p><b>The lock</b> is the outlet's monitor, which costs an idle stream nothing. Whoever touches
 * {@code out} or completes the response holds it, and the container's error callbacks take it
 * before they return. The second half is what keeps other people's connections whole: a container
 * recycles request and response once its error callback has returned, and a writer that is at that
 * moment still unwinding from its failed write would harm the next user of the same objects
 * (Servlet 6.0, section 2.3.3.4, leaves both not thread-safe). Nothing under the lock blocks, and
 * the engine is called outside it. A container that calls back from inside a write finds the lock
 * its own, since it is reentrant.
 *
 * <p><b>After a callback.</b> {@code onWritePossible} itself is not safe to write behind: when the
 * container's thread has left it, Tomcat looks whether the connection has failed, and if so it
 * recycles request and response without any callback, be another thread inside a write or not.
 * (With clients that leave at once, 6 of 2,000 later connections were cut at birth.) Nothing in the
 * Servlet API tells when that look is over, so the engine, which writes from its own threads, hears
 * of an {@code onWritePossible} a moment after it: {@link ContainerCalls#afterReturn}. Writes that
 * do not wait for the container, the great majority, are not delayed.
 *
 * <p><b>A thread of its own.</b> On Undertow a connection belongs to one I/O thread, and a write
 * that fails on any other frees buffers under the hands of whoever has been given them since: bytes
 * of one user arrive at another. There the engine writes on that thread, and timers come back to
 * it.
 *
 * <p><b>The state</b>, all guarded by the lock:
 *
 * <ul>
 *   <li>{@code writable}: {@code isReady()} said true and nothing was written since; the licence
 *       for one write or flush. It is given up before it is used, so it is never used twice.
 *   <li>{@code flushOwed}: something was written and not flushed yet.
 *   <li>{@code pending}: the engine's write is not finished. Who turns it to false tells the
 *       engine, by DONE or by {@code ready()}: exactly one of the two for each write. It is true
 *       before {@code isReady()} is asked, so an {@code onWritePossible} that comes at once, even
 *       from inside that question, finds whom to wake.
 *   <li>{@code unopened}: the admission, until it is taken up or given back. It is taken up at the
 *       container's first {@code onWritePossible}, before which nothing may be written. The head
 *       leaves with the engine's first write, which comes at once, and not before: the channel that
 *       it names exists when a client learns of it.
 *   <li>{@code ending}: no more writes; the response is completed when the pending one is finished.
 *   <li>{@code dead}: {@code out} is not touched again.
 *   <li>{@code completed}: {@code complete()} was called, or is not ours to call any more.
 * </ul>
 *
 * <p><b>The end.</b> A failed write only marks the stream dead: the container follows with an error
 * callback, and that completes the response. A timer completes it when the callback never comes. An
 * orderly end completes it from the loop. Every way leads to {@link OutletSignals#closed}, of which
 * the first call counts; {@code onComplete} is one of the ways but some containers forget it.
 */
final class SseOutlet extends OpenConnections.Member
    implements Outlet, WriteListener, AsyncListener {
  /** How long the container may take to a callback that it owes us: error, or completion. */
  private static final long CALLBACK_MILLIS = 10_000;

  private final AsyncContext async;
  private final ServletOutputStream out;
  private final Home home;
  private final WireFormat format;
  private final long writeTimeoutMillis;
  private final OutletSignals signals = new OutletSignals();

  // Guarded by this.
  private boolean writable;
  private boolean flushOwed;
  private boolean pending;
  private @Nullable Admission unopened;
  private boolean ending;
  private boolean dead;
  private boolean completed;
  private Scheduler.Cancellable deadline = () -> {};

  private SseOutlet(Admission admission, AsyncContext async, ServletOutputStream out, Home home) {
    this.unopened = admission;
    this.format = admission.format();
    this.writeTimeoutMillis = admission.writeTimeoutMillis();
    this.async = async;
    this.out = out;
    this.home = home;
  }

  /** Begins a stream on a response whose head is set; the container's first callback opens it. */
  static SseOutlet start(Admission admission, AsyncContext async, Home home) throws IOException {
    async.setTimeout(0);
    ServletOutputStream out = async.getResponse().getOutputStream();
    SseOutlet outlet = new SseOutlet(admission, async, out, home);
    async.addListener(outlet);
    home.connections.add(outlet);
    out.setWriteListener(outlet);
    return outlet;
  }

  @Override
  public @Nullable Executor executor() {
    return home.executor();
  }

  @Override
  public WireFormat format() {
    return format;
  }

  @Override
  public int batchBytes() {
    return Tomcat.made(async) ? Tomcat.BATCH_BYTES : Outlet.super.batchBytes();
  }

  @Override
  public WriteResult write(Batch batch) {
    CloseReason failure;
    synchronized (this) {
      if (dead || ending || home.isAway()) {
        return WriteResult.DEAD;
      }
      if (pending || !writable) {
        throw new IllegalStateException("write: expected ready() before the next one");
      }
      try {
        pending = true;
        flushOwed = true;
        writable = false;
        out.write(batch.array());
        if (!advance() || !pending) {
          return WriteResult.PENDING;
        }
        pending = false;
        return WriteResult.DONE;
      } catch (IOException | RuntimeException e) { // a recycled response throws what it likes
        failure = failed(e);
      }
    }
    tell(failure);
    return WriteResult.DEAD;
  }

  /** A stream has no sign of life to ask for. */
  @Override
  public WriteResult ping() {
    return WriteResult.DONE;
  }

  @Override
  public void close(int code, String text) {
    synchronized (this) {
      if (dead || ending) {
        return;
      }
      ending = true;
      if (home.isAway()) {
        dead = true;
        completed = true;
        home.connections.remove(this);
      } else if (pending) {
        later(this::abort, writeTimeoutMillis);
        return;
      } else {
        complete();
      }
    }
    signals.closed(CloseReason.of(CloseReason.Kind.LOCAL, text));
  }

  @Override
  public void abort() {
    synchronized (this) {
      if (home.isAway()) {
        dead = true;
        completed = true;
        home.connections.remove(this);
      } else if (!dead) { // else a write has failed, and the container's callback is on its way
        dead = true;
        if (pending) {
          home.cut(); // the peer does not read, and Undertow would wait for it without end
        }
        complete();
        home.connections.remove(this); // what is stuck is not waited for
      }
    }
    signals.closed(CloseReason.of(CloseReason.Kind.LOCAL, "given up"));
  }

  @Override
  public void onWritePossible() {
    Admission open = null;
    boolean ready = false;
    CloseReason end = null;
    synchronized (this) {
      try {
        if (dead || completed || !advance()) {
          return;
        }
        open = takeUnopened();
        ready = pending;
        pending = false;
        if (ending) {
          complete();
          end = CloseReason.of(CloseReason.Kind.LOCAL, "ended");
        }
      } catch (IOException | RuntimeException e) {
        end = failed(e);
      }
    }
    if (end != null) {
      tell(end);
    } else if (open != null) {
      Admission admission = open;
      home.afterReturn(() -> open(admission));
    } else if (ready) {
      home.afterReturn(signals::ready);
    }
  }

  /**
   * Does what the container lets us do: the owed flush, then asking for leave to write again.
   * Returns whether that leave was given; if not, {@link #onWritePossible} comes.
   */
  private boolean advance() throws IOException {
    while (true) {
      writable = false; // before the question: an onWritePossible from inside it must not be undone
      if (!out.isReady()) {
        return false;
      }
      if (!flushOwed) {
        writable = true;
        return true;
      }
      flushOwed = false;
      out.flush();
    }
  }

  private void open(Admission admission) {
    try {
      signals.bind(admission.open(this));
    } catch (Throwable t) { // or the peer would have an open response that nobody writes to
      abort();
      throw t;
    }
  }

  /** Guarded by this: takes the admission, to take it up or to give it back; once. */
  private @Nullable Admission takeUnopened() {
    Admission taken = unopened;
    unopened = null;
    return taken;
  }

  /** Guarded by this: marks the stream dead after a write failed. */
  private CloseReason failed(Exception cause) {
    dead = true;
    home.connections.remove(this);
    if (!home.isOwn()) {
      later(this::completeNow, CALLBACK_MILLIS);
    }
    return CloseReason.of(CloseReason.Kind.NETWORK, "write failed", cause);
  }

  /**
   * Tells the end. On its own thread a stream that has failed is completed at once: the write has
   * unwound, nobody is beside this thread, and Undertow calls back for some failures only.
   */
  private void tell(CloseReason end) {
    signals.closed(end);
    if (home.isOwn()) {
      completeNow();
    }
  }

  private void completeNow() {
    synchronized (this) {
      if (!home.isAway()) {
        complete();
      }
    }
  }

  /** Guarded by this. */
  private void complete() {
    if (completed) {
      return;
    }
    completed = true;
    later(() -> home.connections.remove(this), CALLBACK_MILLIS);
    try {
      async.complete();
    } catch (IllegalStateException ended) {
      // The container has ended it by itself, which an error on another thread can bring about.
      ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "the response had ended already", ended);
    }
  }

  /** Guarded by this: sets the one deadline of this stream. */
  private void later(Runnable call, long delayMillis) {
    deadline.cancel();
    deadline = home.later(call, delayMillis);
  }

  private void failedByContainer(@Nullable Throwable cause) {
    Admission neverOpened;
    synchronized (this) { // waits for a writer that is still inside out
      neverOpened = takeUnopened();
      dead = true;
      complete();
    }
    gone(neverOpened, CloseReason.of(CloseReason.Kind.NETWORK, "connection lost", cause));
  }

  @Override
  public void onComplete(AsyncEvent event) {
    Admission neverOpened;
    synchronized (this) {
      neverOpened = takeUnopened();
      dead = true;
      completed = true;
      deadline.cancel();
    }
    // Undertow writes the end of the response after this callback, in the same task of its thread.
    home.afterThis(() -> home.connections.remove(this));
    gone(neverOpened, CloseReason.of(CloseReason.Kind.END_OF_STREAM, "the response is complete"));
  }

  private void gone(@Nullable Admission neverOpened, CloseReason reason) {
    if (neverOpened != null) {
      neverOpened.cancel();
    } else {
      signals.closed(reason);
    }
  }

  /** The container's word that a write has failed. */
  @Override
  public void onError(Throwable cause) {
    failedByContainer(cause);
  }

  @Override
  public void onError(AsyncEvent event) {
    failedByContainer(event.getThrowable());
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    failedByContainer(null);
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}
}
