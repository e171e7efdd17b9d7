package io.eventchannel.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The connections of a {@link LoadClient}, read by the one thread that takes the turns. */
final class ConnectionPool {
  private static final int BUFFER = 1 << 18;
  private static final int AT_ONCE = 500;
  private static final long PATIENCE_NANOS = 120_000_000_000L;
  private static final long SETTLE_NANOS = 300_000_000;
  private static final int TURN_MILLIS = 10;

  private final Selector selector = Selector.open();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private final Set<LoadConnection> open = new LinkedHashSet<>();
  private final Queue<Subscription> waiting = new ArrayDeque<>();
  private final LoadTarget target;
  private final Listener listener;
  private int atOnce = AT_ONCE;
  private int connecting;
  private int failed;
  private int closed;
  private long events;
  private long lastEventAt;
  private long readAt; // nanoseconds since 1970

  /** What a scenario is told, within a turn. */
  interface Listener {
    /**
     * An event has come.
     *
     * @param nanos since it was published
     */
    void onEvent(Subscription subscription, long seq, long nanos);

    /** A handshake has ended well; what came along with it has been told. */
    default void onOpen(Subscription subscription) {}

    /** The server ended the connection. */
    default void onClosed(Subscription subscription) {}
  }

  ConnectionPool(LoadTarget target, Listener listener) throws IOException {
    this.target = target;
    this.listener = listener;
  }

  /** From now on one connection is opened after the other, not many at once. */
  void oneByOne() {
    atOnce = 1;
  }

  /** Opens a connection for each, and waits for all of them. */
  void connect(Collection<Subscription> subscriptions) throws IOException {
    int wanted = open.size() + subscriptions.size();
    int failedBefore = failed;
    long began = System.nanoTime();
    connectLater(subscriptions);
    while (connecting > 0 || !waiting.isEmpty()) {
      turn();
      if (System.nanoTime() - began > PATIENCE_NANOS) {
        throw new IOException("only " + open.size() + " of " + wanted + " are open");
      }
    }
    if (failed > failedBefore) {
      throw new IOException(failed - failedBefore + " of " + wanted + " connections were refused");
    }
  }

  /** Opens a connection for each in the turns that follow. */
  void connectLater(Collection<Subscription> subscriptions) throws IOException {
    waiting.addAll(subscriptions);
    connectNext();
  }

  private void connectNext() throws IOException {
    while (connecting < atOnce && !waiting.isEmpty()) {
      LoadConnection.open(selector, target, waiting.remove(), this::onEvent);
      connecting++;
    }
  }

  Set<LoadConnection> open() {
    return open;
  }

  /** How many connections never came about. */
  int failed() {
    return failed;
  }

  /** How many the server ended. */
  int closed() {
    return closed;
  }

  /** How many events have come, whatever they are. */
  long events() {
    return events;
  }

  /** When the last one came, by {@link System#nanoTime}. */
  long lastEventAt() {
    return lastEventAt;
  }

  /** No more is read from the connection, which stays open. */
  void stopReading(LoadConnection connection) {
    connection.stopReading(selector);
  }

  /** Resets the connection. */
  void reset(LoadConnection connection) {
    open.remove(connection);
    connection.reset();
  }

  /** Closes all connections. */
  void closeAll() {
    open.forEach(LoadConnection::close);
    open.clear();
  }

  /** Goes on until then, or for so long at most; returns whether it was so. */
  boolean turnsUntil(BooleanSupplier done, long nanos) throws IOException {
    long began = System.nanoTime();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() - began > nanos) {
        return false;
      }
      turn();
    }
    return true;
  }

  /** Goes on for so long. */
  void turnsFor(long nanos) throws IOException {
    turnsUntil(() -> false, nanos);
  }

  /** Goes on until nothing has come for a while. */
  void settle() throws IOException {
    long began = System.nanoTime();
    while (System.nanoTime() - Math.max(began, lastEventAt) < SETTLE_NANOS) {
      turn();
    }
  }

  private void turn() throws IOException {
    selector.select(this::ready, TURN_MILLIS);
    connectNext();
  }

  private void ready(SelectionKey key) {
    LoadConnection connection = (LoadConnection) key.attachment();
    try {
      if (key.isConnectable()) {
        connection.connected(key);
        return;
      }
      Instant now = Instant.now();
      readAt = now.getEpochSecond() * 1_000_000_000L + now.getNano();
      if (connection.read(buffer)) {
        connecting--;
        open.add(connection);
        listener.onOpen(connection.subscription());
      }
    } catch (IOException e) {
      end(connection, e);
    }
  }

  private void end(LoadConnection connection, IOException cause) {
    connection.close();
    if (open.remove(connection)) {
      closed++;
      listener.onClosed(connection.subscription());
    } else {
      connecting--;
      failed++;
    }
    if (failed + closed == 1) {
      System.err.printf(
          "connection %d ended, further ones are not told: %s%n",
          connection.subscription().index, cause);
    }
  }

  private void onEvent(LoadConnection connection, long seq, long ts) {
    events++;
    lastEventAt = System.nanoTime();
    listener.onEvent(connection.subscription(), seq, readAt - ts);
  }
}
