package io.eventchannel.server;

import io.eventchannel.transport.Scheduler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a feed's loops: as few as are enough. To wake a thread costs about what the writes
 * to ten connections do, so one takes loop after loop; another one is called in if a pass goes on
 * while a loop waits, or if a loop has waited for a while and no other was taken meanwhile, as when
 * a thread is held up in a container: since the publish before this one, or from one look of the
 * timer to the next.
 *
 * <p>Who decides holds the lock; threads are started, unparked and parked outside it. A thread that
 * finds nothing to do lies down in {@code idle} under the same lock under which tasks are added, so
 * no task is left behind while all sleep. Who calls one takes it out of {@code idle}, counts it as
 * awake and sets {@code called}, in one step; the unpark that follows may come late, when the
 * thread has seen that by itself, and makes its next park return at once.
 */
final class LoopThreads implements LoopRunner {
  private static final Logger LOGGER = System.getLogger(LoopThreads.class.getName());

  private static final long IDLE_NANOS = 30_000_000_000L;

  private static final long LOOK_NANOS = 100_000_000L;

  private final int most;
  private final Scheduler scheduler;

  private final Object lock = new Object();
  // Guarded by lock. Each loop is in it at most once.
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private final ArrayDeque<Worker> idle = new ArrayDeque<>();
  private int awake;
  private int named;
  private long taken;
  private long takenBeforeLastPublish = -1;
  private long takenBeforeLastLook;
  private boolean looking;
  private boolean closed;

  /**
   * Creates them; none runs before the first task.
   *
   * @param most how many threads there may be
   */
  LoopThreads(int most, Scheduler scheduler) {
    this.most = most;
    this.scheduler = scheduler;
  }

  @Override
  public void execute(Runnable task) {
    @Nullable Worker worker = null;
    boolean lookLater = false;
    synchronized (lock) {
      if (closed) {
        throw new RejectedExecutionException("the feed has ended");
      }
      waiting.add(task);
      if (awake == 0) {
        worker = another();
      } else if (!looking) {
        lookLater = true;
        looking = true;
        takenBeforeLastLook = taken;
      }
    }
    if (lookLater) {
      lookLater();
    }
    try {
      call(worker);
    } catch (Throwable noThread) {
      synchronized (lock) {
        waiting.remove(task);
      }
      throw noThread;
    }
  }

  @Override
  public void busy() {
    @Nullable Worker worker = null;
    synchronized (lock) {
      if (!waiting.isEmpty() && awake < most) {
        worker = another();
      }
    }
    callIfPossible(worker);
  }

  @Override
  public void published() {
    @Nullable Worker worker = null;
    synchronized (lock) {
      if (waiting.isEmpty()) {
        takenBeforeLastPublish = -1;
      } else {
        if (taken == takenBeforeLastPublish && awake < most) {
          worker = another();
        }
        takenBeforeLastPublish = taken;
      }
    }
    callIfPossible(worker);
  }

  /** Looks whether a loop has waited since the last look, on the timer. */
  private void look() {
    @Nullable Worker worker = null;
    boolean again;
    synchronized (lock) {
      again = !waiting.isEmpty() && !closed;
      looking = again;
      if (again && taken == takenBeforeLastLook && awake < most) {
        worker = another();
      }
      takenBeforeLastLook = taken;
    }
    callIfPossible(worker);
    if (again) {
      lookLater();
    }
  }

  private void lookLater() {
    try {
      scheduler.schedule(this::look, LOOK_NANOS);
    } catch (RejectedExecutionException e) { // the feed's timer has ended, and so will these
      LOGGER.log(Level.DEBUG, "Nobody looks after the loops any more", e);
    } catch (Throwable broken) { // the next task that has to wait begins it again
      synchronized (lock) {
        looking = false;
      }
      LOGGER.log(Level.ERROR, "Nobody looks after the loops for now", broken);
    }
  }

  /** Guarded by lock: the one to call, which counts as awake from now on. */
  private Worker another() {
    awake++;
    Worker worker = idle.poll(); // the one that lay down last
    if (worker == null) {
      return new Worker("eventchannel-loop-" + named++);
    }
    worker.called = true;
    return worker;
  }

  private void call(@Nullable Worker worker) {
    if (worker == null) {
      return;
    }
    if (worker.getState() != Thread.State.NEW) {
      LockSupport.unpark(worker);
      return;
    }
    try {
      worker.start();
    } catch (Throwable noThread) {
      synchronized (lock) {
        awake--;
      }
      throw noThread;
    }
  }

  /** What waits is taken by a thread that is awake, only later, if there cannot be another one. */
  private void callIfPossible(@Nullable Worker worker) {
    try {
      call(worker);
    } catch (OutOfMemoryError e) {
      LOGGER.log(Level.WARNING, "No further thread for the loops", e);
    }
  }

  /** Takes no more tasks; those it has still run, and then the threads end. Idempotent. */
  void closeWhenIdle() {
    ArrayDeque<Worker> ending;
    synchronized (lock) {
      closed = true;
      ending = new ArrayDeque<>(idle);
      idle.clear();
      awake += ending.size();
      ending.forEach(worker -> worker.called = true);
    }
    ending.forEach(LockSupport::unpark);
  }

  private final class Worker extends Thread {
    private volatile boolean called; // written under lock

    Worker(String name) {
      super(name);
      setDaemon(true);
    }

    @Override
    public void run() {
      while (true) {
        Runnable task;
        synchronized (lock) {
          task = waiting.poll();
          if (task != null) {
            taken++;
          } else {
            awake--;
            if (closed) {
              return;
            }
            called = false;
            idle.push(this);
          }
        }
        if (task != null) {
          runSafely(task);
        } else if (!waitForCall()) {
          return;
        }
      }
    }

    private void runSafely(Runnable task) {
      try {
        task.run();
      } catch (Throwable t) { // the other loops live on this thread, too
        LOGGER.log(Level.ERROR, "A loop failed", t);
      }
    }

    /** Returns false if none came for long, and none can come any more. */
    private boolean waitForCall() {
      // The first return may be owed to the unpark of a call that it had seen by itself.
      for (int i = 0; i < 2 && !called; i++) {
        LockSupport.parkNanos(LoopThreads.this, IDLE_NANOS);
        Thread.interrupted(); // by whom ever: it would keep it from parking
      }
      if (called) {
        return true;
      }
      synchronized (lock) {
        return !idle.remove(this);
      }
    }
  }
}
