package io.eventchannel.tck;

import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.FaultPlan.Direction;
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
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on 127.0.0.1 that hurts the connections it carries. Each connection gets a {@link
 * FaultPlan} when it is accepted; live connections are hurt one by one ({@link #connections}) or
 * all at once. Thread-safe.
 */
public final class FaultProxy implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final int port;

  // Guarded by this, which is never taken under lock: the one way to listen, and not to.
  private ServerSocket serverSocket;
  private Thread acceptor;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All guarded by lock; sockets are never touched under it.
  private int targetPort;
  private Supplier<FaultPlan> plans = FaultPlan::none;
  private final Queue<FaultPlan> nextPlans = new ArrayDeque<>();
  private final List<ProxiedConnection> live = new ArrayList<>();
  // No longer live, but a thread of theirs may be about to end.
  private final List<ProxiedConnection> gone = new ArrayList<>();
  private boolean listening = true;
  private boolean closed;
  private @Nullable IOException failure;
  private int accepted;
  private int refused;
  private int unreachable;
  private int cuts;

  private final ProxiedConnection.Owner owner =
      new ProxiedConnection.Owner() {
        @Override
        public void onCut() {
          change(() -> cuts++);
        }

        @Override
        public void onUnreachable() {
          change(() -> unreachable++);
        }

        @Override
        public void onGone(ProxiedConnection connection) {
          change(
              () -> {
                live.remove(connection);
                gone.removeIf(earlier -> earlier.threads().stream().noneMatch(Thread::isAlive));
                gone.add(connection);
              });
        }
      };

  /** Starts a proxy on a free port, in front of a port of 127.0.0.1. */
  public FaultProxy(int targetPort) throws IOException {
    this.targetPort = targetPort;
    serverSocket = listenOn(0);
    port = serverSocket.getLocalPort();
    acceptor = startAccepting(serverSocket);
  }

  private static ServerSocket listenOn(int port) throws IOException {
    return new ServerSocket(port, 200, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
  }

  private Thread startAccepting(ServerSocket from) {
    Thread thread = new Thread(() -> acceptConnections(from), "fault-proxy-" + port + "-accept");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** The port it listens on. */
  public int port() {
    return port;
  }

  /**
   * Listens no longer: whoever connects is refused by the system, as where no server runs. Live
   * connections go on. Unlike {@link FaultPlan#refuse}, not even a TCP connection comes about, and
   * nothing is counted.
   */
  public synchronized void stopListening() throws IOException {
    change(() -> listening = false);
    serverSocket.close();
    Threads.join(List.of(acceptor), PATIENCE);
  }

  /** Listens again, on the same port. */
  public synchronized void listenAgain() throws IOException {
    if (serverSocket.isClosed() && !read(() -> closed)) {
      serverSocket = listenOn(port);
      change(() -> listening = true);
      acceptor = startAccepting(serverSocket);
    }
  }

  /** The {@code http} address of a path, which begins with a slash. */
  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** Leads further connections to another port of 127.0.0.1; live ones stay where they are. */
  public void setTarget(int port) {
    change(() -> targetPort = port);
  }

  /** Gives every further connection this plan, once those of {@link #planNext} are used up. */
  public void planAll(FaultPlan plan) {
    Objects.requireNonNull(plan, "plan");
    change(() -> plans = () -> plan);
  }

  /** Gives the next connection this plan; called again, the one after it. */
  public void planNext(FaultPlan plan) {
    Objects.requireNonNull(plan, "plan");
    change(() -> nextPlans.add(plan));
  }

  /**
   * Lets every further connection die, by FIN or RST, after a random number of bytes in either
   * direction: exponentially distributed, so that each byte is as dangerous as any other. The same
   * seed gives the same numbers in the order of accepting.
   */
  public void cutRandomly(long seed, long meanBytes) {
    if (meanBytes < 1) {
      throw new IllegalArgumentException("meanBytes: expected 1 or more, got " + meanBytes);
    }
    Random random = new Random(seed);
    change(
        () ->
            plans =
                () -> {
                  Cut how = random.nextBoolean() ? Cut.FIN : Cut.RST;
                  return FaultPlan.none()
                      .cutAfter(exponential(random, meanBytes), Direction.DOWN, how)
                      .cutAfter(exponential(random, meanBytes), Direction.UP, how);
                });
  }

  private static long exponential(Random random, long mean) {
    return (long) (-mean * Math.log(1 - random.nextDouble()));
  }

  /** Ends all live connections. */
  public void cutAll(Cut how) {
    connections().forEach(connection -> connection.cut(how));
  }

  /** Stalls all live connections. */
  public void stallAll() {
    connections().forEach(ProxiedConnection::stall);
  }

  /** Lets all live connections go on. */
  public void unstallAll() {
    connections().forEach(ProxiedConnection::unstall);
  }

  /** Turns all live connections into black holes. */
  public void blackHoleAll() {
    connections().forEach(ProxiedConnection::blackHole);
  }

  /** The live connections, oldest first. */
  public List<ProxiedConnection> connections() {
    lock.lock();
    try {
      return List.copyOf(live);
    } finally {
      lock.unlock();
    }
  }

  /** How many connections were accepted, refused ones included. */
  public int accepted() {
    return read(() -> accepted);
  }

  /** How many connections were refused by plan. */
  public int refused() {
    return read(() -> refused);
  }

  /** How many connections ended because the target did not answer. */
  public int unreachable() {
    return read(() -> unreachable);
  }

  /** How many connections were cut, by plan or by call. */
  public int cuts() {
    return read(() -> cuts);
  }

  /**
   * Waits until at least so many connections were accepted in all.
   *
   * @throws AssertionError if they were not when {@code patience} is over
   */
  public void awaitAccepted(int atLeast, Duration patience) throws InterruptedException {
    await(() -> accepted, atLeast, "accepted connections", patience);
  }

  /**
   * Waits until at least so many connections were cut in all.
   *
   * @throws AssertionError if they were not when {@code patience} is over
   */
  public void awaitCuts(int atLeast, Duration patience) throws InterruptedException {
    await(() -> cuts, atLeast, "cuts", patience);
  }

  private void await(Supplier<Integer> count, int atLeast, String what, Duration patience)
      throws InterruptedException {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (count.get() < atLeast) {
        if (left <= 0) {
          throw new AssertionError(
              "expected " + atLeast + " " + what + " within " + patience + ", got " + count.get());
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void acceptConnections(ServerSocket from) {
    try {
      while (true) {
        Socket socket = from.accept();
        ProxiedConnection connection = admit(socket);
        if (connection == null) {
          socket.setSoLinger(true, 0);
          socket.close();
        } else {
          connection.start();
        }
      }
    } catch (IOException e) {
      change(() -> failure = listening && !closed ? e : failure);
    }
  }

  /** Returns the new connection, or null if it is to be refused. */
  private @Nullable ProxiedConnection admit(Socket socket) {
    lock.lock();
    try {
      accepted++;
      changed.signalAll();
      FaultPlan next = nextPlans.poll();
      FaultPlan plan = next != null ? next : plans.get();
      if (plan.refuses() || closed) {
        refused++;
        return null;
      }
      ProxiedConnection connection =
          new ProxiedConnection(accepted, socket, targetPort, plan, owner);
      live.add(connection);
      return connection;
    } finally {
      lock.unlock();
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private <T> T read(Supplier<T> value) {
    lock.lock();
    try {
      return value.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends all connections and threads. Idempotent.
   *
   * @throws AssertionError if it had stopped to accept before, or a thread does not end
   */
  @Override
  public void close() throws IOException {
    change(() -> closed = true);
    stopListening();
    List<ProxiedConnection> ending =
        read(() -> Stream.concat(live.stream(), gone.stream()).collect(Collectors.toList()));
    ending.forEach(ProxiedConnection::abandon);
    for (ProxiedConnection connection : ending) {
      Threads.join(connection.threads(), PATIENCE);
    }
    lock.lock();
    try {
      if (failure != null) {
        throw new AssertionError("the proxy had stopped to accept", failure);
      }
    } finally {
      lock.unlock();
    }
  }
}
