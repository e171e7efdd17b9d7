package io.eventchannel.tck;

import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.FaultPlan.Direction;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What may pass through a {@link ProxiedConnection} at the moment, and the place to wait for that
 * to change. Thread-safe; nobody touches a socket under its lock.
 */
final class PathState {
  private static final Set<Direction> BOTH = EnumSet.allOf(Direction.class);

  // All guarded by lock.
  private final Object lock = new Object();
  private final Set<Direction> stalled = EnumSet.noneOf(Direction.class);
  private final Set<Direction> blackHoled = EnumSet.noneOf(Direction.class);
  private @Nullable Cut ended;
  private boolean clientEnded;
  private long passedAt = System.nanoTime();

  void stallBoth() {
    stall(BOTH);
  }

  void stall(Direction direction) {
    stall(EnumSet.of(direction));
  }

  private void stall(Collection<Direction> directions) {
    synchronized (lock) {
      stalled.addAll(directions);
    }
  }

  void unstall() {
    synchronized (lock) {
      stalled.clear();
      lock.notifyAll();
    }
  }

  void blackHoleBoth() {
    synchronized (lock) {
      blackHoled.addAll(BOTH);
      stalled.clear();
      lock.notifyAll();
    }
  }

  void blackHole(Direction direction) {
    synchronized (lock) {
      blackHoled.add(direction);
    }
  }

  boolean isBlackHoled(Direction direction) {
    synchronized (lock) {
      return blackHoled.contains(direction);
    }
  }

  /** The connection ends; true for the first who says so. */
  boolean end(Cut how) {
    synchronized (lock) {
      if (ended != null) {
        return false;
      }
      ended = how;
      stalled.clear();
      lock.notifyAll();
      return true;
    }
  }

  /** The client has ended its side; it does not count once the connection has ended. */
  void clientEnded() {
    synchronized (lock) {
      clientEnded |= ended == null;
      lock.notifyAll();
    }
  }

  /** Bytes have passed. */
  void passed() {
    synchronized (lock) {
      passedAt = System.nanoTime();
    }
  }

  /** Waits while stalled; false if what was read shall be swallowed. */
  boolean mayForward(Direction direction) throws InterruptedException {
    synchronized (lock) {
      while (stalled.contains(direction)) {
        lock.wait();
      }
      return ended == null && !blackHoled.contains(direction);
    }
  }

  /** Lets time pass, unless the connection ends. */
  void pause(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    synchronized (lock) {
      for (long left = nanos; ended == null && left > 0; left = deadline - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
    }
  }

  void awaitEnd() throws InterruptedException {
    synchronized (lock) {
      while (ended == null) {
        lock.wait();
      }
    }
  }

  /** Waits until nothing has passed for so long; then, or when it ends, nothing ever will. */
  void blackHoleWhenIdle(long nanos) throws InterruptedException {
    synchronized (lock) {
      while (ended == null && blackHoled.isEmpty()) {
        long left = passedAt + nanos - System.nanoTime();
        if (left <= 0) {
          blackHoleBoth();
        } else {
          TimeUnit.NANOSECONDS.timedWait(lock, left);
        }
      }
    }
  }

  /**
   * Waits until the client has ended its side.
   *
   * @throws AssertionError if it has not when {@code patience} is over, or the connection ended
   */
  void awaitClientEnd(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (lock) {
      while (!clientEnded) {
        if (ended != null) {
          throw new AssertionError("the connection was cut before the client could end it");
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new AssertionError("the client has not ended its connection within " + patience);
        }
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
    }
  }
}
