package io.eventchannel.okhttp;

import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;

/**
 * The client by which event streams are opened, and its connection pool, which can be left behind.
 * Thread-safe.
 *
 * <p>Over HTTP/2 all streams to a host share one connection. When its path dies without a word, the
 * streams are found dead by their silence, but OkHttp knows nothing of it and would put their
 * successors on the same connection until TCP gives it up, a quarter of an hour later. So where a
 * stream is given up whose connection others may share, the next ones begin on a pool without it.
 * The caller's own pool is not used, so that none of his calls is on such a connection.
 */
final class StreamClient {
  // As many and as long as an OkHttp client of its own, but for the time: what is idle is what
  // POSTs left, and they come together or seldom.
  private static final int MOST_IDLE = 5;
  private static final long IDLE_SECONDS = 30;

  // How long a POST may take to be answered: the server's listener may be slow, but the events
  // behind it wait, and so does whoever sent them. A server of ours says after 30 s that they do
  // (protocol rule U-4), which must have time to come: no answer costs the stream.
  private static final long POST_TIMEOUT_SECONDS = 45;

  /** Two clients on one pool. */
  static final class OnePool {
    final OkHttpClient streams;
    final OkHttpClient posts;

    private OnePool(OkHttpClient derived) {
      streams =
          derived
              .newBuilder()
              .connectionPool(new ConnectionPool(MOST_IDLE, IDLE_SECONDS, TimeUnit.SECONDS))
              .build();
      posts = streams.newBuilder().callTimeout(POST_TIMEOUT_SECONDS, TimeUnit.SECONDS).build();
    }
  }

  private final OkHttpClient derived;

  // Written under the monitor.
  private volatile OnePool current;

  StreamClient(OkHttpClient.Builder derived) {
    // First, so that the caller's own interceptors see what came.
    derived.networkInterceptors().add(0, new ProxyRefusals());
    this.derived = derived.build();
    this.current = new OnePool(this.derived);
  }

  OnePool current() {
    return current;
  }

  /** Puts nothing more on that pool, if it is the current one; what runs on it runs on. */
  synchronized void leave(OnePool suspect) {
    if (current == suspect) {
      current = new OnePool(derived);
    }
  }

  /** Closes what is idle; touches sockets. */
  void closeIdle() {
    current.streams.connectionPool().evictAll();
  }
}
