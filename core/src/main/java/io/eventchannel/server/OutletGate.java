package io.eventchannel.server;

import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The way to one outlet: keeps its contract, which is one write or ping under way at most, nothing
 * after its end, and turns what it throws into the death it means.
 *
 * <p>Used by the subscription's owner, but for {@link #ready}, which the container calls from any
 * thread, also from inside a write. The flag is taken back before each call of the outlet, so a
 * ready that comes during the call counts for that call.
 */
final class OutletGate {
  private static final Logger LOGGER = System.getLogger(OutletGate.class.getName());

  private final Outlet outlet;
  private final Vitals vitals;
  private final ConnectionMetrics metrics;
  private volatile boolean ready;
  private boolean closing;
  private long events;

  OutletGate(Outlet outlet, Vitals vitals, ConnectionMetrics metrics) {
    this.outlet = outlet;
    this.vitals = vitals;
    this.metrics = metrics;
  }

  /** The executor of the outlet, the same for all its life; null if any thread will do. */
  @Nullable Executor executor() {
    return outlet.executor();
  }

  /** The write that was under way is finished. */
  void ready() {
    ready = true;
  }

  /** Whether something may be written now. */
  boolean isWritable() {
    if (vitals.isWriting()) {
      if (!ready) {
        return false;
      }
      ready = false;
      tellStallEnded(vitals.writeEnded());
    }
    return !closing;
  }

  /** Tells of a stall that the timer has noticed. */
  void tellStall() {
    if (vitals.takeStall()) {
      metrics.stallBegan();
    }
  }

  /** Tells how long a stall took that is over, its beginning first; -1 for none. */
  void tellStallEnded(long nanos) {
    if (nanos >= 0) {
      tellStall();
      metrics.stallEnded(nanos);
    }
  }

  /** How many events of the feed it has taken. */
  long events() {
    return events;
  }

  /** Whether the end has begun, so that nothing more is to be done. */
  boolean isClosing() {
    return closing;
  }

  /** Writes a batch; false if the connection is dead. */
  boolean write(Batch batch) {
    if (!took(batch)) {
      return false;
    }
    events += batch.events();
    metrics.written(batch);
    return true;
  }

  /** Asks the peer for a sign of life; false if the connection is dead. */
  boolean ping() {
    vitals.pinged();
    return took(null);
  }

  /** Makes a write, or a ping where there is no batch. */
  private boolean took(@Nullable Batch batch) {
    ready = false;
    Outlet.WriteResult result;
    try {
      result = batch == null ? outlet.ping() : outlet.write(batch);
    } catch (RuntimeException e) {
      LOGGER.log(Level.DEBUG, "The outlet failed to write", e);
      return false;
    }
    if (result == Outlet.WriteResult.PENDING) {
      vitals.writeBegan();
    }
    return result != Outlet.WriteResult.DEAD;
  }

  /** Ends the connection in an orderly way; false if it is dead. */
  boolean close(int code, String text) {
    closing = true;
    try {
      outlet.close(code, text);
      return true;
    } catch (RuntimeException e) {
      LOGGER.log(Level.DEBUG, "The outlet failed to close", e);
      return false;
    }
  }

  /** Cuts the connection. */
  void abort() {
    closing = true;
    try {
      outlet.abort();
    } catch (RuntimeException e) {
      LOGGER.log(Level.WARNING, "The outlet failed to abort", e);
    }
  }
}
