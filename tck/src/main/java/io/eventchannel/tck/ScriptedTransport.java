package io.eventchannel.tck;

import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A transport without a network, for tests of an engine: each {@link #connect} waits as a {@link
 * ScriptedConnection} until the test takes it and says what happens on it. A test of reconnection
 * is then the list of what the network does next.
 *
 * <p>It also watches the engine: what breaks the contract of {@link Transport} or {@link
 * Connection} is kept as a failure, which {@link #assertExhausted} reports. Thread-safe.
 */
public final class ScriptedTransport implements Transport {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String name;
  private final Duration patience;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition connected = lock.newCondition();

  // All guarded by lock; the engine is never called under it.
  private final Queue<ScriptedConnection> untaken = new ArrayDeque<>();
  private final List<ScriptedConnection> connections = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private boolean lingering;
  private int networkChanges;
  private boolean closed;

  /** Creates a transport of that name, such as {@link Transport#SSE}. */
  public ScriptedTransport(String name) {
    this(name, PATIENCE);
  }

  /**
   * Creates a transport.
   *
   * @param patience how long, in real time, it waits for what the engine must do; zero if the
   *     test's own thread runs the engine
   */
  public ScriptedTransport(String name, Duration patience) {
    this.name = Objects.requireNonNull(name, "name");
    this.patience = Objects.requireNonNull(patience, "patience");
  }

  /**
   * Lets further connections live on when the engine closes or cancels them, until the test ends
   * them: so that a given-up connection can still tell something. Otherwise they end at once.
   *
   * @return this transport
   */
  public ScriptedTransport lingering() {
    lock.lock();
    try {
      lingering = true;
      return this;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Connection connect(ConnectRequest request, ConnectionListener listener) {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(listener, "listener");
    lock.lock();
    try {
      if (closed) {
        failures.add("connect after close of the transport: " + request);
      }
      ScriptedConnection connection =
          new ScriptedConnection(request, listener, patience, lingering, this::addFailure);
      connections.add(connection);
      untaken.add(connection);
      connected.signalAll();
      return connection;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void networkChanged() {
    lock.lock();
    try {
      networkChanges++;
    } finally {
      lock.unlock();
    }
  }

  /** How often the engine said that the network is another one. */
  public int networkChanges() {
    lock.lock();
    try {
      return networkChanges;
    } finally {
      lock.unlock();
    }
  }

  private void addFailure(String failure) {
    lock.lock();
    try {
      failures.add(failure);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the next attempt to connect.
   *
   * @throws AssertionError if none comes within the patience
   */
  public ScriptedConnection takeConnection() throws InterruptedException {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (untaken.isEmpty() && left > 0) {
        left = connected.awaitNanos(left);
      }
      ScriptedConnection next = untaken.poll();
      if (next == null) {
        throw new AssertionError(
            "expected an attempt to connect by " + name + " within " + patience + ", none came");
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** Checks that the engine makes no attempt that the test has not taken. */
  public void assertNoAttempt() {
    lock.lock();
    try {
      if (!untaken.isEmpty()) {
        throw new AssertionError(
            "expected no attempt to connect by " + name + ", got " + untaken.peek().request());
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many attempts there were, taken or not. */
  public int attempts() {
    lock.lock();
    try {
      return connections.size();
    } finally {
      lock.unlock();
    }
  }

  /** What broke the contract so far, in words; empty if nothing did. */
  public List<String> failures() {
    lock.lock();
    try {
      return List.copyOf(failures);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Checks that nothing is left over: every attempt was taken and has ended, every sent event was
   * taken, and the engine kept the contract.
   */
  public void assertExhausted() {
    List<ScriptedConnection> all;
    lock.lock();
    try {
      if (!failures.isEmpty()) {
        throw new AssertionError(
            failures.size() + " times the contract was broken; first: " + failures.get(0));
      }
      all = List.copyOf(connections);
    } finally {
      lock.unlock();
    }
    assertNoAttempt();
    all.forEach(ScriptedConnection::assertExhausted);
  }

  /** Whether the engine closed the transport. */
  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }
}
