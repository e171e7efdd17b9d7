package io.eventchannel.okhttp;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/**
 * The threads on which a transport's calls run, as many as there are connections: daemons of its
 * own, or those of an executor that the caller gave. The dispatcher of the caller's client is left
 * alone, since its limits (64 calls, 5 for each host) would be used up by calls that never end.
 */
final class OkHttpThreads implements Executor, AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  private final ExecutorService threads;
  private final Runnable ending;
  private final Dispatcher dispatcher;

  /** Threads of its own. */
  OkHttpThreads() {
    this(
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, "eventchannel-okhttp");
              thread.setDaemon(true);
              return thread;
            }));
  }

  /** Threads of a caller's, which outlive this. */
  OkHttpThreads(Executor callers) {
    this(new BorrowedExecutor(callers), () -> {});
  }

  private OkHttpThreads(ThreadPoolExecutor own) {
    this(own, () -> own.setKeepAliveTime(0, TimeUnit.SECONDS));
  }

  private OkHttpThreads(ExecutorService threads, Runnable ending) {
    this.threads = threads;
    this.ending = ending;
    dispatcher = new Dispatcher(threads);
    dispatcher.setMaxRequests(Integer.MAX_VALUE);
    dispatcher.setMaxRequestsPerHost(Integer.MAX_VALUE);
  }

  /** Starts a client like the caller's: the same pool, interceptors and TLS, these threads. */
  OkHttpClient.Builder derive(OkHttpClient client) {
    return client
        .newBuilder()
        .dispatcher(dispatcher)
        // Streams last; what bounds them is the engine's heartbeat and the transport's own timer.
        .callTimeout(0, TimeUnit.MILLISECONDS)
        .readTimeout(0, TimeUnit.MILLISECONDS)
        // A missing pong kills a connection whose listener is slow, and SSE has none.
        .pingInterval(0, TimeUnit.MILLISECONDS)
        // Redirects are judged by the transports, which know what may cross an origin.
        .followRedirects(false)
        .followSslRedirects(false)
        .cache(null);
  }

  /** Runs a task on a thread like those of calls. */
  @Override
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /** Runs a last task, and then is as {@link #close}. */
  void closeAfter(Runnable last) {
    try {
      threads.execute(last);
    } catch (RejectedExecutionException | OutOfMemoryError none) {
      // Whatever it would have freed, others free in time.
    }
    close();
  }

  /**
   * Lets the threads end with the calls they are at. A task that comes later still finds a thread,
   * which ends with it: the close frame of a channel that was just closed, for one, is written by a
   * task that another thread may yet have to bring.
   */
  @Override
  public void close() {
    ending.run();
  }
}
