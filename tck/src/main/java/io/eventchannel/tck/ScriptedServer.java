package io.eventchannel.tck;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server on 127.0.0.1 that says, byte for byte, what the test tells it to. A connection is led by
 * the test's own thread, which takes it by {@link #accept}, or by a script given before by {@link
 * #onConnection} or {@link #onEveryConnection}, which runs on a thread of its own.
 *
 * <p>{@link #close} ends every socket and thread, and fails if a script failed: no failure is lost.
 * A script that is cut short by {@code close} has not failed. All methods are thread-safe.
 */
public final class ScriptedServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What a server does with one connection. */
  @FunctionalInterface
  public interface Script {
    /** Leads the connection; it is closed afterwards. */
    void run(RawConnection connection) throws Exception;
  }

  private final Duration patience;
  private final ServerSocket serverSocket;
  private final BlockingQueue<RawConnection> accepted = new LinkedBlockingQueue<>();
  private final BlockingQueue<RawRequest> requests = new LinkedBlockingQueue<>();

  // Guards the fields below.
  private final Object lock = new Object();
  private final Queue<Script> scripts = new ArrayDeque<>();
  private @Nullable Script everyScript;
  private final List<RawConnection> connections = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private boolean closed;

  /** Starts a server on a free port. */
  public ScriptedServer() throws IOException {
    this(PATIENCE);
  }

  /**
   * Starts a server on a free port.
   *
   * @param patience how long it waits for what a client must do
   */
  public ScriptedServer(Duration patience) throws IOException {
    this.patience = Objects.requireNonNull(patience, "patience");
    serverSocket = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    start("accept", this::acceptConnections);
  }

  /** The port it listens on. */
  public int port() {
    return serverSocket.getLocalPort();
  }

  /** The {@code http} address of a path, which begins with a slash. */
  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  /**
   * Leads the next connection that has no script yet by this one.
   *
   * @return this server
   */
  public ScriptedServer onConnection(Script script) {
    synchronized (lock) {
      scripts.add(Objects.requireNonNull(script, "script"));
    }
    return this;
  }

  /**
   * Leads every further connection by this script, once those of {@link #onConnection} are used up.
   *
   * @return this server
   */
  public ScriptedServer onEveryConnection(Script script) {
    synchronized (lock) {
      everyScript = Objects.requireNonNull(script, "script");
    }
    return this;
  }

  /** Takes the next connection for which there was no script, and leaves it to the caller. */
  public RawConnection accept() throws InterruptedException {
    return taken(accepted.poll(patience.toNanos(), TimeUnit.NANOSECONDS), "a connection");
  }

  /** Takes the next request that was read on any connection, in the order of reading. */
  public RawRequest takeRequest() throws InterruptedException {
    return taken(requests.poll(patience.toNanos(), TimeUnit.NANOSECONDS), "a request");
  }

  private <T> T taken(@Nullable T taken, String expected) {
    if (taken == null) {
      throw new AssertionError("expected " + expected + " within " + patience);
    }
    return taken;
  }

  /** How many connections it has accepted. */
  public int connectionCount() {
    synchronized (lock) {
      return connections.size();
    }
  }

  private void acceptConnections() {
    try {
      while (true) {
        Socket socket = serverSocket.accept();
        RawConnection connection = new RawConnection(socket, patience, requests::add);
        Script script;
        synchronized (lock) {
          if (closed) {
            socket.close();
            return;
          }
          connections.add(connection);
          script = scripts.isEmpty() ? everyScript : scripts.poll();
        }
        if (script == null) {
          accepted.add(connection);
        } else {
          start("connection-" + connectionCount(), () -> lead(connection, script));
        }
      }
    } catch (IOException e) {
      failed(e); // which close() makes, and then it is none
    }
  }

  private void lead(RawConnection connection, Script script) {
    try {
      script.run(connection);
    } catch (Throwable t) { // told by close(); noted before the client can see the end
      failed(t);
    }
    try {
      connection.close();
    } catch (IOException e) {
      failed(e);
    }
  }

  /** Notes a failure, unless it is what close() does to one that reads, writes or waits. */
  private void failed(Throwable failure) {
    synchronized (lock) {
      boolean cutShort = failure instanceof IOException || failure instanceof InterruptedException;
      if (!(closed && cutShort)) {
        failures.add(failure);
      }
    }
  }

  private void start(String name, Runnable task) {
    Thread thread = new Thread(task, "scripted-server-" + port() + "-" + name);
    thread.setDaemon(true);
    synchronized (lock) {
      if (!closed) {
        threads.add(thread);
        thread.start();
      }
    }
  }

  /**
   * Ends all connections and threads. Idempotent.
   *
   * @throws AssertionError if a script failed before, or a thread does not end
   */
  @Override
  public void close() throws IOException {
    List<Thread> running;
    synchronized (lock) {
      closed = true;
      running = List.copyOf(threads);
    }
    serverSocket.close();
    for (RawConnection connection : connections()) {
      connection.close();
    }
    for (Thread thread : running) {
      thread.interrupt();
    }
    Threads.join(running, PATIENCE);
    synchronized (lock) {
      if (!failures.isEmpty()) {
        AssertionError error =
            new AssertionError(failures.size() + " scripts failed", failures.get(0));
        failures.stream().skip(1).forEach(error::addSuppressed);
        failures.clear();
        throw error;
      }
    }
  }

  private List<RawConnection> connections() {
    synchronized (lock) {
      return List.copyOf(connections);
    }
  }
}
